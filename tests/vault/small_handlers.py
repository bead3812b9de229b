"""Handlers for the tests of the vault's process, which imports them by this file's plain name."""

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import psycopg

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.protocol import Protocol
from equipoise.vault.ceremony.holders import WrappedKey, unwrap_key
from equipoise.vault.service import Vault


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


def vault_handlers(
    url: str, wrapped: WrappedKey, passphrases: list[str], protocol: Protocol
) -> dict[str, Callable[..., Any]]:
    key = unwrap_key(wrapped, passphrases)
    vault = Vault(lambda: psycopg.connect(url, autocommit=True), key, wrapped, protocol)
    steps = ("places", "prepare_dose", "show_preparation", "break_code", "unblind_all")
    return {name: getattr(vault, name) for name in steps}
