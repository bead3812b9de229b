"""The record: a book of events that is only added to, chained by hashes; no clinical word in it."""

from equipoise.record.anchor import (
    Anchor,
    check_anchors,
    check_heads,
    read_anchors,
    read_witness_line,
    witness_line,
    write_anchor,
)
from equipoise.record.backup import back_up, restore
from equipoise.record.book import Book, Turn
from equipoise.record.checkpoint import read_checkpoint, write_checkpoint
from equipoise.record.event import Draft, Event, Head, Stamp, canonical, hash_event
from equipoise.record.fold import Upcasters, fold
from equipoise.record.gate import Gate, open_gate, read_gate, require_open_gate, shut_gate, shut_gate_if_behind
from equipoise.record.lines import fill_book, read_lines, read_title, verify_lines, write_lines, write_parquet
from equipoise.record.schema import create_book
from equipoise.record.server import ROLES, Role, Server, open_embedded, open_server, role_name
from equipoise.record.verify import verify_book, verify_chain

__all__ = [
    "ROLES",
    "Anchor",
    "Book",
    "Draft",
    "Event",
    "Gate",
    "Head",
    "Role",
    "Server",
    "Stamp",
    "Turn",
    "Upcasters",
    "back_up",
    "canonical",
    "check_anchors",
    "check_heads",
    "create_book",
    "fill_book",
    "fold",
    "hash_event",
    "open_embedded",
    "open_gate",
    "open_server",
    "read_anchors",
    "read_checkpoint",
    "read_gate",
    "read_lines",
    "read_title",
    "read_witness_line",
    "require_open_gate",
    "restore",
    "role_name",
    "shut_gate",
    "shut_gate_if_behind",
    "verify_book",
    "verify_chain",
    "verify_lines",
    "witness_line",
    "write_anchor",
    "write_checkpoint",
    "write_lines",
    "write_parquet",
]
