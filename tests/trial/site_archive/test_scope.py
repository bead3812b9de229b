"""Which events a site may see."""

from typing import Any

from tests.datasets.odm.records import Record

from equipoise.trial.site_archive.scope import seen_by_site


def seen(record: Record, site: str = "01") -> list[tuple[str, Any]]:
    numbers = seen_by_site(record.events, site)
    return [(event.kind, event.site) for event in record.events if event.sequence in numbers]


def a_record() -> Record:
    """A record with a second site, whose people and laboratory are its own."""
    record = Record()
    other = {"site": "02", "name": "Other", "country": "DEU", "zone": "Europe/Berlin"}
    record.add("SiteOpened", other, site="02")
    for person, site in (("schmidt", "02"), ("wang", "01"), ("zhao", None)):
        record.add("PersonEntered", {"person": person, "name": person.title()})
        grant = {"person": person, "role": "monitor", "since": "2026-01-01", "training": "seen"}
        record.add("RoleGranted", {**grant, **({"site": site} if site else {})}, site=site)
    return record


def test_a_site_sees_its_own_people_those_for_all_sites_and_who_recorded_something() -> None:
    record = a_record()
    numbers = seen_by_site(record.events, "01")
    people = [
        event.payload for event in record.events if event.kind == "PersonEntered" and event.sequence in numbers
    ]
    assert [said.split('"')[7] for said in people] == ["li", "wang", "zhao"]
    assert ("SiteOpened", "02") not in seen(record)
    assert ("SiteOpened", "02") in seen(record, "02")


def test_a_site_sees_the_laboratories_that_work_for_it() -> None:
    record = a_record()
    for laboratory, sites in (("central", []), ("own", ["01"]), ("foreign", ["02"])):
        said = {"laboratory": laboratory, "name": laboratory, "zone": "UTC", **({"sites": sites} if sites else {})}
        record.add("LaboratoryEntered", said)
        record.add("ReferenceRangesSet", {"laboratory": laboratory, "ranges": []})
    assert [kind for kind, _ in seen(record)].count("LaboratoryEntered") == 2
    assert [kind for kind, _ in seen(record)].count("ReferenceRangesSet") == 2
    assert [kind for kind, _ in seen(record, "02")].count("ReferenceRangesSet") == 2


def test_a_kind_that_nobody_has_named_stays_hidden() -> None:
    record = a_record()
    record.add("AccessAttested", {"held": {}})
    assert ("AccessAttested", None) not in seen(record)
    assert ("ProtocolIssued", None) in seen(record)
