"""One day on which nothing answers at one site: visits are held on paper, and entered days later.

It strikes at the first visit without an infusion that leaves room for it, for nobody is dosed while the vault is
out of reach; other visits of that day at the site are held on paper as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ....conduct.forms.planned import products_planned_at
from ....conduct.quality.late_entry import FromPaper
from ....protocol import Protocol

LASTS = timedelta(days=9)
"""From the visit to its entry."""


@dataclass(frozen=True)
class OnPaper:
    """A visit that was held on paper: what is said of it on entry, and why it comes late where that is asked."""

    written: FromPaper
    late: str | None


@dataclass
class Outage:
    """The outage of a trial; `site` and `day` are not known until it strikes."""

    site: str | None = None
    day: date | None = None

    def strikes(
        self, protocol: Protocol, site: str, visit: str, held: Mapping[str, date], last_on: date
    ) -> OnPaper | None:
        """Return how a visit is entered later, None where it is not held on paper.

        held: the day of each visit of the participant; another one, or the end, must not come before the entry.
        """
        on = held[visit]
        entered = on + LASTS
        alone = all(other == visit or not on <= day <= entered for other, day in held.items())
        if products_planned_at(protocol, visit) or not alone or entered >= last_on:
            return None
        if self.day is None:
            self.site, self.day = site, on
        if (self.site, self.day) != (site, on):
            return None
        allowed = None if protocol.quality is None else protocol.quality.late_entry
        late = "the network was down" if allowed is not None and allowed.to("day") < LASTS.days else None
        return OnPaper(FromPaper(f"{on}T11:00", "no network at the site"), late)
