"""What the names of a protocol are called in Chinese, and refusals as a page shows them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.translation import override
from tests.web.portals import Portals

import equipoise
from equipoise.protocol import read_protocol
from equipoise.web.shell.said import said
from equipoise.web.words.called import called
from equipoise.web.words.said import in_language
from equipoise.web.words.terms import TERMS

PortalsAt = Callable[..., Portals]
BILINGUAL = Path(equipoise.__file__).parent / "simulation/qualification/trial.yaml"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_says_a_refusal_in_the_language_of_who_looks(portals_at: PortalsAt, language: str) -> None:
    portals_at("allocated", 1)
    with override(language):
        shown = said("visit W4 can still be held until 2026-03-05; it is not missed yet")
        told = said("this step (lock trial) is for: data manager. Got sponsor")
    assert ("not missed yet" in shown) == (language == "en")
    assert "2026-03-05" in shown
    assert ("lock trial" in told) == (language == "en")


def test_ids_of_the_protocol_are_said_by_their_labels(portals_at: PortalsAt) -> None:
    portals_at("allocated", 1)
    protocol = read_protocol(BILINGUAL)
    with override("zh-hans"):
        names = called(protocol)
    form, known = next(iter(protocol.forms.items()))
    assert names[form] == known.label.say("zh") != form
    labels: dict[str, set[str]] = {}
    for one in protocol.forms.values():
        for item, asked in one.items.items():
            labels.setdefault(item, set()).add(asked.label.say("zh"))
    assert {item for item, said in labels.items() if len(said) == 1} <= names.keys() | TERMS.keys()
    assert not set(protocol.arms) & names.keys()


def test_labels_of_the_protocol_are_said_too(portals_at: PortalsAt) -> None:
    portals_at("allocated", 1)
    protocol = read_protocol(BILINGUAL)
    form = next(form for form in protocol.forms.values() if form.label.say("zh") != form.label.say())
    with override("zh-hans"):
        names = called(protocol)
        assert names is called(protocol)
    english = f"{form.label.say()} has only one record a visit. Got record 2"
    assert in_language(english, "zh", names) == (
        f"{form.label.say('zh')}每次访视只有一条记录；请更正（当前值：记录 2）"
    )
