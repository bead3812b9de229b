"""The accounts as an application of Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts: the only tables of the portal, with sessions and second factors."""

    name = "equipoise.web.accounts"
    label = "accounts"
