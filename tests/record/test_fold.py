"""State is a fold of the record; events of every old version are still understood."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from equipoise.errors import DataError
from equipoise.record import Event, Upcasters, canonical, fold

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


def weight_with_unit(payload: dict[str, Any]) -> dict[str, Any]:
    return {"weight": payload["kg"], "unit": "kg"}


def weight_as_quantity(payload: dict[str, Any]) -> dict[str, Any]:
    return {"weight": {"value": payload["weight"], "unit": payload["unit"]}}


UPCASTERS = Upcasters({("WeightMeasured", 1): weight_with_unit, ("WeightMeasured", 2): weight_as_quantity})


def event(sequence: int, kind: str, version: int, payload: object) -> Event:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    text = canonical(payload)
    return Event(
        sequence, at, "UTC", "a", "b", None, None, kind, version, text, None, "r", 1, bytes(32), bytes(32)
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_sample_of_each_version_reads_as_it_would_be_written_now(sample: Path) -> None:
    stored = msgspec.json.decode(sample.read_bytes())
    lifted = UPCASTERS.lift(event(1, stored["kind"], stored["version"], stored["payload"]))
    assert lifted.version == UPCASTERS.present(stored["kind"]) == 3
    assert msgspec.json.decode(lifted.payload) == stored["now"]


def test_there_is_a_sample_of_every_version() -> None:
    versions = {msgspec.json.decode(sample.read_bytes())["version"] for sample in SAMPLES}
    assert versions == set(range(1, UPCASTERS.present("WeightMeasured") + 1))


def test_a_lifted_event_keeps_all_but_version_and_payload() -> None:
    old = event(7, "WeightMeasured", 1, {"kg": "61.5"})
    new = UPCASTERS.lift(old)
    assert msgspec.structs.replace(new, version=old.version, payload=old.payload) == old
    assert new.payload == '{"weight":{"unit":"kg","value":"61.5"}}'


def test_a_kind_that_never_changed_is_of_version_one_and_passes_as_it_is() -> None:
    plain = event(1, "ConsentSigned", 1, {})
    assert UPCASTERS.present("ConsentSigned") == 1
    assert UPCASTERS.lift(plain) is plain


def test_an_event_of_a_newer_program_is_refused() -> None:
    with pytest.raises(DataError, match=r"event 7 \(WeightMeasured\) .* newer program.* Got version 4"):
        UPCASTERS.lift(event(7, "WeightMeasured", 4, {}))


@pytest.mark.parametrize("versions", [[2], [1, 3], [0]])
def test_upcasters_leave_no_version_out(versions: list[int]) -> None:
    with pytest.raises(ValueError, match="without a gap"):
        Upcasters({("A", version): dict for version in versions})


def test_the_state_is_that_after_each_event_in_its_order() -> None:
    events = [event(number, "A", 1, {"n": number}) for number in (1, 2, 3)]

    def evolve(state: tuple[int, ...], one: Event) -> tuple[int, ...]:
        return (*state, one.sequence)

    assert fold((), events, evolve) == (1, 2, 3)
    assert fold(fold((), events[:2], evolve), events[2:], evolve) == fold((), events, evolve)


def test_events_are_lifted_one_after_the_other() -> None:
    events = [event(1, "WeightMeasured", 1, {"kg": "60"}), event(2, "WeightMeasured", 3, {"weight": {}})]
    assert [one.version for one in UPCASTERS.lift_all(events)] == [3, 3]
