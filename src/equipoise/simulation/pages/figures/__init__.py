"""The figures of a simulation."""
