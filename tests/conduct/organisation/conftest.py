"""Records for the tests of the opening."""

from tests.servers import database

__all__ = ["database"]
