"""The pages of a site as an application of Django, so that its templates are found."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The pages of a site."""

    name = "equipoise.web.pages.site"
    label = "site_pages"
