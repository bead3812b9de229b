"""What a folder lacks in ADaM, derived from SDTM as the protocol says."""

from .adae import derive_adae
from .adsl import derive_participants, dose_counts, with_dates_of_death
from .domains import derive_measured
from .grades import with_grades
from .records import derive_recorded

__all__ = [
    "derive_adae",
    "derive_measured",
    "derive_participants",
    "derive_recorded",
    "dose_counts",
    "with_dates_of_death",
    "with_grades",
]
