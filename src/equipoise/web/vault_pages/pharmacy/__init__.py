"""The unblinded pharmacy: preparations, stock, lots, shipments, returns."""
