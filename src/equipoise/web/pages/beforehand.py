"""What the pages ask about every participant, worked out before anybody waits for it.

Answers are kept, but at the start, on a new day and when the frame of the trial changes all of them are worked out
anew, which takes a second or two in a trial of thousands. It is done before the first page is served, and then by
a thread beside the pages, question after question.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from ...conduct.closing.signatures import signature_state
from ...errors import EquipoiseError
from ...trial.running import RunningTrial
from ..shell.answers import kept_each
from ..shell.here import Here
from .oversight.closing import open_points
from .oversight.figures import NAMES, figure_of, main_item
from .oversight.safety import serious_events
from .quality.coding import uncoded
from .quality.dashboard import completeness_of
from .quality.listing import people_of
from .quality.lists import known_deviations
from .quality.review import to_review
from .quality.verification import to_compare
from .site.work import REPORTERS, tasks_of

PAUSE = 60.0
"""Seconds after which the questions are asked again; what is kept costs nothing then."""
DAILY: tuple[Callable[[Here], Any], ...] = (tasks_of, completeness_of)
"""Questions whose answer hangs on the day at the site of who looks."""
ONCE: tuple[Callable[[Here], Any], ...] = (
    open_points,
    to_compare,
    to_review,
    uncoded,
    serious_events,
    known_deviations,
    lambda looking: kept_each(looking, "signature", people_of(looking), signature_state, daily=False),
    *(lambda looking, name=name: figure_of(looking, name, main_item(looking.protocol)) for name in NAMES),
)
"""Questions that are asked for all sites together."""


def answer_beforehand(running: RunningTrial) -> None:
    """Ask every question as the roles ask it; whoever looks meanwhile waits for one of them at most."""
    at = datetime.now(UTC)
    for role in ("data manager", next(iter(sorted(REPORTERS)))):
        for site in (None, *running.door.trial.sites):
            _ask(DAILY, Here(running, "", role, site, at))
    _ask(ONCE, Here(running, "", "data manager", None, at))


@contextmanager
def answering(running: RunningTrial) -> Iterator[None]:
    """Answer beforehand now, and again every minute, in a thread of its own, as long as the block lasts."""
    over = threading.Event()
    answer_beforehand(running)

    def work() -> None:
        while not over.wait(PAUSE):
            with suppress(EquipoiseError):  # such as a database that is away: whoever looks is told so
                answer_beforehand(running)

    thread = threading.Thread(target=work, name="answers beforehand", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _ask(questions: tuple[Callable[[Here], Any], ...], looking: Here) -> None:
    for question in questions:
        with looking.running.door.still():
            question(looking)
