"""A form of a participant: filled in by keyboard alone, judged as typed and again at the door, with history."""
