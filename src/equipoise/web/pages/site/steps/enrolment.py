"""Consent, the end of screening, the true strata, a newer protocol version, and the end of an identity."""

from collections.abc import Mapping
from typing import cast, get_args

from django.http import Http404, HttpRequest

from .....conduct.door.dates import day_in
from .....conduct.door.state import Participant
from .....conduct.enrolment.allocation import CorrectStratum
from .....conduct.enrolment.consent import SignConsent, WithdrawConsent, due_consent
from .....conduct.enrolment.ending import EndScreening, ReopenScreening, Why
from .....conduct.enrolment.moving import MoveParticipant, is_active, is_newer
from .....conduct.enrolment.screening import DestroyIdentity
from .....conduct.enrolment.strata import derive_strata
from .....errors import DecisionRefused
from ....shell.requests import here
from ....shell.said import named
from ....shell.templatetags.words import day
from ....words import language, say
from ..participant.randomise import factor_in_words
from .step import Asked, Field, Step, read_day

__all__ = ["ENROLMENT", "newer_versions"]


def _ask_consent(request: HttpRequest, person: Participant, _: str) -> Asked:
    looking = here(request)
    signed = {(one.document, one.language) for one in person.consents}
    documents = [
        one
        for one in reversed(looking.trial.consent_documents)
        if one.site == person.site
        and one.valid_from <= looking.today
        and (one.document, one.language) not in signed
    ]
    due = due_consent(looking.trial, person, looking.today)
    facts = tuple(
        (say("Signed"), f"{one.document} ({named(one.language)}), {day(one.signed_on)}") for one in person.consents
    )
    if due is not None:
        facts += (
            (say("To be signed anew"), f"{due.document} ({named(due.language)}), {say('since')} {day(due.since)}"),
        )
    choices = tuple(
        (
            f"{one.language} {one.document}",
            f"{one.document} ({named(one.language)}), {say('since')} {day(one.valid_from)}",
        )
        for one in documents
    )
    return Asked(
        title=say("Consent form signed"),
        button=say("Record the signature"),
        said=say(
            "The form that was in use at the site on the day of the signature, in the participant's language."
        ),
        facts=facts,
        fields=(
            Field("document", say("Consent form"), "choice", _first(choices), choices),
            Field("on", say("Signed on"), "day", looking.today.isoformat()),
        ),
        problem="" if choices else say("There is no consent form at this site that was not signed yet."),
    )


def _make_consent(person: Participant, _: str, typed: Mapping[str, str]) -> SignConsent:
    tongue, _space, document = typed.get("document", "").partition(" ")
    return SignConsent(participant=person.id, document=document, language=tongue, signed_on=read_day(typed))


def _ask_withdrawal(request: HttpRequest, _person: Participant, _: str) -> Asked:
    return Asked(
        title=say("Consent withdrawn"),
        button=say("Record the withdrawal"),
        said=say(
            "From then on only adverse events and the end of treatment, participation or life are recorded. What "
            "was recorded before stays."
        ),
        fields=(Field("on", say("Withdrawn on"), "day", here(request).today.isoformat()),),
    )


def _make_withdrawal(person: Participant, _: str, typed: Mapping[str, str]) -> WithdrawConsent:
    return WithdrawConsent(participant=person.id, on=read_day(typed))


def _ask_end(_request: HttpRequest, _person: Participant, _: str) -> Asked:
    return Asked(
        title=say("End of screening"),
        button=say("End the screening"),
        said=say("For who does not enter the trial. It can be taken back until the data are locked."),
        fields=(
            Field("why", say("Why"), "choice", "", tuple((why, say(why)) for why in get_args(Why))),
            Field("reason", say("In words"), "text"),
        ),
    )


def _make_end(person: Participant, _: str, typed: Mapping[str, str]) -> EndScreening:
    why = typed.get("why", "")
    if why not in get_args(Why):
        raise DecisionRefused(say("Choose why the person does not enter the trial."))
    return EndScreening(participant=person.id, why=cast(Why, why), reason=typed.get("reason", ""))


def _ask_reopening(_request: HttpRequest, _person: Participant, _: str) -> Asked:
    fields = (Field("reason", say("Why screening goes on"), "text"),)
    return Asked(title=say("Screening goes on"), button=say("Take the end back"), fields=fields)


def _make_reopening(person: Participant, _: str, typed: Mapping[str, str]) -> ReopenScreening:
    return ReopenScreening(participant=person.id, reason=typed.get("reason", ""))


