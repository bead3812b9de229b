"""Laboratories: their reference ranges, and the import of their results into the forms of the protocol."""
