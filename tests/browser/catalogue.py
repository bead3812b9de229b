"""The main pages of both portals by the role that works with them, with something of a trial to fill them with.

One list for all who look at pages in a browser: whether anybody is shut out (test_access.py), and pictures
(test_pictures.py). An address names its subject in braces; `subjects_of` finds one in a trial.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from equipoise.conduct.door.state import Participant, Trial
from equipoise.conduct.supply.pending import list_preparations
from equipoise.trial.running import RunningTrial

Side = Literal["blinded", "unblinded"]
SITE = "01"
"""The site whose pages are looked at."""
SUBJECT = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Main:
    """A main page: what a picture of it is called, its address, and what is done there before it is looked at.

    fields: what is typed, by the name of the field; press: the button that sends it. status: of the answer. of:
    what a trial must have for it besides what its address names.
    """

    name: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    press: str = ""
    status: int = 200
    of: str = ""

    def fill(self, subjects: Mapping[str, str]) -> "Main":
        """Return the page with what it is of in its address and its fields; KeyError where a trial lacks it."""

        def put(text: str) -> str:
            return SUBJECT.sub(lambda found: subjects[found.group(1)], text)

        return replace(self, path=put(self.path), fields={name: put(text) for name, text in self.fields.items()})

    def lacks(self, subjects: Mapping[str, str]) -> bool:
        """Return whether a trial has nothing that this page could be of."""
        named = " ".join((self.path, self.of, *self.fields.values()))
        return any(name not in subjects for name in SUBJECT.findall(named))


AT = "/participants/{participant}"
FORM = f"{AT}/forms/vitals/{{visit}}/1"
ORDER = "/preparations/{participant_waiting}/{visit_waiting}/"
DO = "main button[value='{}']".format
NEXT = ", ".join(map(DO, ("take", "issue", "show")))
OPENING = {"password": "{password}"}
BREAK = {
    "participant": "{participant}",
    "again": "{participant}",
    "why": "emergency whose treatment depends on what was given",
    "reason": "bleeding, to be operated today",
    **OPENING,
}

MAIN: Mapping[tuple[Side, str], tuple[Main, ...]] = {
    ("blinded", "coordinator"): (
        Main("work", "/"),
        Main("participants", "/participants/"),
        Main("participant", f"{AT}/"),
        Main("screened", "/participants/{examined}/"),
        Main("form", f"{FORM}/"),
        Main("form-refused", f"{FORM}/", {"item-weight": "612", "item-pulse": "fast"}, DO("close"), 422),
        Main("form-new", f"{AT}/forms/adverse_event/-/{{another}}/"),
        Main("form-counts", f"{AT}/forms/immunology/{{counted}}/1/"),
        Main("value-history", f"{FORM}/history/weight/"),
        Main("second-entry", f"{AT}/forms/immunology/{{counted}}/1/second/"),
        Main("masked", f"{AT}/forms/{{masked_at}}/"),
        Main("eligibility", f"{AT}/eligibility/"),
        Main("trail", f"{AT}/history/"),
        Main("casebook", f"{AT}/casebook/"),
        Main("identity", f"{AT}/identity/"),
        Main("identity-shown", f"{AT}/identity/", {"reason": "appointment by telephone"}, "main .btn-primary"),
        Main("consent", "/participants/{examined}/steps/sign-consent/"),
        Main("visit", f"{AT}/steps/hold-visit/?of={{next}}"),
        Main("visit-missed", f"{AT}/steps/miss-visit/?of={{next}}"),
        Main("withdrawal", f"{AT}/steps/withdraw-consent/"),
        Main("queries", "/site/queries/"),
        Main("answer", "/participants/{asked}/steps/answer-query/?of={query}"),
        Main("supply", "/supply/"),
        Main("receipt", "/supply/received/{shipment}/"),
        Main("excursion", "/supply/excursion/"),
        Main("returns", "/supply/returns/"),
        Main("account", "/account/"),
        Main("password", "/account/password/"),
        Main("programs", "/api/"),
        Main("tokens", "/api/tokens/"),
        Main("nowhere", "/nowhere/", status=404),
        Main("shut", "/people/", status=403),
    ),
    ("blinded", "investigator"): (
        Main("work", "/"),
        Main("eligibility", "/participants/{examined}/eligibility/"),
        Main("randomise", "/participants/{eligible}/randomise/"),
        Main("randomised", f"{AT}/randomise/"),
        Main("sign", f"{AT}/sign/"),
        Main("differences", f"{AT}/forms/immunology/{{counted}}/1/differences/"),
        Main("event", f"{AT}/forms/adverse_event/-/1/"),
    ),
    ("blinded", "nurse"): (
        Main("work", "/"),
        Main("participant", f"{AT}/"),
        Main("check", "/supply/check/{to_check}/"),
        Main("visit", f"{AT}/steps/unscheduled-visit/"),
    ),
    ("blinded", "assessor"): (Main("work", "/"), Main("participants", "/participants/"), Main("form", f"{FORM}/")),
    ("blinded", "laboratory"): (Main("work", "/"), Main("form", f"{AT}/forms/immunology/{{counted}}/1/")),
    ("blinded", "monitor"): (
        Main("work", "/"),
        Main("verification", "/quality/verification/"),
        Main("verify", "/quality/verification/{participant}/"),
        Main("form", f"{FORM}/"),
        Main("ask", "/quality/queries/{participant}/ask/?record={visit}/vitals/1&item=weight"),
    ),
    ("blinded", "data manager"): (
        Main("work", "/"),
        Main("quality", "/quality/"),
        Main("lacking", "/quality/lacking/{participant}/"),
        Main("queries", "/quality/queries/"),
        Main("query", "/quality/queries/{asked}/{query}/"),
        Main("review", "/quality/review/"),
        Main("deviations", "/quality/deviations/"),
        Main("late", "/quality/late/"),
        Main("twice", "/quality/twice/"),
        Main("reconciliation", "/quality/reconciliation/"),
        Main("coding", "/quality/coding/events/"),
        Main("trail", "/trail/"),
        Main("figures", "/statistics/"),
        Main("listings", "/statistics/listings/"),
        Main("exports", "/statistics/exports/"),
        Main("closing", "/closing/"),
    ),
    ("blinded", "medical monitor"): (
        Main("work", "/"),
        Main("safety", "/safety/"),
        Main("case", "/safety/{harmed}/?record={event}"),
    ),
    ("blinded", "trial statistician"): (Main("figures", "/statistics/"), Main("exports", "/statistics/exports/")),
    ("blinded", "sponsor"): (
        Main("standing", "/standing/"),
        Main("anchors", "/anchors/"),
        Main("today", "/today/"),
        Main("people", "/people/"),
        Main("person", "/people/of/nurse.01/"),
        Main("rights", "/rights/"),
        Main("sites", "/sites/"),
        Main("site", f"/sites/of/{SITE}/"),
        Main("versions", "/versions/"),
        Main("version", "/versions/of/{version}/"),
        Main("amend", "/versions/amend/"),
        Main("safety", "/safety/"),
        Main("closing", "/closing/"),
    ),
    ("blinded", "administrator"): (Main("people", "/people/"), Main("standing", "/standing/")),
    ("blinded", "auditor"): (Main("oversight", "/auditor/"), Main("trail", "/trail/")),
    ("blinded", "safety board"): (Main("safety", "/safety/"), Main("board", "/safety/board/")),
    ("unblinded", "investigator"): (
        Main("vault", "/"),
        Main("code-break", "/code-break/"),
        Main("code-broken", "/code-break/", BREAK, "main .btn-danger"),
        Main("opened", "/envelopes/opened/"),
    ),
    ("unblinded", "pharmacist"): (
        Main("vault", "/"),
        Main("preparations", "/preparations/"),
        Main("order", ORDER),
        Main("dose", ORDER, press=NEXT),
        Main("given", "/preparations/{participant}/{visit_given}/", press=DO("show")),
        Main("stock", "/stock/"),
        Main("lots", "/lots/"),
        Main("account", "/lots/", press=DO("account")),
        Main("shipments", "/shipments/"),
        Main("returns", "/returns/"),
        Main("envelopes", "/envelopes/"),
        Main("masked", "/masked/"),
        Main("record", "/record/"),
    ),
    ("unblinded", "unblinded monitor"): (Main("vault", "/"), Main("verification", "/verification/")),
    ("unblinded", "safety unblinder"): (
        Main("vault", "/"),
        Main("cases", "/cases/"),
        Main("case", "/cases/{due}"),
        Main("stopping", "/stopping/"),
        Main("rules", "/stopping/", press=DO("show")),
    ),
    ("unblinded", "safety board statistician"): (
        Main("vault", "/"),
        Main("report", "/board/"),
        Main("report-made", "/board/", OPENING, DO("make"), of="{cut}"),
    ),
    ("unblinded", "list custodian"): (Main("vault", "/"), Main("list", "/list/"), Main("ways-in", "/ways-in/")),
    ("unblinded", "key holder"): (Main("vault", "/"), Main("keys", "/keys/")),
}


def person_in(trial: Trial, role: str) -> str | None:
    """Return the first person who holds a role, at the site that is looked at or at all of them."""
    for name, person in trial.people.items():
        if any(one.role == role and one.site in (None, SITE) and one.until is None for one in person.grants):
            return name
    return None


def subjects_of(running: RunningTrial, password: str) -> dict[str, str]:
    """Return what the pages are looked at of, by the names in their addresses; what a trial lacks is not there."""
    trial = running.door.refresh()
    here = [one for one in trial.participants.values() if one.site == SITE]
    treated = max((one for one in here if one.allocation and not one.ended), key=lambda one: len(one.forms))
    found = {"password": password, "participant": treated.id, "version": trial.versions[0]}
    if trial.cuts:
        found["cut"] = str(trial.cuts[-1])
    found |= dict(_of_participant(running, treated)) | dict(_of_site(here)) | dict(_of_supply(running, trial))
    return found | dict(_of_harm(here))


def _of_participant(running: RunningTrial, person: Participant) -> Iterator[tuple[str, str]]:
    protocol = running.door.protocol_of(person.id)
    visits = [visit for visit in protocol.schedule.visits if f"{visit}/vitals/1" in person.forms]
    later = [visit for visit in protocol.schedule.visits if visit not in person.visits]
    yield "visit", visits[-1]
    yield "counted", next(visit for visit in reversed(visits) if f"{visit}/immunology/1" in person.forms)
    if later:
        yield "next", later[0]
    yield "another", str(1 + sum(one.form == "adverse_event" for one in person.forms.values()))
    form = next(name for name, one in protocol.forms.items() if "hla_class_1" in one.items)
    planned = [visit for visit in protocol.schedule.activities[form] if visit in person.visits]
    yield "masked_at", f"{form}/{planned[-1]}/1/vault/hla_class_1"
    if given := [one.visit for one in person.infusions.values() if one.bag is not None]:
        yield "visit_given", given[-1]


def _of_site(here: list[Participant]) -> Iterator[tuple[str, str]]:
    screened = [one for one in here if not (one.allocation or one.ended or one.consent_withdrawn_on)]
    if examined := [one.id for one in screened if one.eligibility is None and one.consents]:
        yield "examined", examined[0]
    if eligible := [one.id for one in screened if one.eligibility is not None and one.eligibility.eligible]:
        yield "eligible", eligible[0]
    for one in here:
        for name, query in one.queries.items():
            if query.closed_at is None:
                yield from (("asked", one.id), ("query", name))
                return


def _of_supply(running: RunningTrial, trial: Trial) -> Iterator[tuple[str, str]]:
    for one in list_preparations(lambda person: running.door.protocol_of(person.id), trial):
        if one.standing in ("kit to be taken", "bag to be given out"):
            yield from (("participant_waiting", one.participant), ("visit_waiting", one.visit))
        elif one.standing == "to be checked" and one.site == SITE:
            yield "to_check", f"{one.participant}/{one.order}"
    for number, shipment in trial.shipments.items():
        if shipment.site == SITE and shipment.received_on is None:
            yield "shipment", number


def _of_harm(here: list[Participant]) -> Iterator[tuple[str, str]]:
    for one in here:
        for clock in one.clocks.values():
            yield from (("harmed", one.id), ("event", clock.record))
            if clock.authority and clock.met_at is None and clock.lifted is None:
                yield "due", f"{one.id}/{clock.authority}/?record={clock.record}"
