"""Supply where both sides of the blind have to work together: steps, the vault's handlers, the guard of the stock."""
