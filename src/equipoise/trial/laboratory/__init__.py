"""Files of laboratories: read with their manifest, imported as a whole, with what only the vault may keep."""
