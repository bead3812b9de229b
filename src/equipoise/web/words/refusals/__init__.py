"""The sentences of the door and of the audit trail in Simplified Chinese, by the template of their English.

The core says everything in English and knows of no language, so that what a fact tells stays the same for ever.
Here stands, by chapter of conduct, what each sentence is in Chinese: `{1}`, `{2}` ... stand for the values of the
English in their order, `{1:said}` for one that is itself said in Chinese where it is a known word or sentence.
"""

from collections.abc import Mapping

from . import (
    closing,
    door,
    enrolment,
    follow_up,
    forms,
    laboratory,
    organisation,
    quality,
    safety,
    supply,
    vault,
)

CHAPTERS = (closing, door, enrolment, follow_up, forms, laboratory, organisation, quality, safety, supply, vault)

CHINESE: Mapping[str, str] = {english: said for chapter in CHAPTERS for english, said in chapter.CHINESE.items()}
"""What every sentence is in Chinese, by the template of its English."""

_VERBS = ("must ", "is ", "has ", "lacks ", "cannot ", "belongs ", "stands ", "lies ")

PREDICATES = frozenset(
    english for chapter in (forms, laboratory) for english in chapter.CHINESE if english.startswith(_VERBS)
)
"""Templates that say something of a value, which is named before them: `Weight must be a number`."""
