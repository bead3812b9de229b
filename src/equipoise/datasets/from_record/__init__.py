"""The record of a trial as datasets: SDTM, and ADaM derived from it."""

from .adam import write_adam
from .files import Format, count_rows, write_datasets
from .opened import Opened, PreparedDose
from .sdtm import write_sdtm

__all__ = ["Format", "Opened", "PreparedDose", "count_rows", "write_adam", "write_datasets", "write_sdtm"]
