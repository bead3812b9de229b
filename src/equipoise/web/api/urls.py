"""The addresses of the interface for programs: below /api/v1/ by token, the others are pages for people."""

from django.http import Http404, HttpRequest
from django.urls import path

from . import pages
from .document import document
from .endpoint import api, reading
from .endpoints import exports, laboratory, participants, quality, received, steps, trial

__all__ = ["exports", "laboratory", "participants", "quality", "received", "steps", "trial", "urlpatterns"]


@reading("/openapi.json", dict)
def openapi(request: HttpRequest) -> object:  # noqa: ARG001  django-ninja knows it by name
    """Give this document."""
    return document()


@api.api_operation(["GET", "POST"], "/{path:rest}", include_in_schema=False)
def nothing(request: HttpRequest, rest: str) -> None:  # noqa: ARG001  django-ninja knows it by name
    """Answer for every other address."""
    raise Http404(rest)


urlpatterns = [
    path("", pages.overview, name="api_overview"),
    path("openapi.json", pages.openapi, name="api_document"),
    path("tokens/", pages.tokens, name="api_tokens"),
    path("tokens/<int:number>/revoke/", pages.revoke, name="api_revoke"),
    path("v1/", api.urls),
]
