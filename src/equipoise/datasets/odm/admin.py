"""Who and where: users, locations and the meanings of signatures, as the audit records of ODM refer to them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...conduct.door.state import Trial
from ...errors import DataError
from ...record.event import Event
from .names import location_oid, user_oid, version_oid
from .text import to_xml

if TYPE_CHECKING:
    from odmlib.odm_1_3_2 import model

_TYPES: Mapping[str, str] = {
    "sponsor": "Sponsor",
    "monitor": "Sponsor",
    "data manager": "Sponsor",
    "medical monitor": "Sponsor",
    "investigator": "Investigator",
    "laboratory": "Lab",
}
"""Type of a user by role; every other role is of the type Other."""

LEGAL = "21 CFR 11.50 and 11.70: signed by name, date, time and meaning, bound to the hash of the signed data"


def admin_element(trial: Trial, events: Iterable[Event], meanings: Mapping[str, str]) -> "model.AdminData":
    """Return users, locations and signature definitions for these events.

    meanings: OID of a signature's definition by its meaning. Raises DataError for an event of a site that the
    trial does not have.
    """
    from odmlib.odm_1_3_2 import model

    users: dict[tuple[str, str], str | None] = {}
    places: dict[tuple[str, str], None] = {}
    for event in events:
        if event.site not in trial.sites:
            raise DataError(f"event {event.sequence} belongs to no site of the trial. Got {event.site}")
        users.setdefault((event.actor, event.role), event.site)
        places[event.site, event.zone] = None
    return model.AdminData(
        StudyOID=trial.trial,
        User=[_user(trial, person, role) for person, role in sorted(users)],
        Location=[_location(trial, site, zone) for site, zone in sorted(places)],
        SignatureDef=[
            model.SignatureDef(
                OID=oid,
                Methodology="Electronic",
                Meaning=model.Meaning(_content=to_xml(meaning)),
                LegalReason=model.LegalReason(_content=LEGAL),
            )
            for meaning, oid in meanings.items()
        ],
    )


def _user(trial: Trial, person: str, role: str) -> "model.User":
    from odmlib.odm_1_3_2 import model

    known = trial.people.get(person)
    return model.User(
        OID=to_xml(user_oid(person, role)),
        UserType=_TYPES.get(role, "Other"),
        LoginName=model.LoginName(_content=to_xml(person)),
        DisplayName=model.DisplayName(_content=to_xml(f"{person if known is None else known.name} ({role})")),
        FullName=model.FullName(_content=to_xml(person if known is None else known.name)),
    )


def _location(trial: Trial, site: str, zone: str) -> "model.Location":
    from odmlib.odm_1_3_2 import model

    known = trial.sites[site]
    return model.Location(
        OID=location_oid(site, zone),
        Name=to_xml(f"{site} {known.name}"),
        LocationType="Site",
        MetaDataVersionRef=[
            model.MetaDataVersionRef(
                StudyOID=trial.trial, MetaDataVersionOID=version_oid(version), EffectiveDate=str(since)
            )
            for version, since in known.versions.items()
        ],
    )
