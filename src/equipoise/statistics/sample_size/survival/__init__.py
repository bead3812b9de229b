"""Sample size and power for times to an event."""
