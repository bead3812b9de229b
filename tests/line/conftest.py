"""The vault's own fixtures: a server with its tables, and what its ceremony held."""

from tests.servers import database, each_database
from tests.vault.conftest import each_vault_server, held, trial, vault_server

__all__ = ["database", "each_database", "each_vault_server", "held", "trial", "vault_server"]
