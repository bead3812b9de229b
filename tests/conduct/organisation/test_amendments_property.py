"""Changes between two versions have a kind, and what the record cannot follow is refused in a sentence."""

from datetime import date

import pytest

from equipoise.conduct.door.state import FormEntry, Participant, Trial, Value, Visit
from equipoise.conduct.organisation.amendments import Kind, classify_changes, count_kinds, refusals
from equipoise.conduct.organisation.joined import join_versions
from equipoise.protocol import Protocol, parse_protocol
from equipoise.protocol.read import SHIPPED

TEXT = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
W60 = "W60: {label: {en: Week 60, zh: 第60周}, week: 60, window: 14 d}"
WEIGHT = next(line.strip() for line in TEXT.splitlines() if line.strip().startswith("weight: {label: {en: Weight"))
NEW_ITEM = f"{WEIGHT}\n      waist: {{label: {{en: Waist, zh: 腰围}}, unit: cm, required: false, testcd: WSTCIR}}"
DAY = date(2026, 3, 2)


def amended(*changes: tuple[str, str]) -> Protocol:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_protocol(text)


def holding(visit: str, form: str, **values: float | str) -> Trial:
    """A trial in which one participant has one form."""
    entry = FormEntry(
        form=form, visit=visit, repeat=1, on=DAY, values={n: Value(value=v) for n, v in values.items()}
    )
    person = Participant(id="01-001", site="01", screened_on=DAY, protocol="a" * 64)
    person.forms[f"{visit}/{form}/1"] = entry
    person.visits[visit] = Visit(name=visit, on=DAY)
    return Trial(participants={"01-001": person})


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ((W60, W60.replace("14 d", "20 d")), {"collected data": 1}),
        ((WEIGHT, NEW_ITEM), {"re-consent": 1}),
        ((WEIGHT, WEIGHT.replace("en: Weight", "en: Body weight")), {"harmless": 1}),
        ((WEIGHT, WEIGHT.replace("[30, 200]", "[30, 180]")), {"collected data": 1}),
    ],
)
def test_a_change_has_a_kind(inr: Protocol, change: tuple[str, str], kinds: dict[Kind, int]) -> None:
    assert count_kinds(classify_changes(inr, amended(change))) == kinds


def test_the_gravest_changes_come_first(inr: Protocol) -> None:
    changes = classify_changes(inr, amended((WEIGHT, NEW_ITEM), (W60, W60.replace("14 d", "20 d"))))
    assert [one.kind for one in changes] == ["collected data", "re-consent"]


def test_an_item_that_holds_values_stays_what_it_is(inr: Protocol) -> None:
    gone, other = _with_height(inr, None), _with_height(inr, {"unit": "mm"})
    (said,) = refusals(inr, gone, holding("W0", "vitals", height=170.0))
    assert said.startswith("item height of form vitals (Vital signs) holds 1 values and cannot be removed")
    assert refusals(inr, gone, holding("W0", "vitals", weight=61.0)) == ()
    (said,) = refusals(inr, other, holding("W0", "vitals", height=170.0))
    assert said.endswith("values of unit cm; add a new item for the other. Got mm")


def test_a_visit_that_was_held_stays(inr: Protocol) -> None:
    (said,) = refusals(inr, _without_w60(inr), holding("W60", "vitals", weight=61.0))
    assert said == "visit W60 was held or missed already and cannot be removed; put it back"
    assert refusals(inr, _without_w60(inr), holding("W0", "vitals", weight=61.0)) == ()


def test_under_a_sealed_list_allocation_blind_and_doses_stay(inr: Protocol) -> None:
    low = inr.arms["low"].model_copy(update={"ratio": 2})
    other = Protocol.model_construct(**{**dict(inr), "arms": {**inr.arms, "low": low}})
    assert refusals(inr, other, Trial()) == ()
    (one,) = refusals(inr, other, Trial(list_hash="ab" * 32))
    assert one.startswith("arms is kept by the sealed list and the vault")
    name, product = next(iter(inr.interventions.items()))
    for changes, reached in (({"label": "Cells"}, True), ({"rounding": "down to 1e6 cells"}, False)):
        told = {**inr.interventions, name: product.model_copy(update=changes)}
        newer = Protocol.model_construct(**{**dict(inr), "interventions": told})
        said = refusals(inr, newer, Trial(list_hash="ab" * 32))
        assert (said == ()) is reached


def test_joined_versions_have_what_only_an_older_one_has_and_the_newest_meaning(inr: Protocol) -> None:
    assert join_versions([inr, inr]) is inr
    newer = _without_w60(amended((WEIGHT, NEW_ITEM)))
    joined = join_versions([inr, newer])
    assert list(joined.schedule.visits) == list(inr.schedule.visits)
    assert "waist" in joined.items
    assert join_versions([newer, inr]).forms["vitals"].items.keys() == joined.forms["vitals"].items.keys()


def _without_w60(protocol: Protocol) -> Protocol:
    visits = {name: visit for name, visit in protocol.schedule.visits.items() if name != "W60"}
    schedule = protocol.schedule.model_copy(update={"visits": visits})
    return Protocol.model_construct(**{**dict(protocol), "schedule": schedule})


def _with_height(protocol: Protocol, changed: dict[str, str] | None) -> Protocol:
    """Return the protocol with the item changed; None takes it out."""
    form = protocol.forms["vitals"]
    items = dict(form.items)
    height = items.pop("height")
    if changed is not None:
        items["height"] = height.model_copy(update=changed)
    forms = {**protocol.forms, "vitals": form.model_copy(update={"items": items})}
    return Protocol.model_construct(**{**dict(protocol), "forms": forms})
