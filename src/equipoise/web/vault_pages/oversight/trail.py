"""The vault's own record: who had it do or show what, when and why; what it holds of arms stays sealed."""

from collections import Counter
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....errors import DecisionRefused
from ....vault.oversight.desk import Entry
from ...shell.answers import kept
from ...shell.requests import cut, here
from ...words import say
from ..asking import ask, asks

OPENINGS = {
    "CodeBroken": "code broken",
    "EnvelopeOpened": "envelope opened",
    "CaseOpened": "case opened",
    "BoardOpened": "arms shown for the safety board",
    "StoppingShown": "stopping rules shown",
    "TrialUnblinded": "all codes opened",
    "EnvelopesPrinted": "envelopes printed",
    "PreparationShown": "content of a bag shown",
    "PackingShown": "content of kits shown",
    "LotsAccounted": "account by lot shown",
    "LotTraced": "lot traced",
    "ListAudited": "list audited",
}
"""Kinds of events by which somebody was shown a treatment, the gravest first, in words."""
OTHERS = {
    "ScheduleInstalled": "list installed",
    "SlotPrepared": "slot drawn",
    "BagPrepared": "dose computed",
    "MaskedValueEntered": "masked value entered",
    "VaultReconciled": "vault reconciled after a restore",
    "AccountsVerified": "accounts verified",
    "StoppingRulesChecked": "stopping rules checked",
    "ReportRecorded": "report recorded",
    "LotReceived": "lot received",
    "CartonsMade": "cartons packed",
    "KitChosen": "kit named",
    "DosePrepared": "dose prepared",
    "PreparationGivenUp": "preparation given up",
}
KINDS = {**OPENINGS, **OTHERS}


@dataclass
class Read:
    """What was read of the record so far: all of it, the openings, how many there are of each kind."""

    entries: list[Entry] = field(default_factory=list)
    openings: list[Entry] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def read_on(self, request: HttpRequest) -> "Read":
        """Let the vault show what has come since to who looks; raises DecisionRefused where it does not."""
        after = self.entries[-1].sequence if self.entries else 0
        news: list[Entry] = ask(request, "show_record", list[Entry], after=after)
        self.entries += news
        self.openings += [one for one in news if one.kind in OPENINGS]
        self.counts.update(one.kind for one in news)
        return self


@asks("show_record")
def page(request: HttpRequest) -> HttpResponse:
    """Show the openings, the newest first; or all of the record."""
    looking = here(request)
    kind, wanted = request.GET.get("kind", "openings"), request.GET.get("participant", "").strip()
    read = Read()
    refusal = ""
    try:
        read = kept(looking, "record of the vault", Read, of=()).read_on(request)
    except DecisionRefused as refused:
        refusal = str(refused)
    counts, found = read.counts, read.openings if kind == "openings" else read.entries
    if wanted or kind not in ("openings", "all"):
        found = [
            one for one in found if kind in ("openings", "all", one.kind) and wanted in (one.participant or "")
        ]
    names = {name: person.name for name, person in looking.trial.people.items()}
    pages = cut(request, found[::-1])
    context = {
        "title": say("Record of the vault"),
        "entries": [(one, names.get(one.actor, one.actor), KINDS[one.kind]) for one in pages.page.object_list],
        "pages": pages,
        "counts": [(name, what, counts[name]) for name, what in KINDS.items() if counts[name]],
        "openings": sum(counts[name] for name in OPENINGS),
        "total": len(read.entries),
        "kind": kind,
        "wanted": wanted,
        "zone": looking.zone,
        "refusal": refusal,
    }
    return render(request, "vault/trail.html", context, status=422 if refusal else 200)
