"""What the pages have beside them: the vault's own process at the end of a line, and threads for long work."""
