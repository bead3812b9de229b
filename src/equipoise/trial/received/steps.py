"""Clinical data of an ODM file saved as forms: all of it or nothing, by the step `SaveForms`."""

from ...conduct.door.dates import today_at
from ...conduct.door.fact import By
from ...conduct.transfer.several import SaveForms
from ..running import RunningTrial
from .odm import Receiving, read_forms


def read_odm_forms(
    running: RunningTrial, by: By, name: str, content: bytes, *, site: str | None, reason: str | None
) -> SaveForms:
    """Return the step that an ODM file asks for; `site` is that of who sends it, None where they work for all.

    Raises DataError, with everything that is wrong and where.
    """
    door = running.door
    with door.still() as trial:
        receiving = Receiving(trial, site, door.protocol_of, today_at(trial, by, site), reason)
        return SaveForms(site=site, forms=read_forms(name, content, receiving))
