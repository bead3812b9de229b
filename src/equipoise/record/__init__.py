"""The record: a book of events that is only added to, chained by hashes; no clinical word in it."""

from equipoise.record.book import Book, Turn
from equipoise.record.event import Draft, Event, Head, Stamp, canonical, hash_event
from equipoise.record.schema import create_book
from equipoise.record.server import ROLES, Role, Server, open_server, role_name

__all__ = [
    "ROLES",
    "Book",
    "Draft",
    "Event",
    "Head",
    "Role",
    "Server",
    "Stamp",
    "Turn",
    "canonical",
    "create_book",
    "hash_event",
    "open_server",
    "role_name",
]
