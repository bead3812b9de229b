"""The virtual people who run the trial: sites with their zones and teams, and those who serve all sites.

Nobody here is real. Short names tell the role, so that the audit trail of a rehearsal can be read without a list.
"""

from dataclasses import dataclass

COUNTRIES = (("CHN", "Asia/Shanghai"), ("CHN", "Asia/Urumqi"), ("ESP", "Europe/Madrid"))
"""Country and zone of the sites, in turn: two zones of one country, and one with summer time."""

AT_SITE = ("investigator", "coordinator", "nurse")
"""Who works at each site; the nurse writes what is measured and given, the coordinator all else."""

FOR_ALL = {
    "pharmacist": "pharmacist",
    "pharmacist.2": "pharmacist",
    "laboratory": "laboratory",
    "monitor": "monitor",
    "data.manager": "data manager",
    "medical.monitor": "medical monitor",
    "safety.unblinder": "safety unblinder",
    "board.statistician": "safety board statistician",
    "statistician": "trial statistician",
    "custodian.1": "list custodian",
    "custodian.2": "list custodian",
    "holder.1": "key holder",
    "holder.2": "key holder",
}
"""Role by short name of those who serve all sites."""

PHARMACISTS = ("pharmacist", "pharmacist.2")
"""Those who prepare doses; who prepares one does not check it."""

SPONSOR, ADMINISTRATOR = "sponsor", "administrator"
MANAGER, MANAGES = "data.manager", "data manager"
HOME = "UTC"
"""Zone of those who serve all sites."""


@dataclass(frozen=True)
class VirtualSite:
    """A site: its number, where it is, and the short names of those who work there, by role."""

    number: str
    country: str
    zone: str

    @property
    def name(self) -> str:
        """The name of the site."""
        return f"Virtual hospital {self.number}"

    def person(self, role: str) -> str:
        """Return the short name of who has a role at the site."""
        return f"{role}.{self.number}"


def make_sites(count: int) -> tuple[VirtualSite, ...]:
    """Return the sites of a trial, numbered from 01."""
    places = (COUNTRIES[k % len(COUNTRIES)] for k in range(count))
    return tuple(VirtualSite(f"{k + 1:02d}", *place) for k, place in enumerate(places))


def full_name(person: str) -> str:
    """Return the full name of a virtual person, which says what they are."""
    return "Virtual " + person.replace(".", " ")
