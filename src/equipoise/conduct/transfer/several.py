"""Several forms saved as one step, as they come from another system: all of them, or nothing is recorded.

Each is judged as if it were saved alone after those before it, by the rules for what people fill in
(`forms/entry.py`), on copies of the participants that the forms concern.
"""

import msgspec

from ...errors import DataError, DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Intent, Outcome, Setting
from ..door.state import Participant, Trial
from ..follow_up.deviations import CHAPTER as DEVIATIONS
from ..follow_up.leaving import CHAPTER as LEAVING
from ..forms.access import WRITERS
from ..forms.entry import CHAPTER as FORMS
from ..forms.entry import SaveForm, begin_save, finish_save
from ..forms.rules import rules_of
from ..quality.queries import CHAPTER as QUERIES
from ..safety.reporting import CHAPTER as REPORTING

MOST = 500
"""Forms that one step saves at most, as the record waits meanwhile."""
MOST_SAID = 100
"""Refusals that are named at most."""
_FOLDS = {
    fact: fold
    for chapter in (FORMS, LEAVING, QUERIES, DEVIATIONS, REPORTING)
    for fact, fold in chapter.evolutions.items()
}
_WHOLE, _ONE = msgspec.msgpack.Decoder(Trial), msgspec.msgpack.Decoder(Participant)


class SaveForms(Intent, frozen=True, kw_only=True):
    """Fill in or change several forms, of one participant or many, in one step: all of them, or none.

    site: the only one that they may concern; None for who works for all. forms: each as `SaveForm`, in the order
    in which they are saved; one that says what stands there already is passed over.
    """

    site: str | None
    forms: tuple[SaveForm, ...]


def _save_all(setting: Setting, trial: Trial, intent: SaveForms) -> list[Outcome]:
    if not 0 < len(intent.forms) <= MOST:
        raise DecisionRefused(
            f"one step saves 1 to {MOST} forms; send others in a step of their own. Got {len(intent.forms)}"
        )
    work, problems = _Work(setting, trial, intent.site), []
    for form in intent.forms:
        try:
            work.save(form)
        except (DecisionRefused, DataError) as error:
            problems.append(f"{_name(form)}: {'; '.join(str(error).splitlines())}")
    if problems:
        said = [f"nothing was stored, as {len(problems)} of {len(intent.forms)} forms cannot be saved:"]
        said += problems[:MOST_SAID]
        if (more := len(problems) - MOST_SAID) > 0:
            said.append(f"and {more} more such forms")
        raise DecisionRefused("\n".join(said))
    return work.outcomes


class _Work:
    """Saves one form after the other on copies, and keeps what that leads to."""

    def __init__(self, setting: Setting, trial: Trial, site: str | None) -> None:
        self.outcomes: list[Outcome] = []
        self._base, self._trial, self._site = setting, trial, site
        self._after = _WHOLE.decode(msgspec.msgpack.encode(msgspec.structs.replace(trial, participants={})))

    def save(self, form: SaveForm) -> None:
        """Save a form, unless it says what stands there; DecisionRefused as for a form that is saved alone."""
        setting, participant = self._concerned(form.participant)
        saving = begin_save(setting, self._after, form)
        entry = saving.entry
        if entry is not None and not saving.changed and (entry.on, entry.removed) == (form.on, None):
            return
        found = rules_of(saving.protocol, form.form).evaluate(saving.values)
        for outcome in finish_save(saving, found):
            self._fold(participant, outcome)

    def _concerned(self, who: str) -> tuple[Setting, Participant]:
        """Return the copy of a participant, and what a decision about them looks at."""
        known = self._trial.participants.get(who)
        if known is None or self._site not in (None, known.site):
            raise DecisionRefused(f"nobody has the screening number {who}; check the number")
        if who not in self._after.participants:
            self._after.participants[who] = _ONE.decode(msgspec.msgpack.encode(known))
        base = self._base
        setting = Setting(base.version(known.protocol), base.by, base.versions)
        return setting, self._after.participants[who]

    def _fold(self, participant: Participant, outcome: Outcome) -> None:
        """Let what follows from a form stand when the next one is judged."""
        by = self._base.by
        event = Event(
            sequence=self._trial.sequence + len(self.outcomes) + 1,
            at=by.at,
            zone=self._trial.sites[participant.site].zone,
            actor=by.person,
            role=by.role,
            site=participant.site,
            participant=participant.id,
            kind=type(outcome.fact).__name__,
            version=outcome.fact.VERSION,
            payload="",
            reason=outcome.reason,
            request="",
            part=1,
            previous=b"",
            hash=b"",
        )
        _FOLDS[type(outcome.fact)](self._after, event, outcome.fact)
        self.outcomes.append(Outcome(outcome.fact, participant.id, participant.site, outcome.reason))


def _name(form: SaveForm) -> str:
    """Name a form by the ids of the protocol: `01-001, vitals, visit W4`."""
    visit = f", visit {form.visit}" if form.visit else ""
    number = f", record {form.repeat}" if form.repeat not in (None, 1) else ""
    return f"{form.participant}, {form.form}{visit}{number}"


CHAPTER = Chapter(decisions={SaveForms: _save_all}, evolutions={}, roles={SaveForms: WRITERS})
