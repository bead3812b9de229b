"""Every event of the vault's record has a sentence, and no other has."""

from equipoise.vault.events.state import KINDS
from equipoise.vault.oversight.sentences import SENTENCES


def test_every_kind_of_event_has_a_sentence_of_its_own() -> None:
    assert SENTENCES.keys() == KINDS.keys()
    assert len(set(SENTENCES.values())) == len(SENTENCES)
