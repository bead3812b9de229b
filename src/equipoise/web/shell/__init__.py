"""What every page shares: settings, addresses, who is here, the frame around the page."""
