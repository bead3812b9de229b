"""What the vault answers for laboratories, by name: it takes in, and tells nothing."""

from collections.abc import Callable
from typing import Any

from ...conduct.laboratory.results import ResultsImported
from ...record import Stamp
from ...vault.laboratory.desk import LaboratoryDesk, SentResult
from ...vault.service import Vault

BLINDED = ("enter_results",)
"""Handlers of the blinded door."""


def laboratory_handlers(vault: Vault) -> dict[str, Callable[..., Any]]:
    """Give what a vault answers for laboratories."""
    desk = LaboratoryDesk(vault)

    def enter_results(
        stamp: Stamp,
        site: str | None,  # noqa: ARG001  who asks must hold the role there (`access/at_the_vault.py`)
        imported: str,
        file: str,
        results: list[SentResult],
    ) -> None:
        desk.enter_results(stamp, imported, file, results)

    return {enter_results.__name__: enter_results}


def read_imported(vault: Vault) -> frozenset[str]:
    """Read which files the trial's record says were imported, by the hash of their content."""
    with vault.reading() as connection:
        rows = connection.execute(
            "SELECT payload::jsonb ->> 'content' FROM record.event WHERE kind = %s", (ResultsImported.__name__,)
        )
        return frozenset(content for (content,) in rows)
