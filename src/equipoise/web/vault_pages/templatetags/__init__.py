"""Tags of the pages of the vault."""
