"""The pages of the vault: what the unblinded pharmacy does, and the code of one participant in an emergency."""
