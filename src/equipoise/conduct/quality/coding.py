"""Medical coding: what a term means in the user's dictionary, by its version; a term that changes is coded again.

The machine codes what is a term of the dictionary or a synonym, the medical monitor the rest, by choosing a term.
The text of the dictionary comes from the trial's folder (`Services.dictionary`), so a guard inside the transaction
looks it up: no coding stands in the record that its dictionary does not hold.
"""

from collections.abc import Iterator, Mapping

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.book import Turn
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.services import Guards, Services
from ..door.state import Coding, FormEntry, Loaded, Participant, Trial, form_key
from ..organisation.joined import read_by
from .dictionary import TOPICS, Dictionary, How, Kind
from .queries import require_record


class DictionaryLoaded(Fact, frozen=True, kw_only=True):
    """Terms are coded with this version from now on; `hash` is the SHA-256 of its file."""

    dictionary: Kind
    name: str
    edition: str
    hash: str
    terms: int

    def tell(self) -> str:
        """Name the dictionary and its version."""
        return (
            f"{self.dictionary} are coded with {self.name} {self.edition} ({self.terms} terms, {self.hash[:12]})"
        )


class TermCoded(Fact, frozen=True, kw_only=True):
    """A reported term was coded: `chosen` is the term of the dictionary, `decoded` what it stands for."""

    form: str
    visit: str = ""
    repeat: int = 1
    item: str
    term: str
    chosen: str = ""
    code: str = ""
    decoded: str = ""
    decoded_code: str = ""
    body_system: str = ""
    body_system_code: str = ""
    dictionary: str
    how: How = "exact"

    def tell(self) -> str:
        """Give term and meaning."""
        return f"{self.term} was coded as {self.decoded} ({self.how})"


class LoadDictionary(Intent, frozen=True, kw_only=True):
    """Code with a dictionary from now on; its file lies in the trial's folder (`equipoise quality dictionary`)."""

    dictionary: Kind
    name: str
    edition: str
    hash: str


class CodeTerms(Intent, frozen=True, kw_only=True):
    """Code every term that the dictionary has, exactly or as a synonym; `edition` is that which is meant."""

    dictionary: Kind
    edition: str


class CodeTerm(Intent, frozen=True, kw_only=True):
    """Code one term by hand, as a term that the dictionary has."""

    participant: str
    record: str
    item: str
    chosen: str
    edition: str


class Uncoded(msgspec.Struct, frozen=True, kw_only=True):
    """A term that is not coded with the dictionary in force; `former` is how it was coded before."""

    participant: str
    site: str
    record: str
    item: str
    term: str
    dictionary: Kind
    former: Coding | None


def coding_of(participant: Participant, record: str, item: str) -> Coding | None:
    """Return how a term as it now stands is coded, with whichever version; None where it is not."""
    coding = participant.codings.get(record, {}).get(item)
    entry = participant.forms[record]
    return coding if coding is not None and coding.term == entry.values[item].value else None


