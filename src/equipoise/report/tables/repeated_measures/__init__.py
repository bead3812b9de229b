"""Tables of analyses that take every visit of a participant together."""
