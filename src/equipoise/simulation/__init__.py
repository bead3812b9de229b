"""Virtual participants drawn from what a protocol assumes."""
