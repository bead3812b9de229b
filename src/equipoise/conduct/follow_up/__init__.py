"""What happens after entry: visits, infusions, deviations, leaving."""
