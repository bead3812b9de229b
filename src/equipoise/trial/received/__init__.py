"""Clinical data that another system sends as a file."""
