"""The state of a trial: what follows from the events so far, and nothing else.

Only `evolve` functions change it. It is plain data, so that a checkpoint can hold it: the trial as a whole, and
each participant on their own.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

Scalar = float | int | str | None
"""A value as it is recorded: a number, or a text (codes, Y or N, dates and times in ISO 8601)."""


class Site(msgspec.Struct, kw_only=True):
    """A site: `zone` is its IANA time zone, `versions` the protocol versions it may work on, with the date."""

    name: str
    country: str
    zone: str
    versions: dict[str, date] = {}
    closed_on: date | None = None


class Grant(msgspec.Struct, kw_only=True):
    """A role of a person, at one site or (None) at all, from a day on; `until` is the first day without it."""

    role: str
    site: str | None
    since: date
    until: date | None = None


class Person(msgspec.Struct, kw_only=True):
    """A person who works on the trial, with every role ever held."""

    name: str
    grants: list[Grant] = []


class ConsentDocument(msgspec.Struct, kw_only=True):
    """A version of the consent form in one language at one site, valid from a day on."""

    document: str
    language: str
    site: str
    protocol: str
    valid_from: date
    renew: bool = False


class Consent(msgspec.Struct, kw_only=True):
    """A consent as signed."""

    document: str
    language: str
    signed_on: date


class Eligibility(msgspec.Struct, kw_only=True):
    """The verdict on the criteria; `not_met` are the ids of those that keep the person out.

    inputs: by name, the values that the rules looked at; rules: the hash of the criteria as they stood.
    """

    eligible: bool
    assessed_at: datetime
    not_met: tuple[str, ...] = ()
    inputs: dict[str, Scalar] = {}
    rules: str = ""


class Allocation(msgspec.Struct, kw_only=True):
    """A participant's place: the randomisation number, the stratum used, and the stratum that is true."""

    number: str
    stratum: str
    strata: dict[str, str]
    at: datetime
    true_strata: dict[str, str] | None = None


class Visit(msgspec.Struct, kw_only=True):
    """A visit as it was held (`on`) or missed (`missed` says why); `name` is None for an unscheduled one.

    protocol: the version by whose window it is judged, that of the participant when it was recorded.
    """

    name: str | None
    on: date | None = None
    missed: str | None = None
    in_window: bool = True
    protocol: str = ""


class Value(msgspec.Struct, kw_only=True, gc=False):
    """The present value of an item: `missing` is the code of why there is none, `entered` how it was typed."""

    value: Scalar = None
    missing: str | None = None
    entered: str | None = None
    changes: int = 0


class Specimen(msgspec.Struct, frozen=True, kw_only=True):
    """What a laboratory has measured of a record: `items`, from the specimen of an accession number.

    collected: when it was taken, as the clock at the site showed it.
    """

    laboratory: str
    accession: str
    collected: str
    items: tuple[str, ...]


class FormEntry(msgspec.Struct, kw_only=True):
    """A form as it stands: `raised` are the ids of edit checks that do not hold.

    sequence, by: the last event on it, and the person whose it was. protocol: the version under which it was first
    filled in, by which it goes on being judged. writers: all who have saved it. specimens: by item, where a
    laboratory has sent its value. entered_on: day of the first entry, at the site. written_on, paper: when and why
    it was written on paper first. late: why it was entered late.
    """

    form: str
    visit: str
    repeat: int
    on: date
    values: dict[str, Value] = {}
    raised: tuple[str, ...] = ()
    sequence: int = 0
    by: str = ""
    writers: tuple[str, ...] = ()
    removed: str | None = None
    protocol: str = ""
    specimens: dict[str, Specimen] = {}
    entered_on: date | None = None
    written_on: datetime | None = None
    paper: str | None = None
    late: str | None = None


class Infusion(msgspec.Struct, kw_only=True):
    """An infusion as ordered, with the bag that the pharmacy gave out; nothing in it depends on the arm.

    carton, kit, prepared_*, checked_by: how the dose was prepared, where the product is given from kits.
    """

    order: str
    visit: str
    weight_kg: str
    weighed_on: date
    bag: str | None = None
    volume: str | None = None
    carton: str | None = None
    kit: str | None = None
    prepared_by: str | None = None
    prepared_at: datetime | None = None
    prepared_bag: str | None = None
    checked_by: str | None = None


