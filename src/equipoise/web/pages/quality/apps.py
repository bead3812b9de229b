"""The pages of data quality as an application of Django, so that its templates are found."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """The pages of data quality."""

    name = "equipoise.web.pages.quality"
    label = "quality_pages"
