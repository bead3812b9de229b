"""The interface for programs as an application of Django, so that its templates are found."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The interface for programs."""

    name = "equipoise.web.api"
    label = "api"
