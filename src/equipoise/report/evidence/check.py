"""A check: a requirement with its sources, the test that was really carried out, and the values that it found."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ...errors import EquipoiseError

Found = Mapping[str, object]
"""What a test has found, in words or numbers, by what it is."""


class CheckFailed(Exception):
    """What was required does not hold; the text says what was found instead."""


class NotExercised(Exception):
    """The test could not be carried out here; the text says why."""


@dataclass(frozen=True)
class Check:
    """A check as it was carried out; `passed` is None where it was not exercised, and `failure` says why not.

    id: of the requirement, as `OQ-07`. part: a heading under which the check stands. requirement, test: sentences.
    sources: clauses of guidelines. evidence: what was found. seconds: how long it took.
    """

    id: str
    part: str
    requirement: str
    test: str
    sources: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
    passed: bool | None = None
    failure: str = ""
    seconds: float = 0.0


def carry_out(check: Check, test: Callable[[], Found]) -> Check:
    """Carry out the test of a check, and return the check with what was found.

    A test that raises has failed, whatever it raised, but for `NotExercised`; only what ends the program goes on.
    """
    began = time.monotonic()
    found: Found = {}
    passed: bool | None = True
    failure = ""
    try:
        found = test()
    except NotExercised as why:
        passed, failure = None, str(why)
    except CheckFailed as why:
        passed, failure = False, str(why)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a test is what the test has found
        said = str(error) if isinstance(error, EquipoiseError) else f"{type(error).__name__}: {error}"
        passed, failure = False, said
    seconds = time.monotonic() - began
    evidence = {name: str(value) for name, value in found.items()}
    return replace(check, evidence=evidence, passed=passed, failure=failure, seconds=round(seconds, 3))
