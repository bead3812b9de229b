"""Supplemental qualifiers joined to what they qualify."""

import polars as pl
import pytest

from equipoise.datasets.derive.supplement import derive_with_supplement
from equipoise.errors import DataError

AE = pl.DataFrame({"USUBJID": ["1", "1", "2"], "AESEQ": [1.0, 2.0, 1.0]})
SUPP = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "1"],
        "IDVAR": ["AESEQ", "AESEQ", None],
        "IDVARVAL": ["2", "1", None],
        "QNAM": ["AETRTEM", "AETRTEM", "ITT"],
        "QVAL": ["Y", "N", "Y"],
    }
)


def test_each_qnam_is_a_variable_of_the_record_or_of_the_participant() -> None:
    joined = derive_with_supplement(AE, SUPP)
    assert joined["AETRTEM"].to_list() == [None, "Y", "N"]
    assert joined["ITT"].to_list() == ["Y", "Y", None]
    assert joined.drop("AETRTEM", "ITT").equals(AE)


def test_refuses_two_values_and_names_already_taken() -> None:
    with pytest.raises(DataError, match=r"AETRTEM must have one value for each record. Got two for 1"):
        derive_with_supplement(AE, pl.concat([SUPP, SUPP]))
    with pytest.raises(DataError, match=r"QNAM must not be a variable of the domain that it qualifies. Got AESEQ"):
        derive_with_supplement(AE, SUPP.with_columns(QNAM=pl.lit("AESEQ")))
