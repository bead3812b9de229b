"""How an endpoint is made: by token, for the roles of its question, at a standstill, its types in the document."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from ...conduct.access.questions import MEANINGS, QUESTIONS, Question
from ...errors import DataError, DecisionRefused
from ..shell.trial import running
from .access import Bearer, here_of, refuse
from .answers import as_json, refused

VERSION = "1"
LARGEST = 1 << 20
"""Bytes that the body of a request may have, unless its endpoint says otherwise."""
NOBODY = "there is no such thing, or it is not at your site"
Answer = TypeVar("Answer")
View = Callable[..., Any]

api = NinjaAPI(
    title="Equipoise",
    version=VERSION,
    description="The questions and steps of one trial, for programs: the same rules and words as on its pages.",
    auth=Bearer(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
ANSWERS: dict[str, Any] = {}
"""The type of the answer, by operation; a media type where it is a file."""
BODIES: dict[str, Any] = {}
"""The type of the body, by operation; the names of its files where it is a form."""
FOR: dict[str, tuple[str, ...]] = {}
"""The roles that may use an operation, where not all may."""


def reading(path: str, answers: Any, asks: Question | None = None) -> Callable[[View], View]:
    """Register an endpoint that shows something; `asks` is the question whose roles may see it."""

    def register(view: View) -> View:
        operation = view.__name__
        ANSWERS[operation] = answers
        if asks is not None:
            FOR[operation] = QUESTIONS[asks]

        @wraps(view)
        def shown(request: HttpRequest, **given: Any) -> HttpResponse:
            with running().door.still():
                let_in(request)
                if asks is not None:
                    require_role(request, QUESTIONS[asks], MEANINGS[asks])
                return as_json(view(request, **given))

        _register(api.get, path, operation, view.__doc__)(shown)
        return view

    return register


def doing(
    path: str, name: str, *, body: Any, answers: Any, roles: tuple[str, ...], largest: int = LARGEST
) -> Callable[[View], View]:
    """Register an endpoint that does something; its view gives the whole answer."""

    def register(view: View) -> View:
        ANSWERS[name], BODIES[name], FOR[name] = answers, body, roles

        @wraps(view)
        def done(request: HttpRequest, **given: Any) -> HttpResponse:
            with running().door.still():
                let_in(request)
            require_role(request, roles, name)
            if not request.auth.records:  # type: ignore[attr-defined]
                raise HttpError(403, "this token may only read; make one that may do steps")
            if int(request.META.get("CONTENT_LENGTH") or 0) > largest:
                raise HttpError(413, f"the body of this request has at most {largest:,} bytes")
            answer: HttpResponse = view(request, **given)
            return answer

        _register(api.post, path, name, view.__doc__)(done)
        return view

    return register


def _register(method: Any, path: str, operation: str, said: str | None) -> Callable[[View], View]:
    first, _, rest = (said or "").strip().partition("\n")
    registered: Callable[[View], View] = method(
        path,
        operation_id=operation,
        summary=first,
        description=" ".join(rest.split()) or None,
        response=None,
        url_name=operation,
    )
    return registered


def let_in(request: HttpRequest) -> None:
    """Say who acts, as the trial stands now; HttpError where the token's person no longer holds the role."""
    open_trial = running()
    looking = here_of(request.auth, open_trial, open_trial.door.trial)  # type: ignore[attr-defined]
    if looking is None:
        refuse(request)
    request.here = looking  # type: ignore[attr-defined]


def require_role(request: HttpRequest, roles: tuple[str, ...], what: str) -> None:
    """Raise HttpError unless the role of the token is one of these."""
    role = request.here.role  # type: ignore[attr-defined]
    if role not in roles:
        raise HttpError(403, f"{what}: this is for {', '.join(roles) or 'nobody'}. Got {role}")


@api.exception_handler(HttpError)
def _said(_: HttpRequest, error: HttpError) -> HttpResponse:
    return refused(error.status_code, str(error))


@api.exception_handler(Http404)
def _nobody(_: HttpRequest, _error: Http404) -> HttpResponse:
    return refused(404, NOBODY)


@api.exception_handler(PermissionDenied)
def _denied(_: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    return refused(403, "this is not for your role or your site")


@api.exception_handler(DecisionRefused)
@api.exception_handler(DataError)
def _refused(_: HttpRequest, error: Exception) -> HttpResponse:
    return refused(422, str(error))


@api.exception_handler(ValidationError)
def _malformed(_: HttpRequest, error: ValidationError) -> HttpResponse:
    return refused(400, "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors))


@api.exception_handler(Exception)
def _failed(_: HttpRequest, error: Exception) -> HttpResponse:
    logging.getLogger(__name__).error("an endpoint failed", exc_info=error)
    return refused(500, "something failed here; what was acknowledged before is stored, repeat with the same key")
