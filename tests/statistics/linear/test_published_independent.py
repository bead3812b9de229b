"""Published trials: the CDISC pilot's primary analysis and the CD4 and CD8 changes of ACTG 175."""

from pathlib import Path

import polars as pl
import pytest

from equipoise.statistics.linear import ancova, anova_one_way

pytestmark = pytest.mark.shared
LOW, HIGH = "Xanomeline Low Dose", "Xanomeline High Dose"


@pytest.fixture(scope="module")
def adas(shared: Path) -> pl.DataFrame:
    scores = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adqsadas.parquet")
    return scores.filter(PARAMCD="ACTOT", AVISITN=24, EFFFL="Y", ANL01FL="Y").with_columns(
        pl.col("TRTP").cast(pl.Enum(["Placebo", LOW, HIGH]))
    )


def test_primary_analysis_of_the_cdisc_pilot(adas: pl.DataFrame) -> None:
    fit = ancova("CHG ~ BASE + SITEGR1 + TRTP", adas, reference={"TRTP": "Placebo"})
    assert fit.df_residual == 220
    table = fit.contrasts("TRTP", pairwise=True)
    assert table["TRTP"].to_list() == [LOW, HIGH, HIGH]
    assert table["versus"].to_list() == ["Placebo", "Placebo", LOW]
    # six decimals are known
    assert table["estimate"].to_list() == pytest.approx([-0.466782, -1.006014, -0.539231], abs=6e-7)
    assert table["se"].to_list() == pytest.approx([0.818042, 0.840529, 0.836109], abs=6e-7)
    assert table["p"].round(3).to_list() == [0.569, 0.233, 0.520]
    assert table["lower"].round(1).to_list() == [-2.1, -2.7, -2.2]
    assert table["upper"].round(1).to_list() == [1.1, 0.7, 1.1]


def test_dose_response_of_the_cdisc_pilot(adas: pl.DataFrame) -> None:
    fit = ancova("CHG ~ BASE + SITEGR1 + TRTPN", adas)
    dose = fit.coefficients.row(by_predicate=pl.col("term") == "TRTPN", named=True)
    assert dose["estimate"] == pytest.approx(-0.0117922, abs=6e-8)
    assert dose["se"] == pytest.approx(0.0101098, abs=6e-8)
    assert round(dose["p"], 3) == 0.245


def test_baseline_comparisons_of_the_cdisc_pilot(shared: Path) -> None:
    adsl = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adsl.parquet")
    published = {
        "AGE": 0.5934,
        "MMSETOT": 0.5947,
        "DURDIS": 0.1530,
        "EDUCLVL": 0.3875,
        "WEIGHTBL": 0.0030,
        "HEIGHTBL": 0.1262,
        "BMIBL": 0.0133,
    }
    found = {name: round(anova_one_way(adsl, name, "TRT01P").p, 4) for name in published}
    assert found == published


def test_cd4_and_cd8_in_actg_175(shared: Path) -> None:
    trial = pl.read_csv(shared / "data" / "actg175" / "actg175.csv", null_values="NA").with_columns(
        (pl.col("cd420") - pl.col("cd40")).alias("cd4_20"),
        (pl.col("cd496") - pl.col("cd40")).alias("cd4_96"),
        (pl.col("cd820") - pl.col("cd80")).alias("cd8_20"),
    )
    published = {
        "cd4_20 ~ cd40 + C(arms)": ([70.24, 36.21, 42.29], [7.08, 7.07, 6.95]),
        "cd4_96 ~ cd40 + C(arms)": ([67.25, 71.97, 54.77], [11.40, 11.35, 11.25]),
        "cd8_20 ~ cd80 + C(arms)": ([27.80, -24.40, 25.86], [17.91, 17.89, 17.59]),
    }
    for formula, (estimates, errors) in published.items():
        table = ancova(formula, trial).contrasts("arms", versus=0)
        assert table["estimate"].to_list() == pytest.approx(estimates, abs=0.0051)
        assert table["se"].to_list() == pytest.approx(errors, abs=0.0051)
