"""Supply on the blinded side: where cartons and their kits are, and the steps from an order to a checked bag."""
