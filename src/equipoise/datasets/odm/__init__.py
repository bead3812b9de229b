"""ODM 1.3.2 and 2.0: the clinical data of a trial with their audit trail, written, read back, held to the schema.

What the format has a place for goes there: visits, forms, items, units, ranges, code lists, users, locations,
signatures, and for each value who recorded it, where, when and why. Every other fact about a participant (a
consent, a query, a deviation) is a record of a form of its own under the study event SE.CONDUCT, with the fields
of the fact as items, as the schema takes extensions of vendors only from who changes it. So the file holds all
that was recorded of participants, and gives back their part of the record. What concerns the trial or a site as
a whole has no subject, hence no place in ODM: JSON Lines (`record/lines.py`) is the copy of everything.
"""

from .read import ClinicalRecord, read_odm, visit_key
from .schema import check_schema, require_encoding, version_of
from .spelling import NAMESPACES, Version, unspell
from .state import clinical_hash
from .write import Written, write_odm

__all__ = [
    "NAMESPACES",
    "ClinicalRecord",
    "Version",
    "Written",
    "check_schema",
    "clinical_hash",
    "read_odm",
    "require_encoding",
    "unspell",
    "version_of",
    "visit_key",
    "write_odm",
]
