"""Supply inside the vault: what is in a kit, which kit an order gets, what was drawn from it."""
