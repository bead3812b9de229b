"""The pages of blinded supply as an application of Django, so that their templates are found."""

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    """The pages of blinded supply."""

    name = "equipoise.web.pages.supply"
    label = "supply_pages"
