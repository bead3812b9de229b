"""Access where both sides meet: who may ask the vault, identities that are shown, masked values, who has roles."""
