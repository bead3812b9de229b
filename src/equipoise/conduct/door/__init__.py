"""The one way into the record: who asks for what, what is decided, and what follows from it."""
