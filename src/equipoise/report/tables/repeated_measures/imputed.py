"""What the tables of imputed analyses share: the line on the imputation, participants and values by arm."""

from collections.abc import Sequence

from ....protocol.model import ReferenceBasedImputation, TippingPoint
from ...language import Labels
from ..layout import present, row_over
from ..lookup import Lookup
from ..table import Row


def imputation_note(lookup: Lookup, labels: Labels) -> str:
    """Say how often values were imputed, by the model of which analysis, and from which seed."""
    spec = lookup.result.spec
    assert isinstance(spec, TippingPoint | ReferenceBasedImputation)
    title = labels.context.protocol.analyses[spec.of].title
    return labels.say(
        "Missing values imputed {number} times by the model of {analysis} (seed {seed}); analysis of covariance "
        "of each completed data set, pooled by Rubin's rules.",
        number=spec.imputations,
        analysis=spec.of if title is None else f"“{title.say(labels.language)}”",
        seed=spec.seed,
    )


def count_rows(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    """Make the rows of participants and of imputed values."""
    say = labels.say
    return present(
        row_over("n", {arm: lookup.at(parameter, visit, arm) for arm in arms}, lambda n: n.count(), indent=0),
        row_over(
            say("Values imputed"),
            {arm: lookup.at(parameter, visit, arm, group="status=imputed") for arm in arms},
            lambda n: n.count("count"),
            indent=0,
        ),
    )
