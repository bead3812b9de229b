"""Commands before the first participant."""
