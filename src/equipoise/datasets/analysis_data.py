"""What an analysis works on: one trial's data in the words of its protocol, whatever files they came from.

The frames use the names of the protocol's scopes (`protocol.checks.vocabulary`), so that every expression of the
protocol file can be evaluated on them as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class AnalysisData:
    """One trial's data, ready to be analysed; null is missing in every frame.

    participants: a row a participant, in the order of the key: `participant` (text), `arm` (id of an arm of
        the protocol, null where not randomised), `arm_label` (as in the data), `site`, the other names of the
        participant scope, and one column a participant variable of the protocol. A column of which the data
        tell nothing is left out, and `absent` says so.
    measurements: by item id; rows of `participant`, `visit` (id of a visit, null where the record belongs to
        none), `visit_label` (as in the data), `day` (study day), `value`, `baseline`, `change`,
        `percent_change`, `imputed` (null, LOCF, WOCF, ...), `analysed` (true for the one record that stands for
        its visit), `range_indicator`, `baseline_range_indicator` (LOW, NORMAL, HIGH), `grade`,
        `baseline_grade`, `source` (dataset and row it came from, such as `adlbc 1201`).
    parameters: label of each item as the data name it, such as `Sodium (mmol/L)`; every parameter of the
        data that has reference ranges is there, also where the protocol declares no item for it (then its id is
        its PARAMCD).
    times: by PARAMCD or id of an estimand; rows of `participant`, `time`, `event` (true or false),
        `description`, `source`.
    adverse_events: rows of `participant` and the names of the adverse-event scope, and `source`; None where
        the data hold none.
    deviations: rows of `participant`, `category`, `term`, `day`, `source`; None where the data hold none.
    screened: number of persons screened, None where the data do not tell.
    origin: for each frame, the file and dataset that it came from, for the report.
    absent: for each thing that the protocol needs and the folder lacks, the sentence that says so.
    """

    participants: pl.DataFrame
    measurements: Mapping[str, pl.DataFrame]
    parameters: Mapping[str, str]
    times: Mapping[str, pl.DataFrame]
    adverse_events: pl.DataFrame | None = None
    deviations: pl.DataFrame | None = None
    screened: int | None = None
    screen_failures: Mapping[str, int] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
