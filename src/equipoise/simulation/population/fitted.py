"""Assumptions fitted to the data of a trial: means, covariance over the visits, who leaves, what differs.

Means by arm and an unstructured covariance common to the arms are those of maximum likelihood, values missing at
random (Little and Rubin, Statistical Analysis with Missing Data, 3rd ed., Wiley 2020, chapter 8), by
`statistics.mmrm`. The share that leaves is that without a value at the last visit nor after it, missed visits are
the gaps before. Codes that analyses need have the shares that they have in the data. Two scenarios follow:
`none`, and `observed`, in which each arm changes more or less than the control as it did by the last visit.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from ...errors import DataError, ProtocolError
from ...protocol import Protocol, Quantity
from ...protocol.model import Assumptions, Dropout, Effect, Randomisation, RepeatedMeasurements
from ...protocol.model.planning.assumptions import Sites
from ...statistics.distributions import Floats
from ...statistics.repeated_measures import mmrm
from .real import NONE, OBSERVED, RealParticipants


def fit_assumptions(protocol: Protocol, real: RealParticipants, item: str) -> Protocol:
    """Return the protocol with the assumptions that the data of its trial give for an item.

    Raises ProtocolError where it has no control arm, DataError where the data hold fewer than two visits of the
    item.
    """
    if protocol.control is None:
        raise ProtocolError("assumptions are fitted to differences from a control arm, and no arm is one")
    values = real.values.get(item)
    places = [] if values is None else [v for v in range(len(real.visits)) if not np.isnan(values[:, v]).all()]
    if values is None or len(places) < 2:
        raise DataError(f"the data must hold values of {item} at two visits or more to fit a covariance")
    visits = [real.visits[v] for v in places]
    fit = _fit(protocol, real, values, places)
    means = {
        (row["arm"], row["visit"]): row["estimate"] for row in fit.means("arm", by="visit").iter_rows(named=True)
    }
    control, first, last = protocol.control, visits[0], visits[-1]
    unit = getattr(protocol.items.get(item), "unit", None) or ""
    change = {arm: means[arm, last] - means[arm, first] for arm in protocol.arms if (arm, last) in means}
    effects = {
        arm: Quantity(Decimal(repr(round(gain - change[control], 6))), unit)
        for arm, gain in change.items()
        if arm != control
    }
    covariance = fit.covariance.select(visits).to_numpy()
    given = Assumptions(
        sites=Sites(count=int(real.site.max()) + 1, participants_per_month=1.0),
        participant=RepeatedMeasurements(
            model="repeated_measures",
            item=item,
            means={visit: float(means[control, visit]) for visit in visits},
            covariance=tuple(tuple(map(float, row)) for row in (covariance + covariance.T) / 2),
        ),
        **_leaving(values[:, places], last),
        shares=_shares(real),
        scenarios={NONE: Effect(), OBSERVED: Effect.model_validate({**effects, "reached_by": last})},
    )
    size = len(real.arm)
    plan = Randomisation(size=size, method="complete")
    known = protocol.randomisation
    if known is not None and known.method != "not published":
        plan = known.model_copy(update={"size": size})
    kept = {
        key: text
        for key, text in protocol.provenance.items()
        if key.split(".")[0] not in ("assumptions", "design", "enrolment", "randomisation")
    }
    said = dict.fromkeys(("assumptions", "randomisation"), "assumed; fitted to the data of the trial")
    update = {"assumptions": given, "randomisation": plan, "enrolment": None, "design": None}
    return protocol.model_copy(update={**update, "provenance": {**kept, **said} if kept else {}})


def _fit(protocol: Protocol, real: RealParticipants, values: Floats, places: list[int]) -> Any:
    who, where = np.nonzero(~np.isnan(values[:, places]))
    arms = list(protocol.arms)
    frame = pl.DataFrame(
        {
            "participant": who,
            "arm": pl.Series([arms[a] for a in real.arm[who]], dtype=pl.Enum(arms)),
            "visit": pl.Series(
                [real.visits[places[v]] for v in where], dtype=pl.Enum([real.visits[v] for v in places])
            ),
            "value": values[:, places][who, where],
        }
    )
    return mmrm("value ~ arm * visit", frame, subject="participant", visit="visit", df="residual", reml=False)


def _leaving(values: Floats, last: str) -> dict[str, Any]:
    """Return dropout and missed visits as the pattern of missing values has them."""
    seen = ~np.isnan(values)
    final = np.where(seen.any(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), 0)
    share = float((final < seen.shape[1] - 1).mean())
    inside = np.arange(seen.shape[1]) <= final[:, None]
    gaps = float((~seen & inside).sum() / max(int(inside.sum()), 1))
    return {"dropout": Dropout(by=last, share=share) if share else None, "missed_visit": gaps}


def _shares(real: RealParticipants) -> Mapping[str, Mapping[str, float]]:
    """Return the share of each code of the variables."""
    shares = {}
    for name, levels in real.levels.items():
        known = levels[levels >= 0]
        counts = np.bincount(known, minlength=len(real.codes[name])) / max(len(known), 1)
        shares[name] = {code: float(share) for code, share in zip(real.codes[name], counts, strict=True) if share}
    return shares
