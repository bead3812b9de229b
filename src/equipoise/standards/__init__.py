"""Words, codes, units and gradings of others, kept as data with version and licence."""
