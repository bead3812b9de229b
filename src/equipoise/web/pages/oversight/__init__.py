"""The pages of oversight: safety, statistics, data cuts and exports, closing."""
