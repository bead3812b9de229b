"""Records and databases for the tests of what runs inside a transaction."""

from tests.servers import database

__all__ = ["database"]
