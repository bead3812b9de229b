"""What must hold of imputation whatever the data, and its coverage over simulated trials."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.linear import ancova
from equipoise.statistics.missing import Delta, conditional_mean_imputation, multiple_imputation, pool

MODEL = "Y ~ BASE*VISIT + ARM*VISIT"
TRIAL: dict[str, Any] = {
    "subject": "ID",
    "visit": "VISIT",
    "arm": "ARM",
    "reference": "A",
    "analysis": "Y ~ BASE + ARM",
}


def simulate(rng: np.random.Generator, n: int = 60, *, dropout: float = 0.15, effect: float = 0.5) -> pl.DataFrame:
    """Three visits, two arms; who was low at a visit leaves before the next more often."""
    base, arm = rng.normal(size=n), rng.permuted(np.arange(n) % 2)
    noise = rng.multivariate_normal(np.zeros(3), 0.6 ** abs(np.subtract.outer(range(3), range(3))), size=n)
    values = noise + 0.5 * base[:, None] + effect * arm[:, None] * np.arange(3) / 2
    seen = np.ones((n, 3), dtype=bool)
    for visit in (1, 2):
        stays = rng.random(n) > dropout * np.exp(-values[:, visit - 1])
        seen[:, visit] = seen[:, visit - 1] & stays
    return pl.DataFrame(
        {
            "ID": np.repeat(np.arange(n), 3),
            "VISIT": np.tile(["V1", "V2", "V3"], n),
            "ARM": np.repeat(np.array(["A", "B"])[arm], 3),
            "BASE": np.repeat(base, 3),
            "Y": pl.Series(values.ravel()).zip_with(pl.Series(seen.ravel()), pl.Series([None], dtype=pl.Float64)),
        }
    )


@pytest.fixture(scope="module")
def trial() -> pl.DataFrame:
    return simulate(np.random.default_rng(8))


def impute(data: pl.DataFrame, seed: int = 1, **options: Any) -> pl.DataFrame:
    settings = {"imputations": 20, "burn_in": 20} | options
    return multiple_imputation(MODEL, data, rng=np.random.default_rng(seed), **TRIAL, **settings).contrasts


def test_one_seed_gives_one_result_whatever_the_order_of_rows(trial: pl.DataFrame) -> None:
    first = impute(trial)
    assert first.equals(impute(trial))
    assert first.equals(impute(trial.sample(fraction=1.0, shuffle=True, seed=3)))
    assert first.equals(impute(trial.drop_nulls("Y")))
    assert not first.equals(impute(trial, seed=2))


@pytest.mark.parametrize("method", ["posterior", "bootstrap"])
def test_the_scale_of_the_outcome_only_scales_the_answer(trial: pl.DataFrame, method: str) -> None:
    one = impute(trial, method=method, strategy="J2R")
    other = impute(trial.with_columns(pl.col("Y") * 1000), method=method, strategy="J2R")
    for name, factor in (("estimate", 1000), ("se", 1000), ("df", 1), ("p", 1)):
        assert other[name].to_numpy() == pytest.approx(factor * one[name].to_numpy(), rel=1e-6)


def test_complete_data_are_analysed_by_ancova_alone() -> None:
    data = simulate(np.random.default_rng(3), dropout=0.0)
    pooled, once = impute(data), conditional_mean_imputation(MODEL, data, **TRIAL).contrasts
    for at, visit in enumerate(["V1", "V2", "V3"]):
        row = ancova("Y ~ BASE + ARM", data.filter(pl.col("VISIT") == visit)).contrasts("ARM").row(0, named=True)
        assert pooled["estimate"][at] == pytest.approx(row["estimate"])
        assert once["estimate"][at] == pytest.approx(row["estimate"])
        assert pooled["se"][at] == pytest.approx(row["se"])


def test_the_answer_is_that_of_analysing_each_completed_data_set(trial: pl.DataFrame) -> None:
    found = multiple_imputation(
        MODEL, trial, rng=np.random.default_rng(5), imputations=4, burn_in=10, strategy="CIR", **TRIAL
    )
    long = found.completed_data()
    assert long.height == 4 * 180
    assert long.filter("imputed").height == 4 * found.imputed
    people = trial.group_by("ID").agg(pl.col("BASE", "ARM").first())
    parts = []
    for _, one in long.filter(pl.col("VISIT") == "V3").group_by("imputation", maintain_order=True):
        fit = ancova("Y ~ BASE + ARM", one.join(people, on="ID"))
        parts.append(fit.contrasts("ARM").row(0, named=True))
    pooled = pool([row["estimate"] for row in parts], [row["se"] for row in parts], df_complete=57)
    row = found.contrasts.row(2, named=True)
    for name in ("estimate", "se", "df", "t", "p", "lower", "upper", "fraction_missing"):
        assert row[name] == pytest.approx(getattr(pooled, name), rel=1e-9), name


def test_many_imputations_come_near_the_conditional_means(trial: pl.DataFrame) -> None:
    for strategy in ("MAR", "J2R"):
        once = conditional_mean_imputation(MODEL, trial, strategy=strategy, **TRIAL).contrasts
        many = impute(trial, strategy=strategy, imputations=400)
        assert many["estimate"].to_numpy() == pytest.approx(once["estimate"].to_numpy(), abs=0.04)


def test_jackknife_and_bootstrap_agree_on_the_standard_error(trial: pl.DataFrame) -> None:
    jackknife = conditional_mean_imputation(MODEL, trial, **TRIAL).contrasts
    bootstrap = conditional_mean_imputation(
        MODEL, trial, resampling="bootstrap", samples=200, rng=np.random.default_rng(2), **TRIAL
    ).contrasts
    assert bootstrap["estimate"].to_list() == jackknife["estimate"].to_list()
    assert bootstrap["se"].to_numpy() == pytest.approx(jackknife["se"].to_numpy(), rel=0.2)


def test_a_delta_moves_the_estimate_by_the_share_that_was_imputed() -> None:
    data = simulate(np.random.default_rng(4)).with_columns(pl.lit(0.0).alias("BASE"))
    model, analysis = "Y ~ ARM*VISIT", TRIAL | {"analysis": "Y ~ ARM"}
    plain = conditional_mean_imputation(model, data, **analysis)
    moved = conditional_mean_imputation(model, data, delta=Delta({"B": -2.0}, by_visit={"V3": 1.0}), **analysis)
    outcomes = plain.outcomes
    share = (~outcomes.observed[outcomes.arm == 1]).mean(axis=0)
    change = moved.contrasts["estimate"].to_numpy() - plain.contrasts["estimate"].to_numpy()
    assert change == pytest.approx([0.0, 0.0, -2.0 * share[2]], abs=1e-9)


def test_intervals_cover_the_effect_under_missing_at_random() -> None:
    rng = np.random.default_rng(77)
    trials, covered = 60, 0
    for _ in range(trials):
        row = multiple_imputation(MODEL, simulate(rng), rng=rng, imputations=10, burn_in=15, **TRIAL).contrasts
        covered += row["lower"][2] <= 0.5 <= row["upper"][2]
    assert covered / trials >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / trials)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "LOCF"}, "MAR, J2R, CR, CIR, LMCF"),
        ({"reference": "C"}, "no level of that name"),
        ({"analysis": "Y ~ BASE"}, "it must hold ARM"),
        ({"analysis": "Z ~ ARM"}, "imputed outcome Y"),
        ({"imputations": 1}, "at least two imputations"),
        ({"method": "mcmc"}, "posterior or bootstrap. Got mcmc"),
        ({"covariance": "cs"}, "use method=bootstrap. Got cs"),
        ({"reference": {"B": "A", "A": "B"}}, "`versus`, the arm to compare with"),
        ({"strategy_from": "WRONG"}, "no level of that name"),
        ({"strategy_from": "VISIT"}, "one value for each participant"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    trial: pl.DataFrame, change: dict[str, Any], message: str
) -> None:
    data = trial.with_columns(pl.lit("V9").alias("WRONG"))
    settings = TRIAL | {"imputations": 2, "burn_in": 2, "rng": np.random.default_rng(1)} | change
    with pytest.raises(DataError, match=message):
        multiple_imputation(MODEL, data, **settings)


def test_the_last_mean_of_somebody_never_observed_is_refused(trial: pl.DataFrame) -> None:
    never = trial.with_columns(pl.when(pl.col("ID") == 1).then(None).otherwise("Y").alias("Y"))
    with pytest.raises(DataError, match="last mean can be carried"):
        impute(never, strategy="LMCF")
    assert impute(never, strategy="J2R").height == 3


def test_data_that_contradict_themselves_are_refused_in_a_sentence(trial: pl.DataFrame) -> None:
    twice = pl.concat([trial, trial.head(1)])
    two_arms = trial.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("C")).otherwise("ARM").alias("ARM")
    )
    no_base = trial.with_columns(pl.when(pl.col("ID") == 7).then(None).otherwise("BASE").alias("BASE"))
    unseen = trial.with_columns(pl.when(pl.col("VISIT") == "V2").then(None).otherwise("Y").alias("Y"))
    cases = {
        "one row at a visit; choose one for ID 0 at VISIT V1": twice,
        "ID 0 has several": two_arms,
        "covariate BASE must be known for every participant": no_base,
        "each visit needs an observed Y; leave it out. Got none at V2": unseen,
    }
    for message, data in cases.items():
        with pytest.raises(DataError, match=message):
            impute(data)


def test_too_few_participants_for_a_posterior_are_refused() -> None:
    small = simulate(np.random.default_rng(1), n=60).filter(pl.col("ID") < 10)
    with pytest.raises(EstimationFailed):
        impute(small, by_arm=True)


def test_the_strategy_of_each_participant_holds_from_the_visit_named(trial: pl.DataFrame) -> None:
    """Values after the event are kept but not learnt from; gaps before it are missing at random."""
    plan = trial.with_columns(
        pl.when(pl.col("ID") == 1).then(pl.lit("J2R")).otherwise(None).alias("PLAN"),
        pl.when(pl.col("ID") == 1).then(pl.lit("V3")).otherwise(None).alias("FROM"),
        pl.when((pl.col("ID") == 1) & (pl.col("VISIT") == "V3"))
        .then(9.0)
        .when((pl.col("ID") == 1) & (pl.col("VISIT") == "V2"))
        .then(None)
        .otherwise("Y")
        .alias("Y"),
    )
    found = conditional_mean_imputation(MODEL, plan, strategy="PLAN", strategy_from="FROM", **TRIAL)
    outcomes = found.outcomes
    assert found.completed[1, 2] == 9.0
    assert not outcomes.modelled[1, 2]
    assert outcomes.observed[1, 2]
    assert (outcomes.start == 3).sum() == 59
    shifted = plan.with_columns(pl.when(pl.col("Y") == 9.0).then(90.0).otherwise("Y").alias("Y"))
    again = conditional_mean_imputation(MODEL, shifted, strategy="PLAN", strategy_from="FROM", **TRIAL)
    assert again.model.parameters.beta == pytest.approx(found.model.parameters.beta)
