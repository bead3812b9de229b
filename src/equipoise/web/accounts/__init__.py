"""Accounts of the portal: who may log in. Who somebody is, and in which role, stands in the trial's record."""