def _ask_strata(request: HttpRequest, person: Participant, _: str) -> Asked:
    place = person.allocation
    if place is None:
        raise Http404
    title, button = say("True strata"), say("Keep these as the true strata")
    try:
        true = _true_strata(request, person)
    except DecisionRefused as refused:
        return Asked(title=title, button=button, problem=str(refused))
    used = place.true_strata or place.strata
    facts = tuple(_corrected(request, person, name, used.get(name, ""), level) for name, level in true.items())
    same = say("The strata on record are those that the forms give; there is nothing to correct.")
    return Asked(
        title=title,
        button=button,
        said=say("The place in the list stays as it was given; the true strata are kept beside those used."),
        facts=facts,
        fields=tuple(Field(f"stratum-{name}", name, "fixed", level) for name, level in true.items()),
        problem=same if true == used else "",
    )


def _corrected(request: HttpRequest, person: Participant, name: str, used: str, true: str) -> tuple[str, str]:
    """Return what a factor of the strata is called, and its level, where it is another one both of them."""
    looking = here(request)
    protocol = looking.running.door.protocol_of(person.id)
    (label, before), (_, after) = (factor_in_words(protocol, looking.trial, name, one) for one in (used, true))
    return label, after if used == true else f"{before} → {after}"


def _true_strata(request: HttpRequest, person: Participant) -> dict[str, str]:
    looking = here(request)
    assert person.allocation is not None
    on = day_in(person.allocation.at, looking.trial.sites[person.site].zone)
    return derive_strata(looking.running.door.protocol_of(person.id), person, on)


def _make_strata(person: Participant, _: str, typed: Mapping[str, str]) -> CorrectStratum:
    prefix = "stratum-"
    strata = {name.removeprefix(prefix): level for name, level in typed.items() if name.startswith(prefix)}
    return CorrectStratum(participant=person.id, strata=strata)


def newer_versions(request: HttpRequest, person: Participant) -> tuple[tuple[str, str], ...]:
    """Return the newer protocol versions that a participant may move to: hash, and what it is called."""
    looking = here(request)
    trial = looking.trial
    return tuple(
        (version, say("version {number} ({hash})", number=number, hash=version[:12]))
        for number, version in enumerate(trial.versions, start=1)
        if is_newer(trial, person, version) and is_active(trial, person.site, version, looking.today)
    )


def _ask_move(request: HttpRequest, person: Participant, _: str) -> Asked:
    choices = newer_versions(request, person)
    return Asked(
        title=say("A newer protocol version"),
        button=say("Go on by this version"),
        said=say("What was recorded before keeps the version by which it was recorded."),
        fields=(Field("protocol", say("Protocol version"), "choice", _first(choices), choices),),
        problem="" if choices else say("This site works on no newer version than that of the participant."),
    )


def _make_move(person: Participant, _: str, typed: Mapping[str, str]) -> MoveParticipant:
    return MoveParticipant(participant=person.id, protocol=typed.get("protocol", ""))


def _ask_destruction(_request: HttpRequest, _person: Participant, _: str) -> Asked:
    return Asked(
        title=say("Destroy the identity"),
        button=say("Destroy it for good"),
        said=say(
            "From then on nobody can say who this was, in this system. The data of the participant stay. It "
            "cannot be taken back."
        ),
        fields=(Field("reason", say("Why"), "text"),),
    )


def _make_destruction(person: Participant, _: str, typed: Mapping[str, str]) -> DestroyIdentity:
    return DestroyIdentity(participant=person.id, reason=typed.get("reason", ""))


def _first(choices: tuple[tuple[str, str], ...]) -> str:
    """Return the first choice in the language of who looks, else the first."""
    own = [value for value, _ in choices if value.startswith(f"{language()} ")]
    return next(iter(own), choices[0][0] if choices else "")


ENROLMENT = {
    "sign-consent": Step(SignConsent, _ask_consent, _make_consent),
    "withdraw-consent": Step(WithdrawConsent, _ask_withdrawal, _make_withdrawal),
    "end-screening": Step(EndScreening, _ask_end, _make_end),
    "reopen-screening": Step(ReopenScreening, _ask_reopening, _make_reopening),
    "correct-strata": Step(CorrectStratum, _ask_strata, _make_strata),
    "move-version": Step(MoveParticipant, _ask_move, _make_move),
    "destroy-identity": Step(DestroyIdentity, _ask_destruction, _make_destruction, grave=True),
}
