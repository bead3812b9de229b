"""On English pages a code or an id that stands alone is called by its label in the protocol."""

from tests.invariants.scripted import TRIAL

from equipoise.protocol import parse_protocol
from equipoise.web.words.called import labels

PROTOCOL = parse_protocol(TRIAL.read_text(encoding="utf-8"))


def test_ids_and_codes_are_called_by_their_labels() -> None:
    found = labels(PROTOCOL)
    assert found["vitals"] == PROTOCOL.forms["vitals"].label.say("en")
    codes = {
        code: text.say("en")
        for form in PROTOCOL.forms.values()
        for item in form.items.values()
        for code, text in item.codes.items()
    }
    assert codes
    assert all(
        found.get(code, said) == said for code, said in codes.items() if list(codes.values()).count(said) == 1
    )
    assert found is labels(PROTOCOL)


def test_what_has_no_label_is_not_there() -> None:
    assert "W0/vitals/1" not in labels(PROTOCOL)
