"""The tables of a simulation."""
