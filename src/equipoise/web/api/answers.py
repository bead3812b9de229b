"""What is answered: JSON of plain data, pages of long lists, and one sentence where something is refused."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from django.http import HttpResponse
from ninja import Query

Row = TypeVar("Row")
LONGEST_PAGE = 200
Start = Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out from the beginning.")]
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="How many to give at most.")]


class Page(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """A part of a list: `total` is the length of the whole; `next` is the `start` of what follows, if anything."""

    rows: list[Row]
    total: int
    next: int | None


class Refusal(msgspec.Struct, frozen=True):
    """Why something was not done or shown: one sentence, or one a line."""

    error: str


def page_of(rows: Sequence[Row], start: int, limit: int) -> Page[Row]:
    """Cut a page out of a list."""
    end = start + limit
    return Page(rows=list(rows[start:end]), total=len(rows), next=end if end < len(rows) else None)


def as_json(content: Any, status: int = 200) -> HttpResponse:
    """Answer with JSON."""
    return no_store(HttpResponse(msgspec.json.encode(content), status=status, content_type="application/json"))


def as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    """Answer with a file."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return no_store(answer)


def no_store(answer: HttpResponse) -> HttpResponse:
    """Let nobody on the way keep an answer."""
    answer["Cache-Control"] = "no-store"
    return answer


def refused(status: int, sentence: str) -> HttpResponse:
    """Answer that something is refused."""
    answer = as_json(Refusal(sentence), status)
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if status == 429:
        answer["Retry-After"] = "900"
    return answer
