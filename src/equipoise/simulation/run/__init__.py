"""Runs many trials: chunk by chunk, on any number of workers, stopped and resumed at will."""
