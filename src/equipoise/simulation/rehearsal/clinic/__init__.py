"""What is done at the sites for one person after another: screening, entry, visits, infusions, leaving."""

from .depot import Depot
from .entry import enter
from .infusions import Infusions
from .mishaps import Mishaps
from .paperwork import Paperwork
from .pharmacy import Pharmacy
from .team import Clinic, Going

__all__ = ["Clinic", "Depot", "Going", "Infusions", "Mishaps", "Paperwork", "Pharmacy", "enter"]
