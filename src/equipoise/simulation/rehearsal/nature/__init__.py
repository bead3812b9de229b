"""Virtual bodies: who comes, what is found at each visit under each arm, what happens in between."""

from .nature import Course, End, Nature, Person, Record

__all__ = ["Course", "End", "Nature", "Person", "Record"]
