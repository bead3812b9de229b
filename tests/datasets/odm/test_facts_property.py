"""Facts as forms of ODM: every kind of fact, with whatever it can say, comes back as it was."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.datasets.odm.records import Record

from equipoise.conduct.door.chapters import FACTS
from equipoise.datasets.odm import facts
from equipoise.record.event import canonical

st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(datetime, st.datetimes(timezones=st.timezones()))


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_every_field_of_every_kind_comes_back(kind: str) -> None:
    @settings(max_examples=15)
    @given(st.from_type(FACTS[kind]))
    def holds(fact: Any) -> None:
        said = msgspec.json.decode(canonical(fact))
        again = {
            name: None
            if value is None
            else facts.field_from_xml(kind, name, facts.field_to_xml(kind, name, value))
            for name, value in said.items()
        }
        assert canonical(again) == canonical(fact)
        assert {f"IT.EQ.{kind}.{name}" for name in said} <= {oid for oid, _ in facts.fields_of(kind)}

    holds()


def test_types_are_those_that_odm_has() -> None:
    assert dict(facts.fields_of("VisitHeld")) == {
        "IT.EQ.VisitHeld.key": "text",
        "IT.EQ.VisitHeld.on": "date",
        "IT.EQ.VisitHeld.planned": "boolean",
        "IT.EQ.VisitHeld.in_window": "boolean",
        "IT.EQ.VisitHeld.from_paper": "text",
    }
    assert date.fromisoformat(facts.field_to_xml("VisitHeld", "on", "2026-03-02")) == date(2026, 3, 2)
    assert facts.describe("VisitHeld").startswith("A visit took place")
    assert Record().trial.sites["01"].zone == "Asia/Shanghai"
