"""The paper pack of a running trial's site: what the blinded side knows of it at a moment."""