class Leaving(msgspec.Struct, kw_only=True):
    """How something ended: on which day and why (a code of the protocol's form)."""

    on: date
    why: str


class Deviation(msgspec.Struct, kw_only=True):
    """A protocol deviation that a decision has found."""

    category: str
    weight: str
    what: str
    on: date
    visit: str | None = None


class Signature(msgspec.Struct, kw_only=True):
    """A signature: its meaning, what it covers, and the hash of that content when it was given."""

    person: str
    meaning: str
    content: str
    at: datetime


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the trial's data: all of it, or a site, a participant, a visit, a form; None means every."""

    site: str | None = None
    participant: str | None = None
    visit: str | None = None
    form: str | None = None


class Hold(msgspec.Struct, kw_only=True):
    """A scope that is frozen or locked."""

    scope: Scope
    locked: bool
    by: str
    at: datetime


class Clock(msgspec.Struct, kw_only=True):
    """Time that runs for a report of an adverse event: which, to whom, since when (UTC), and how it went on.

    passed_at: when it was recorded that the term had run out. lifted: why no report is due any more.
    """

    record: str
    what: str
    authority: str
    since: datetime
    met_at: datetime | None = None
    passed_at: datetime | None = None
    lifted: str | None = None


class Assessment(msgspec.Struct, kw_only=True):
    """The sponsor's judgement of an adverse event, on the record as it stood at event `sequence`."""

    suspected: bool
    unexpected: bool | None
    comment: str
    sequence: int
    by: str
    at: datetime


class Answer(msgspec.Struct, kw_only=True):
    """What a site answered to a query."""

    text: str
    by: str
    at: datetime


class Query(msgspec.Struct, kw_only=True):
    """A question about a record, or one item of it; `check` is the edit check that raised it, None for people."""

    record: str
    item: str | None = None
    check: str | None = None
    question: str
    raised_at: datetime
    answers: list[Answer] = []
    closed_at: datetime | None = None
    closed_by_rule: bool = False


class Coding(msgspec.Struct, kw_only=True):
    """What a reported term means: `chosen` is a term of the dictionary (a hash), `decoded` its sense."""

    term: str
    chosen: str
    code: str = ""
    decoded: str
    decoded_code: str = ""
    body_system: str = ""
    body_system_code: str = ""
    dictionary: str
    how: str


class Loaded(msgspec.Struct, kw_only=True):
    """A dictionary in force: its name, its version, and the SHA-256 of its file."""

    name: str
    edition: str
    hash: str


class SecondValue(msgspec.Struct, kw_only=True):
    """An item as entered a second time; `settled_at`: changes of the first when a difference was settled."""

    value: Scalar = None
    missing: str | None = None
    by: str
    settled_at: int | None = None


class Pause(msgspec.Struct, kw_only=True):
    """Enrolment that is paused, since when, by whom and why."""

    cause: str
    reason: str
    by: str
    at: datetime


class Participant(msgspec.Struct, kw_only=True):
    """Everything known of one participant, except who the person is and the arm.

    visits: by visit key: the id of a planned visit, or U1, U2, ... forms: by `form_key`. infusions: by order.
    ended: by what ended: treatment, participation, life, and screening of who was never allocated. clocks: by
    `<record>/<what>/<authority>`. assessments: by key of the record. queries: Q1, Q2, ... in the order in which
    they were raised. verified, reviewed: by key of the record and item, how often the value had been changed when
    it was compared with the source, or its changes were reviewed. codings, second_entries: by key of the record
    and item.
    """

    id: str
    site: str
    screened_on: date
    protocol: str
    consents: list[Consent] = []
    consent_withdrawn_on: date | None = None
    eligibility: Eligibility | None = None
    allocation: Allocation | None = None
    visits: dict[str, Visit] = {}
    forms: dict[str, FormEntry] = {}
    infusions: dict[str, Infusion] = {}
    deviations: list[Deviation] = []
    ended: dict[str, Leaving] = {}
    signatures: list[Signature] = []
    clocks: dict[str, Clock] = {}
    assessments: dict[str, Assessment] = {}
    queries: dict[str, Query] = {}
    verified: dict[str, dict[str, int]] = {}
    reviewed: dict[str, dict[str, int]] = {}
    codings: dict[str, dict[str, Coding]] = {}
    second_entries: dict[str, dict[str, SecondValue]] = {}
    code_broken_at: datetime | None = None
    identity_destroyed_at: datetime | None = None


