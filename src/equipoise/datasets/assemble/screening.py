"""How many persons were screened, and why those who were not randomised were not, as far as the data tell."""

import polars as pl

from ..dataset import Dataset
from .shelf import Shelf


def count_screened(shelf: Shelf, adsl: Dataset, participants: pl.DataFrame) -> tuple[int | None, dict[str, int]]:
    """Return the number screened (None where the data do not tell), and by reason those not randomised.

    The persons of DM, else those of ADSL where it also holds some that were not randomised. The reason is the
    first criterion of IE that they did not meet, else what DS or DM (ARMNRS) says of them.
    """
    randomised = set(participants.filter("randomised")["participant"])
    if "dm" in shelf:
        people = shelf.read("dm", ["USUBJID"]).frame["USUBJID"]
    elif len(randomised) < adsl.frame.height:
        people = adsl.frame["USUBJID"]
    else:
        return None, {}
    failed = people.filter(~people.is_in(list(randomised))).unique()
    return people.n_unique(), _reasons(shelf, failed)


def _reasons(shelf: Shelf, failed: pl.Series) -> dict[str, int]:
    if failed.is_empty():
        return {}
    told: dict[str, str] = {}
    for name, variable in (("dm", "ARMNRS"), ("ds", "DSTERM"), ("ie", "IETEST")):
        if name in shelf:
            rows = shelf.read(name, ["USUBJID", variable]).frame
            if {"USUBJID", variable} <= set(rows.columns):
                first = rows.drop_nulls().unique("USUBJID", keep="first", maintain_order=True)
                told |= dict(first.select("USUBJID", variable).iter_rows())
    counts: dict[str, int] = {}
    for person in failed.sort():
        reason = told.get(person, "not recorded")
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))
