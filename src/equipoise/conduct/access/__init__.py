"""Access: who may look at what, and the events that this leaves: identities read, passwords, attestations."""
