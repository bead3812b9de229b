"""An empty database on the server of the wheel."""

from tests.servers import database

__all__ = ["database"]
