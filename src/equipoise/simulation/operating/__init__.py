"""What a design does over many trials: power, errors, bias, size and duration, each with its Monte Carlo error."""
