"""Reports of safety: one case for an authority, blinded or not, and the pages of the safety board."""
