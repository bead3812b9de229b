"""The pages of the vault as an application of Django."""

from django.apps import AppConfig


class VaultPagesConfig(AppConfig):
    """The pages of the vault; no other process than theirs knows them."""

    name = "equipoise.web.vault_pages"
    label = "vault_pages"
