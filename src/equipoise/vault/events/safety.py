"""What the vault's own record says of safety: rules that were looked at, cases and lists that were opened."""

from .said import Said


class StoppingRulesChecked(Said, frozen=True):
    """The stopping rules were evaluated; `sealed` holds those that hold, where and for whom (`stopping.Held`).

    halts: how often they have asked for a pause by now, this time included.
    """

    halts: int
    sealed: bytes


class StoppingShown(Said, frozen=True):
    """Somebody was shown which stopping rules hold, in which arm and for whom."""


class CaseOpened(Said, frozen=True):
    """The treatment of one participant was shown for the expedited report of an adverse event."""

    record: str


class ReportRecorded(Said, frozen=True):
    """A case was dealt with for an authority; `sealed` holds what became of it (`cases.Report`)."""

    record: str
    authority: str
    sealed: bytes


class BoardOpened(Said, frozen=True):
    """The arms were shown to the statistician of the safety board, for the data up to an event of the trial."""

    sequence: int
    data: str
