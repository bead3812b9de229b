"""Amendments of a running trial: the dry run, the issue of the new version, and what is told of it."""
