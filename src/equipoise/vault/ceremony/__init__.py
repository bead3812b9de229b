"""Before the first participant: the list is made, sealed and committed to, and nobody alone can open it."""
