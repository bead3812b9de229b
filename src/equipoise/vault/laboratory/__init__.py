"""What the vault keeps of the results that a laboratory sends."""
