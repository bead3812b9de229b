"""The pages of sponsor and administrator as an application of Django, so that their templates are found."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The pages of sponsor and administrator."""

    name = "equipoise.web.pages.organisation"
    label = "organisation_pages"
