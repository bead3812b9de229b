"""Supply as a site sees it: shipments, kits by number and state, returns, the check of a prepared dose."""
