"""Long work beside the pages: it waits for who asked for it, in their role, and says how it ended."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.web.portals import Portals

from equipoise.errors import DecisionRefused

if TYPE_CHECKING:
    from equipoise.web.shell.here import Here


@pytest.fixture
def looking(portals_at: Callable[..., Portals]) -> "Here":
    """A data manager who looks."""
    portals = portals_at()
    from equipoise.web.shell.here import Here

    return Here(portals.running, "data.manager", "data manager", None, portals.script.by("data manager").at)


def test_what_was_made_is_found_by_who_asked_in_that_role_alone(looking: "Here") -> None:
    from equipoise.web.beside.background import Made, find, jobs_of, start

    first, second = (start(looking, "work", lambda _: Made("a file", "text/plain", b"content")) for _ in range(2))
    assert first.wait(10)
    assert (first.standing, first.made) == ("done", Made("a file", "text/plain", b"content"))
    assert jobs_of(looking, "work") == [second, first]
    assert jobs_of(looking, "other work") == []
    for other in (replace(looking, person="monitor"), replace(looking, role="sponsor")):
        assert find(other, first.name) is None
        assert jobs_of(other, "work") == []


def test_work_that_is_to_go_on_alone_is_not_begun_twice(looking: "Here") -> None:
    from equipoise.web.beside.background import Made, start_alone

    goes_on, times = threading.Event(), list[str]()

    def work(job: object) -> Made:
        times.append(str(job))
        assert goes_on.wait(10)
        return Made("a file")

    first = start_alone(looking, "work", work)
    assert start_alone(looking, "work", work) is first
    other = start_alone(replace(looking, person="monitor"), "work", work)
    assert other is not first
    goes_on.set()
    assert first.wait(10)
    assert other.wait(10)
    again = start_alone(looking, "work", work)
    assert again is not first
    assert again.wait(10)
    assert len(times) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_was_refused_is_told_and_what_failed_is_told_without_its_words(looking: "Here") -> None:
    from equipoise.web.beside.background import Job, Made, start

    def refuse(_: Job) -> Made:
        raise DecisionRefused("cut the data first")

    def fail(_: Job) -> Made:
        raise LookupError("the arm of 01-001")

    for work, said in ((refuse, "cut the data first"), (fail, "this did not work; try again")):
        job = start(looking, "work", work)
        assert job.wait(10)
        assert job.standing == "refused"
        assert job.refusal.startswith(said)
        assert "01-001" not in job.refusal
