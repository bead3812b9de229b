"""The text of `group` can be read back, whatever the values hold."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.analysis.rows import ResultRows, group_text, read_group

KEYS = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_a_group_reads_back_as_it_was_written(levels: dict[str, str]) -> None:
    assert read_group(group_text(levels)) == levels


def test_a_group_reads_as_a_physician_would_write_it() -> None:
    assert group_text({"system_organ_class": "SKIN", "term": "RASH; MACULAR"}) == (
        "system_organ_class=SKIN;term=RASH\\; MACULAR"
    )
    assert group_text({"time": 20.0}) == "time=20"


def test_a_number_that_cannot_be_had_stays_in_the_table_as_missing() -> None:
    rows = ResultRows("relapse", "full")
    rows.add({"median": None, "n": 3}, arm="Placebo")
    assert rows.frame()["value"].to_list() == [None, 3.0]
