"""Oversight of the vault by people on the unblinded side: its own record, masked values, accounts, the list."""
