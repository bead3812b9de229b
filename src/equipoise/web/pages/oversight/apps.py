"""The pages of oversight as an application of Django, so that its templates are found."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """The pages of oversight."""

    name = "equipoise.web.pages.oversight"
    label = "oversight_pages"
