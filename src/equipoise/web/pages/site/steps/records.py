"""A record that is struck out, and a query that is answered."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest

from .....conduct.door.state import Participant
from .....conduct.forms.entry import RemoveForm
from .....conduct.quality.queries import AnswerQuery
from ....shell.requests import here
from ....shell.templatetags.words import day
from ....words import language, say
from .step import Asked, Field, Step


def _ask_removal(request: HttpRequest, person: Participant, record: str) -> Asked:
    entry, protocol = person.forms.get(record), here(request).running.door.protocol_of(person.id)
    if entry is None or entry.form not in protocol.forms:
        raise Http404
    return Asked(
        title=say("Strike out a record"),
        button=say("Strike it out"),
        said=say("For a record that should not have been made. Its history stays."),
        facts=(
            (say("Form"), protocol.forms[entry.form].label.say(language())),
            (say("Record"), f"{entry.repeat} ({day(entry.on)})"),
        ),
        fields=(Field("reason", say("Why it is struck out"), "text"),),
    )


def _make_removal(person: Participant, record: str, typed: Mapping[str, str]) -> RemoveForm:
    entry = person.forms[record]
    return RemoveForm(
        participant=person.id,
        form=entry.form,
        visit=entry.visit,
        repeat=entry.repeat,
        reason=typed.get("reason", ""),
    )


def _ask_answer(_request: HttpRequest, person: Participant, name: str) -> Asked:
    query = person.queries.get(name)
    if query is None:
        raise Http404
    facts = [(say("Raised"), day(query.raised_at.date())), (say("Question"), query.question)]
    facts += [(say("Answered"), f"{one.text} ({day(one.at.date())})") for one in query.answers]
    return Asked(
        title=say("Answer query {name}", name=name),
        button=say("Answer"),
        said=say("Say what the source shows. A wrong value is corrected on its form instead."),
        facts=tuple(facts),
        fields=(Field("answer", say("Answer"), "text"),),
    )


def _make_answer(person: Participant, name: str, typed: Mapping[str, str]) -> AnswerQuery:
    return AnswerQuery(participant=person.id, query=name, answer=typed.get("answer", ""))


RECORDS = {
    "strike-out": Step(RemoveForm, _ask_removal, _make_removal),
    "answer-query": Step(AnswerQuery, _ask_answer, _make_answer),
}