def list_uncoded(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> list[Uncoded]:
    """List the terms that are not coded with the dictionaries in force; without a dictionary there is none.

    versions: every version of the protocol by hash, where there are several; each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    people = trial.participants.values()
    return [one for participant in people for one in uncoded_of(of(participant), trial, participant)]


def uncoded_of(own: Protocol, trial: Trial, participant: Participant) -> list[Uncoded]:
    """List the terms of one participant that are not coded; `own` is the version that counts for them."""
    return list(_uncoded(own, trial, participant))


def _uncoded(protocol: Protocol, trial: Trial, participant: Participant) -> Iterator[Uncoded]:
    for record, entry in participant.forms.items():
        if entry.removed is not None:
            continue
        for item, kind in _coded_items(protocol, entry).items():
            term, loaded = entry.values[item].value, trial.dictionaries.get(kind)
            former = coding_of(participant, record, item)
            if loaded is None or not term or (former is not None and former.dictionary == loaded.hash):
                continue
            yield Uncoded(
                participant=participant.id, site=participant.site, record=record, item=item, term=str(term),
                dictionary=kind, former=former,
            )  # fmt: skip


def _coded_items(protocol: Protocol, entry: FormEntry) -> dict[str, Kind]:
    """Return the items of an entry that are coded, with the kind of their dictionary."""
    items = protocol.forms[entry.form].items
    return {
        name: kind
        for name in entry.values
        for kind, variables in TOPICS.items()
        if name in items and items[name].sdtm in variables
    }


def _load(_: Setting, trial: Trial, intent: LoadDictionary) -> list[Outcome]:
    _require_unlocked(trial)
    present = trial.dictionaries.get(intent.dictionary)
    if not intent.name.strip() or not intent.edition.strip():
        raise DecisionRefused("a dictionary needs its name and its version, such as MedDRA and 27.1")
    if present is not None and present.hash == intent.hash:
        raise DecisionRefused(f"{present.name} {present.edition} is in force with this very content")
    if present is not None and (present.name, present.edition) == (intent.name, intent.edition):
        raise DecisionRefused(
            f"{present.name} {present.edition} is in force with another content; take the file that its publisher "
            f"calls so, or name the version that this one is. Got {intent.hash[:12]}"
        )
    fact = DictionaryLoaded(
        dictionary=intent.dictionary, name=intent.name, edition=intent.edition, hash=intent.hash, terms=0
    )
    return [Outcome(fact)]


def _code_all(setting: Setting, trial: Trial, intent: CodeTerms) -> list[Outcome]:
    """Return a draft for every term to be coded; the guard fills in those that the dictionary has."""
    _require_unlocked(trial)
    loaded = _in_force(trial, intent.dictionary, intent.edition)
    uncoded = list_uncoded(setting.protocol, trial, setting.versions)
    waiting = [one for one in uncoded if one.dictionary == intent.dictionary]
    if not waiting:
        raise DecisionRefused(f"every term is coded with {loaded.name} {loaded.edition}")
    for one in waiting:
        participant = trial.participants[one.participant]
        entry = participant.forms[one.record]
        require_open(trial, participant, entry.visit, entry.form, role=setting.by.role)
    return [
        Outcome(_draft(trial.participants[one.participant], one, loaded), one.participant, one.site)
        for one in waiting
    ]


def _code(setting: Setting, trial: Trial, intent: CodeTerm) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    _require_unlocked(trial)
    require_record(setting.protocol, participant, intent.record, intent.item)
    entry = participant.forms[intent.record]
    require_open(trial, participant, entry.visit, entry.form, role=setting.by.role)
    kind = _coded_items(setting.protocol, entry).get(intent.item)
    if kind is None or not entry.values[intent.item].value:
        raise DecisionRefused(f"{intent.record} has no term to be coded under {intent.item}")
    loaded = _in_force(trial, kind, intent.edition)
    one = Uncoded(
        participant=participant.id, site=participant.site, record=intent.record, item=intent.item,
        term=str(entry.values[intent.item].value), dictionary=kind, former=None,
    )  # fmt: skip
    draft = msgspec.structs.replace(_draft(participant, one, loaded), chosen=intent.chosen, how="by hand")
    return [Outcome(draft)]


def _draft(participant: Participant, one: Uncoded, loaded: Loaded) -> TermCoded:
    """Return a coding without its meaning; what was chosen by hand under an earlier version is looked up again."""
    entry, former = participant.forms[one.record], one.former
    by_hand = former is not None and former.how == "by hand"
    return TermCoded(
        form=entry.form,
        visit=entry.visit,
        repeat=entry.repeat,
        item=one.item,
        term=one.term,
        chosen=former.chosen if former is not None and by_hand else "",
        dictionary=loaded.hash,
        how="by hand" if by_hand else "exact",
    )


def _in_force(trial: Trial, kind: Kind, edition: str) -> Loaded:
    loaded = trial.dictionaries.get(kind)
    if loaded is None:
        raise DecisionRefused(f"no dictionary of {kind} is loaded; load one with `equipoise quality dictionary`")
    if loaded.edition != edition:
        raise DecisionRefused(f"terms are coded with {loaded.name} {loaded.edition}. Got version {edition}")
    return loaded


def _require_unlocked(trial: Trial) -> None:
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; its terms stay coded as they are")


def _look_up(
    _turn: Turn, services: Services, _trial: Trial, intent: Intent, outcomes: list[Outcome], _request: str
) -> list[Outcome]:
    """Fill the codings with what the dictionary says; those that it does not have are left out."""
    found = []
    for outcome in outcomes:
        draft = outcome.fact
        assert isinstance(draft, TermCoded)
        known = _dictionary(services, draft.dictionary)
        match = known.find(draft.chosen or draft.term)
        if match is None and isinstance(intent, CodeTerm):
            raise DecisionRefused(
                f"the dictionary has no term {draft.chosen}{known.near(draft.chosen)}; choose one that it has"
            )
        if match is not None:
            term, how = match
            meant = {name: getattr(term, name) for name in term.__struct_fields__ if name != "term"}
            how = "by hand" if draft.how == "by hand" else how
            coded = msgspec.structs.replace(draft, chosen=term.term, how=how, **meant)
            found.append(msgspec.structs.replace(outcome, fact=coded))
    if not found:
        raise DecisionRefused("no term that waits is one of the dictionary or a synonym; code them by hand")
    return found


def _count(
    _turn: Turn, services: Services, _trial: Trial, intent: LoadDictionary, outcomes: list[Outcome], _request: str
) -> list[Outcome]:
    """Make sure that the file is in the folder, and count its terms."""
    terms = len(_dictionary(services, intent.hash).terms)
    return [msgspec.structs.replace(one, fact=msgspec.structs.replace(one.fact, terms=terms)) for one in outcomes]


def _dictionary(services: Services, name: str) -> Dictionary:
    found = None if services.dictionary is None else services.dictionary(name)
    if found is None or found.hash != name:
        raise DecisionRefused(
            f"the file of dictionary {name[:12]} is not in the trial's folder; put it there with "
            "`equipoise quality dictionary`"
        )
    return found


def _loaded(trial: Trial, _: Event, fact: DictionaryLoaded) -> None:
    trial.dictionaries[fact.dictionary] = Loaded(name=fact.name, edition=fact.edition, hash=fact.hash)


def _coded(trial: Trial, event: Event, fact: TermCoded) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    record = form_key(fact.visit, fact.form, fact.repeat)
    assert record in participant.forms
    participant.codings.setdefault(record, {})[fact.item] = Coding(
        term=fact.term,
        chosen=fact.chosen,
        code=fact.code,
        decoded=fact.decoded,
        decoded_code=fact.decoded_code,
        body_system=fact.body_system,
        body_system_code=fact.body_system_code,
        dictionary=fact.dictionary,
        how=fact.how,
    )


GUARDS: Guards = {LoadDictionary: _count, CodeTerms: _look_up, CodeTerm: _look_up}

CHAPTER = Chapter(
    decisions={LoadDictionary: _load, CodeTerms: _code_all, CodeTerm: _code},
    evolutions={DictionaryLoaded: _loaded, TermCoded: _coded},
    roles={
        LoadDictionary: ("medical monitor", "data manager"),
        CodeTerms: ("medical monitor", "data manager"),
        CodeTerm: ("medical monitor",),
    },
)
