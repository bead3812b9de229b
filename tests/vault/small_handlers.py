"""Handlers of a small vault for the tests of its process, which imports them by this file's plain name."""

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: str


class Leak(msgspec.Struct, frozen=True):
    number: str
    arm: str


def double(number: Decimal) -> Decimal:
    return number * 2


def slip() -> Slip:
    return Leak("B-1", "placebo")  # type: ignore[return-value]


def arm() -> str:
    return "placebo"


def fail() -> str:
    raise KeyError("placebo")


def refuse(error: str) -> str:
    raise {"refused": DecisionRefused, "data": DataError, "corrupt": RecordCorrupt}[error](f"{error} on purpose")


def number_of_process() -> int:
    return os.getpid()


def small_handlers() -> dict[str, Callable[..., Any]]:
    return {one.__name__: one for one in (double, slip, arm, fail, refuse, number_of_process)}


def no_handlers() -> dict[str, Callable[..., Any]]:
    raise DecisionRefused("the key of the vault does not open")
