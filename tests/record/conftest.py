"""Records for the tests of the record."""

from tests.servers import crash_server, database, each_database

__all__ = ["crash_server", "database", "each_database"]
