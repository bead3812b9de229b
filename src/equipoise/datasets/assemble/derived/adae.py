"""Adverse events from AE, where a folder has no ADAE.

How long after the last dose an event still counts as treatment-emergent is what the protocol says.
"""

from dataclasses import replace

import polars as pl

from ....protocol import Protocol
from ...check import require_dataset
from ...dataset import Dataset
from ...derive.adverse_events import derive_adverse_events
from ..shelf import Shelf


def derive_adae(shelf: Shelf, adsl: Dataset, protocol: Protocol) -> Dataset:
    """Derive ADAE from AE; variables of AE that the derivation needs and AE lacks count as missing."""
    ae = shelf.read("ae")
    require_dataset(ae, {"USUBJID": "text", "AEDECOD": "text", "AESTDTC": "text"})
    frame = ae.frame
    if "AEENDTC" not in frame.columns:
        frame = frame.with_columns(AEENDTC=pl.lit(None, pl.String))
    if "AESEQ" not in frame.columns:
        frame = frame.with_columns(AESEQ=pl.int_range(1, pl.len() + 1))
    after = protocol.safety.follow_up_after_last_dose if protocol.safety is not None else None
    days = None if after is None else round(after.to("d"))
    derived = derive_adverse_events(frame, adsl.frame, days_after_last_dose=days)
    return replace(ae, frame=derived.with_columns(pl.col("TRTEMFL").fill_null("N")))
