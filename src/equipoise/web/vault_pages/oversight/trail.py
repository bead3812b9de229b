"""The vault's own record: who had it do or show what, when and why; what it holds of arms stays sealed."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....errors import DecisionRefused
from ....vault.oversight.desk import Entry
from ...shell.requests import here
from ...words import say
from ..asking import ask, asks

SHOWN = 50
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


@asks("show_record")
def page(request: HttpRequest) -> HttpResponse:
    """Show the openings, the newest first; or all of the record."""
    looking = here(request)
    kind, wanted = request.GET.get("kind", "openings"), request.GET.get("participant", "").strip()
    entries: list[Entry] = []
    refusal = ""
    try:
        entries = ask(request, "show_record", list[Entry])
    except DecisionRefused as refused:
        refusal = str(refused)
    counts = Counter(one.kind for one in entries)
    found = [
        one
        for one in reversed(entries)
        if (kind == "all" or one.kind == kind or (kind == "openings" and one.kind in OPENINGS))
        and wanted in (one.participant or "")
    ]
    names = {name: person.name for name, person in looking.trial.people.items()}
    context = {
        "title": say("Record of the vault"),
        "entries": [(one, names.get(one.actor, one.actor), KINDS[one.kind]) for one in found[:SHOWN]],
        "more": max(0, len(found) - SHOWN),
        "counts": [(name, what, counts[name]) for name, what in KINDS.items() if counts[name]],
        "openings": sum(counts[name] for name in OPENINGS),
        "total": len(entries),
        "kind": kind,
        "wanted": wanted,
        "zone": looking.zone,
        "refusal": refusal,
    }
    return render(request, "vault/trail.html", context, status=422 if refusal else 200)