class Carton(msgspec.Struct, kw_only=True):
    """A carton with one kit for every treatment: where it is, and what has become of its kits.

    quarantined_by: who put it aside, until it is released. order, kit: what it was used for, and the kit named by
    the vault. gone: kits that are no longer in it, with what became of them.
    """

    intervention: str
    kits: tuple[str, ...]
    use_by: date
    place: Literal["depot", "on the way", "stock", "used"] = "depot"
    site: str | None = None
    shipment: str | None = None
    quarantined_by: str | None = None
    order: str | None = None
    kit: str | None = None
    gone: dict[str, str] = {}


class Shipment(msgspec.Struct, kw_only=True):
    """Cartons that were sent to a site together."""

    site: str
    cartons: tuple[str, ...]
    sent_on: date
    received_on: date | None = None


class Drill(msgspec.Struct, kw_only=True):
    """A drill of restoring that was held: the event that its backup reached, and the steps that failed."""

    at: datetime
    through: int
    failed: tuple[str, ...] = ()


class ReferenceRange(msgspec.Struct, frozen=True, kw_only=True):
    """What a laboratory calls normal for a test, from a day on, for a sex (empty: both) and a range of ages.

    test: its test code. Ages are those of `age_from` and above, below `age_below`. Limits are decimals as text, in
    `unit`; an empty one is not set.
    """

    test: str
    valid_from: date
    sex: Literal["", "F", "M"] = ""
    age_from: int = 0
    age_below: int | None = None
    age_in: Literal["years", "days"] = "years"
    low: str = ""
    high: str = ""
    unit: str = ""


class Laboratory(msgspec.Struct, kw_only=True):
    """A laboratory: `zone` is its IANA time zone, `sites` those that it works for (none: all), with its ranges."""

    name: str
    zone: str
    sites: tuple[str, ...] = ()
    ranges: list[ReferenceRange] = []


class Trial(msgspec.Struct, kw_only=True):
    """Everything that follows from the record; `participants` in the order of screening, `bags` by number.

    cartons, shipments: by number; kits: the carton of each. halts: how often the vault had asked for a pause of
    enrolment when it was last paused. dictionaries: in force, by what they code (events, drugs). people_changed:
    the newest event on people and roles. imports: of results, by the hash of their content: number of the event.
    """

    sequence: int = 0
    at: datetime | None = None
    trial: str = ""
    versions: list[str] = []
    sites: dict[str, Site] = {}
    people: dict[str, Person] = {}
    consent_documents: list[ConsentDocument] = []
    places: dict[str, int] = {}
    list_hash: str | None = None
    allocated: dict[str, int] = {}
    given_up: dict[str, int] = {}
    participants: dict[str, Participant] = {}
    holds: list[Hold] = []
    locked_at: datetime | None = None
    locked_by: str | None = None
    data_hash: str | None = None
    bags: dict[str, str] = {}
    cuts: list[date] = []
    paused: Pause | None = None
    halts: int = 0
    unblinded_at: datetime | None = None
    cartons: dict[str, Carton] = {}
    kits: dict[str, str] = {}
    shipments: dict[str, Shipment] = {}
    dictionaries: dict[str, Loaded] = {}
    laboratories: dict[str, Laboratory] = {}
    imports: dict[str, int] = {}
    people_changed: int = 0
    access_attested_at: datetime | None = None
    drills: list[Drill] = []


def form_key(visit: str, form: str, repeat: int = 1) -> str:
    """Return the key of a form entry; `visit` is empty for a form that may be filled in at any time."""
    return f"{visit}/{form}/{repeat}"
