"""The frame of all pages as an application of Django."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The frame of all pages."""

    name = "equipoise.web.shell"
    label = "shell"
