"""What is done at the sites for one person after another: screening, entry, visits, infusions, leaving."""

from .entry import enter
from .infusions import Infusions
from .mishaps import Mishaps
from .paperwork import Paperwork
from .team import Clinic, Going

__all__ = ["Clinic", "Going", "Infusions", "Mishaps", "Paperwork", "enter"]
