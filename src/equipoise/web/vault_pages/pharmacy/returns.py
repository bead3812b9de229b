"""Returns and destruction: every kit that is no longer used is accounted for, one by one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.supply.changes import OF_SUPPLY
from ....conduct.supply.ledger import AccountLine, account
from ....conduct.supply.returns import DestroyKits, ReturnKits
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import cut, here, submit
from ...words import say
from ..asking import asks, attempt, may_ask
from .stock import sentence
from .typed import numbers, text

GONE = ("returned", "destroyed", "missing on arrival")


@require_http_methods(["GET", "POST"])
@asks("lot_accounts")
def page(request: HttpRequest) -> HttpResponse:
    """Show every kit with what became of it; return or destroy what is no longer used."""
    refusal = ""
    if request.method == "POST":
        steps = {"return": lambda: _return(request), "destroy": lambda: _destroy(request)}
        said, refusal = attempt(request, steps)
        if not refusal:
            messages.success(request, said or "")
            return redirect("returns")
    looking = here(request)
    lines = kept(looking, ("account", looking.site), lambda: account(looking.trial, looking.site), of=OF_SUPPLY)
    state, wanted = request.GET.get("state", ""), request.GET.get("number", "").strip()
    found = lines
    if state or wanted:
        found = [line for line in lines if state in ("", line.state) and wanted in line.kit]
    pages = cut(request, found)
    context = {
        "title": say("Returns"),
        "kits": [(line, line.state in GONE or not _can_go(looking, line)) for line in pages.page.object_list],
        "pages": pages,
        "counts": kept(looking, ("kits by state", looking.site), lambda: _counted(lines), of=OF_SUPPLY),
        "state": state,
        "wanted": wanted,
        "sites": [site for site in looking.trial.sites if looking.may_see(site)],
        "people": [(name, one.name) for name, one in looking.trial.people.items() if name != looking.person],
        "may_work": may_ask(request, "pack_cartons"),
        "refusal": refusal,
    }
    return render(request, "vault/returns.html", context, status=422 if refusal else 200)


def _can_go(looking: Here, line: AccountLine) -> bool:
    """Whether a kit may be due for return: set aside, given, in quarantine, past its date, or damaged."""
    spent = line.state in ("set aside", "given", "damaged on arrival") or "quarantine" in line.state
    return spent or line.use_by < looking.today


def _counted(lines: list[AccountLine]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    return sorted(counts.items())


def _kits(request: HttpRequest) -> tuple[str, ...]:
    return numbers(request, "kit") + numbers(request, "typed_kits")


def _return(request: HttpRequest) -> str:
    intent = ReturnKits(site=text(request, "site"), kits=_kits(request))
    return "; ".join(sentence(event) for event in submit(request, intent))


def _destroy(request: HttpRequest) -> str:
    intent = DestroyKits(kits=_kits(request), witness=text(request, "witness"), reason=text(request, "reason"))
    return "; ".join(sentence(event) for event in submit(request, intent))
