"""Oversight of the vault: its own record, masked values, verification, the sealed list, the keys."""
