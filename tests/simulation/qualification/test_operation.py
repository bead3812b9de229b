"""The operational qualification: it passes on a sound installation, and finds each guard that was taken out."""

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from tests.invariants.mutation import drop_trigger, forget_keys

from equipoise.record import Server
from equipoise.report.evidence import Check, carry_out
from equipoise.simulation.qualification.bench import Bench, database_url, set_up_bench
from equipoise.simulation.qualification.operation import Operation
from equipoise.simulation.qualification.reference import CHECKS
from equipoise.simulation.qualification.requirements import OPERATION, plan_operation

CONDUCT = len(OPERATION)


@pytest.fixture
def bench(database: Server) -> Iterator[Bench]:
    with database_url(database.admin_url), set_up_bench() as bench:
        yield bench


def qualify(bench: Bench, *, first: int = CONDUCT + len(CHECKS)) -> dict[str, Check]:
    """Carry out the first checks; return them by the name of their test, or the kind of statistics."""
    operation = Operation(bench)
    names = [*(name for name, *_ in OPERATION), *CHECKS]
    planned = list(plan_operation(lambda: operation))
    assert len(planned) == len(names)
    return {name: carry_out(*one) for name, one in list(zip(names, planned, strict=True))[:first]}


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.failure for name, check in checks.items() if not check.passed}


def test_a_sound_installation_passes_every_check_of_operation(bench: Bench) -> None:
    found = qualify(bench)
    assert not failed(found)
    assert all(check.evidence and check.sources for check in found.values())
    assert found["keep_events"].evidence["statements refused"] == "24"


def sabotage_database(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "refuse_change", "record.event")
    admin.execute("GRANT UPDATE ON record.event TO equipoise_conduct")
    drop_trigger(admin, "refuse_locked", "record.event")
    admin.execute("GRANT SELECT ON vault.slot TO equipoise_conduct")


def midnight_in_utc(day: date, _: str) -> datetime:
    return datetime.combine(day, time(), UTC)


def test_each_guard_that_was_taken_out_is_found_and_nothing_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = bench.running.server.connect_admin()
    sabotage_database(admin)
    admin.close()
    nothing: Callable[..., None] = lambda *_, **__: None  # noqa: E731
    monkeypatch.setattr("equipoise.record.verify.hash_event", lambda event: event.hash)
    monkeypatch.setattr("equipoise.conduct.closing.signatures.canonical", lambda _: "the same")
    monkeypatch.setattr("equipoise.conduct.forms.entry.require_reason", nothing)
    monkeypatch.setattr("equipoise.conduct.safety.clocks.start_of_day", midnight_in_utc)
    monkeypatch.setitem(importlib.import_module("equipoise.vault.doses")._MODES, "half up", ROUND_HALF_EVEN)
    found = failed(qualify(bench, first=CONDUCT - 1))
    assert list(found) == [
        *("keep_events", "keep_blind", "detect_tampering", "break_signature", "require_reason"),
        *("lock_scope", "bound_doses", "run_clocks"),
    ]
    assert found["keep_events"].endswith("UPDATE record.event SET actor = 'x'")
    assert 'SELECT FROM vault."slot"' in found["keep_blind"]
    assert found["lock_scope"].endswith("(QG001). Got stored")
    assert found["require_reason"] == "what must be refused was done"


def test_a_request_that_is_not_known_again_is_found(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_keys(monkeypatch)
    found = qualify(bench, first=2)
    assert found["allocate_at_once"].passed is False
    assert found["repeat_requests"].failure == "nobody could be allocated before"


@pytest.mark.parametrize(
    ("module", "function", "broken", "names"),
    [
        ("linear.t_test", "_sum_of_squares", lambda *_: 1.0, "Means and sizes"),
        ("categorical.cochran_mantel_haenszel", "_quadratic", lambda *_: (1.0, 1), "Tables of counts"),
    ],
)
def test_a_statistical_method_that_is_broken_is_found(
    module: str, function: str, broken: Any, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module(f"equipoise.statistics.{module}"), function, broken)
    checks = {name: carry_out(Check("OQ", "", "", ""), test) for name, test in CHECKS.items()}
    assert list(failed(checks)) == [names]
    assert "is published as" in failed(checks)[names]
