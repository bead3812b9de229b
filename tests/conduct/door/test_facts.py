"""Every fact has its own sentence for the audit trail."""

from equipoise.conduct.door.chapters import FACTS
from equipoise.conduct.door.fact import Fact


def test_every_fact_tells_what_happened_in_words_of_its_own() -> None:
    assert len(FACTS) > 30
    assert not [name for name, fact in FACTS.items() if fact.tell is Fact.tell]
