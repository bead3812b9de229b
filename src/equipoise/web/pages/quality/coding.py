"""Medical coding: terms that are not coded, what the dictionary offers for each, what a new version changes."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.door.fact import Intent
from ....conduct.door.state import Trial
from ....conduct.quality.coding import CodeTerm, CodeTerms, LoadDictionary, Uncoded, list_uncoded
from ....conduct.quality.dictionary import TOPICS, Dictionary, Kind, plain
from ....conduct.quality.revision import Effect
from ....errors import DataError, DecisionRefused
from ....protocol import Protocol
from ....trial.coding import compare_dictionary, load_dictionary
from ...shell.here import Here
from ...shell.requests import here, may, scoped_key, shown_to, submit
from ...words import say
from .listing import Cell, of_each, person_cell, record_cell, table

OFFERED = 8
"""Terms offered for one that the dictionary does not have."""
ROWS = 40
LARGEST = 100_000_000


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the terms of a kind that are not coded, and code them."""
    looking, known = here(request), _kind(kind)
    loaded = looking.trial.dictionaries.get(known)
    refusal = ""
    if request.method == "POST":
        edition = loaded.edition if loaded else ""
        intent: Intent = CodeTerms(dictionary=known, edition=edition)
        if "record" in request.POST:
            named = (request.POST.get(name, "").strip() for name in ("participant", "record", "item", "chosen"))
            participant, record, item, chosen = named
            intent = CodeTerm(participant=participant, record=record, item=item, chosen=chosen, edition=edition)
        try:
            submit(request, intent)
            return redirect("coding", kind=kind)
        except DecisionRefused as refused:
            refusal = str(refused)
    waiting = [one for one in uncoded(looking) if one.dictionary == known]
    dictionary = None if loaded is None else looking.running.folder.dictionary(loaded.hash)
    context = {
        "title": say("Medical coding"),
        "kind": known,
        "kinds": list(TOPICS),
        "loaded": loaded,
        "rows": [
            (
                one,
                person_cell(one.participant),
                record_cell(request, one.participant, one.record),
                () if dictionary is None else offered(dictionary, one.term),
                request.POST.get("chosen", "") if _is_meant(request, one) else "",
            )
            for one in waiting[:ROWS]
        ],
        "waiting": len(waiting),
        "more": max(0, len(waiting) - ROWS),
        "ready": 0 if dictionary is None else sum(dictionary.find(one.term) is not None for one in waiting),
        "may_load": may(request, LoadDictionary),
        "may_code_all": may(request, CodeTerms),
        "may_code": may(request, CodeTerm),
        "refusal": refusal,
    }
    return render(request, "quality/coding.html", context, status=422 if refusal else 200)


@require_http_methods(["POST"])
@shown_to("queries")
def dictionary(request: HttpRequest, kind: str) -> HttpResponse:
    """Compare a dictionary that is sent with that in force, or code with it from now on."""
    looking, known = here(request), _kind(kind)
    name, edition = (request.POST.get(field, "").strip() for field in ("name", "edition"))
    context: dict[str, Any] = {
        "title": say("A new dictionary"),
        "kind": known,
        "name": name,
        "edition": edition,
        "may_load": may(request, LoadDictionary),
    }
    try:
        with TemporaryDirectory() as place:
            file = _keep(Path(place), request.FILES.get("file"))
            if request.POST.get("then") == "load":
                load_dictionary(looking.running, looking.by, file, known, name, edition, scoped_key(request))
                return redirect("coding", kind=kind)
            found = compare_dictionary(looking.running, file, known)
    except (DataError, DecisionRefused) as error:
        return render(request, "quality/dictionary.html", {**context, "refusal": str(error)}, status=422)
    found = [one for one in found if looking.may_see(looking.trial.participants[one.participant].site)]
    counts = Counter(one.effect for one in found)
    context["counts"] = [(effect, counts[effect]) for effect in get_args(Effect)]
    context["table"] = table(
        request,
        say("Terms that would be coded otherwise"),
        (say("Participant"), say("Reported term"), say("Effect"), say("Until now"), say("Then")),
        [one for one in found if one.effect != "same"],
        lambda one: (person_cell(one.participant), one.term, Cell(say(one.effect)), one.before, one.after),
        empty=say("Every coded term keeps its meaning."),
    )
    return render(request, "quality/dictionary.html", context)


def uncoded(looking: Here) -> list[Uncoded]:
    """Return the terms that are not coded, of the participants that who looks may see."""

    def listing(protocol: Protocol, trial: Trial) -> Iterable[Uncoded]:
        return list_uncoded(protocol, trial)

    return of_each(looking, "terms not coded", listing)


def offered(dictionary: Dictionary, term: str) -> tuple[tuple[str, str], ...]:
    """Return what a dictionary offers for a term: itself, or those that share most words, each with its sense."""
    match = dictionary.find(term)
    if match is not None:
        return ((match[0].term, match[0].decoded),)
    words = {word for word in plain(term).split() if len(word) > 2} or {plain(term)}
    scores = [
        (shared, -len(key), key) for key in dictionary.terms if (shared := sum(word in key for word in words))
    ]
    best = [key for _, _, key in sorted(scores, reverse=True)[:OFFERED]]
    return tuple((dictionary.terms[key].term, dictionary.terms[key].decoded) for key in best)


def _is_meant(request: HttpRequest, one: Uncoded) -> bool:
    named = tuple(request.POST.get(name, "") for name in ("participant", "record", "item"))
    return named == (one.participant, one.record, one.item)


def _keep(place: Path, sent: "UploadedFile[Any] | None") -> Path:
    """Write a file that was sent into a folder; DataError where there is none, or it is too large."""
    if sent is None or not 0 < (sent.size or 0) <= LARGEST:
        raise DataError(say("Choose a file of at most 100 MB."))
    file = place / "dictionary.csv"
    with file.open("wb") as out:
        out.writelines(sent.chunks())
    return file


def _kind(kind: str) -> Kind:
    return "drugs" if kind == "drugs" else "events"
