"""The signature of an investigator: what is signed is shown whole, and who signs proves anew who they are.

21 CFR 11.50 and 11.200; ICH E6(R3) 4.2.2. What has changed since the last signature shows as broken.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .....conduct.closing.signatures import Sign, broken_signatures, content_hash, signature_state
from .....conduct.door.state import FormEntry, Value
from .....conduct.forms.history import PastValue
from .....errors import DecisionRefused
from .....protocol import Protocol
from .....protocol.model import Item
from ....accounts.proof import needs_code, require_proof
from ....shell.requests import here, may, participant_here, shown_to, submit
from ....shell.templatetags.words import recorded, unit
from ....words import language, say
from .head import head_of


@require_http_methods(["GET", "POST"])
@shown_to("signatures")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show what is signed and by whom, and let an investigator sign."""
    person, looking = participant_here(request, number), here(request)
    refusal, meaning = "", request.POST.get("meaning", "").strip()
    if request.method == "POST":
        if not may(request, Sign):
            raise PermissionDenied
        intent = Sign(participant=number, meaning=meaning, content=request.POST.get("content", ""))
        try:
            require_proof(request)
            submit(request, intent)
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("Signed: {meaning}", meaning=meaning))
            return redirect("sign", number=number)
    broken, people = broken_signatures(person), looking.trial.people
    context: dict[str, Any] = {
        "title": say("Signature for participant {number}", number=number),
        "signatures": [(one, people[one.person].name, one in broken) for one in person.signatures],
        "state": signature_state(person),
        "content": content_hash(person),
        "visits": list(person.visits.items()),
        "endings": list(person.ended.items()),
        "records": [_record(looking.running.door.protocol_of(number), entry) for entry in person.forms.values()],
        "meaning": meaning or say("I have reviewed these data; they are complete and agree with the source."),
        "may_sign": may(request, Sign) and bool(person.forms),
        "needs_code": needs_code(request),
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "site/sign.html", context, status=422 if refusal else 200)


def _record(protocol: Protocol, entry: FormEntry) -> dict[str, Any]:
    """Return a record as it is shown to who signs: values in words, and the checks that do not hold."""
    form = protocol.forms.get(entry.form)
    items = {} if form is None else form.items
    checks = {} if form is None else form.checks
    return {
        "entry": entry,
        "label": entry.form if form is None else form.label.say(language()),
        "values": [
            (items[name].label.say(language()) if name in items else name, said_value(items.get(name), value))
            for name, value in entry.values.items()
        ],
        "raised": [checks[name].say.say(language()) for name in entry.raised if name in checks],
    }


def said_value(item: Item | None, value: Value | PastValue | None) -> str:
    """Return a value as it is read: a code by its label, a number with its unit, or why there is none."""
    if value is None:
        return "–"
    if value.missing is not None:
        return say(value.missing)
    if value.value is None:
        return "–"
    if item is not None and str(value.value) in item.codes:
        return item.codes[str(value.value)].say(language())
    if item is not None and item.type == "yes or no":
        return say("Yes") if value.value == "Y" else say("No")
    in_unit = f" {unit(item.unit)}" if item is not None and item.unit else ""
    return f"{recorded(value.value)}{in_unit}" + (f" ({value.entered})" if value.entered else "")
