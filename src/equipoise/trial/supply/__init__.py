"""Supply where both sides of the blind work together: steps, the handlers of the vault, the guard of the stock."""
