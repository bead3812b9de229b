"""Tables show what the results hold: every number leads back to its lines, and the layout is that of a report."""

import re

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents
from equipoise.report.rounding import format_number
from equipoise.report.tables.table import Cell, Row, Table

Trial = tuple[Protocol, AnalysisData, TrialResults]


def table(contents: Contents, name: str) -> Table:
    return next(table for table in contents.tables if table.name == name)


def row(found: Table, label: str, after: str = "") -> Row:
    start = next((i for i, r in enumerate(found.rows) if r.label == after), 0)
    return next(r for r in found.rows[start:] if r.label == label)


def texts(found: Row) -> list[str]:
    return [cell.text for cell in found.cells]


def cells(contents: Contents) -> list[Cell]:
    return [cell for t in contents.tables for r in t.rows for cell in r.cells if cell.reference is not None]


def test_every_cell_names_the_lines_of_the_results_that_hold_its_values(trial: Trial, contents: Contents) -> None:
    results = trial[2].table
    assert len(cells(contents)) > 200
    for cell in cells(contents):
        assert cell.reference is not None
        lines = results[[line - 2 for line in cell.reference.lines]]
        stated = dict(zip(lines["statistic"], lines["value"], strict=True))
        assert cell.values.items() <= stated.items()
        assert set(lines["analysis"]) == {cell.reference.analysis}
        assert set(lines["arm"]) == {cell.reference.arm}
        assert set(lines["group"]) == {cell.reference.group}


def test_what_is_printed_is_what_the_values_round_to(contents: Contents) -> None:
    for cell in cells(contents):
        for printed in re.findall(r"-?\d+(?:\.\d+)?", cell.text):
            decimals = len(printed.partition(".")[2])
            shown = {format_number(v, decimals) for v in cell.values.values()}
            shown |= {format_number(100 * v, decimals) for v in cell.values.values()}
            if "events" in cell.values and cell.values.get("n"):
                shown.add(format_number(100 * cell.values["events"] / cell.values["n"], decimals))
            small = any(0 <= v < 10**-decimals or v > 1 - 10**-decimals for v in cell.values.values())
            assert printed in shown or (small and cell.text[0] in "<>") or printed == "100.0", cell


def test_rows_have_a_cell_for_every_column(contents: Contents) -> None:
    for found in contents.tables:
        assert all(len(r.cells) in (0, len(found.columns)) for r in found.rows)
        assert all(0 <= s.first <= s.last < len(found.columns) for s in found.spanners)


def test_columns_are_the_arms_in_the_order_of_the_protocol_with_their_size(contents: Contents) -> None:
    headers = [(c.label, c.below) for c in table(contents, "baseline").columns]
    assert headers == [
        ("Placebo", "(N=10)"),
        ("Low dose", "(N=10)"),
        ("High dose", "(N=10)"),
        ("Total", "(N=30)"),
        ("p-value", ""),
    ]


def test_a_mean_has_one_decimal_more_than_recorded_and_its_deviation_two(contents: Contents) -> None:
    found = table(contents, "baseline")
    assert texts(row(found, "Mean (SD)"))[0] == "53.5 (9.08)"
    assert texts(row(found, "Min, max"))[0] == "40, 67"
    assert texts(row(found, "Male"))[-2] == "15 (50.0%)"


def test_the_comparison_reads_from_baseline_to_dose_response(contents: Contents) -> None:
    found = table(contents, "count_ancova")
    headings = [r.label for r in found.rows if r.heading]
    assert headings == [
        "Baseline",
        "Week 8",
        "Change from baseline",
        "Estimate by arm",
        "Difference from Placebo",
        "Dose response",
    ]
    difference = row(found, "Difference of least-squares means (SE)")
    assert texts(difference)[0] == ""
    assert all(re.fullmatch(r"-?\d+\.\d \(\d+\.\d\d\)", text) for text in texts(difference)[1:])
    assert texts(row(found, "p-value", after="Dose response"))[:2] == ["", ""]


def test_subgroups_and_terms_have_tables_of_their_own(contents: Contents) -> None:
    subgroups = table(contents, "count_ancova_subgroups")
    assert [s.label for s in subgroups.spanners] == ["Low dose against Placebo", "High dose against Placebo"]
    assert [r.label for r in subgroups.rows] == ["Sex", "Male", "Female", "p-value of the interaction"]
    assert [r.label for r in table(contents, "count_ancova_terms").rows] == ["Baseline", "Arm", "Residual"]


def test_adverse_events_show_participants_and_events(contents: Contents) -> None:
    found = table(contents, "safety")
    assert texts(row(found, "Any adverse event"))[3] == "15 (51.7%) [15]"
    assert [r.label for r in found.rows if r.indent and r.label.isupper()] == ["RASH", "NAUSEA"]
    assert found.columns[-1].label == "p-value"


def test_no_adverse_events_are_said_and_not_left_blank(without_events: Contents) -> None:
    found = table(without_events, "safety")
    assert found.rows[-1].label == "No events"


def test_deaths_are_counted_and_listed(contents: Contents) -> None:
    assert texts(row(table(contents, "deaths"), "Died"))[:4] == ["0", "1 (10.0%)", "0", "1 (3.4%)"]
    listing = table(contents, "deaths_listing")
    assert [(r.label, texts(r)) for r in listing.rows] == [("P19", ["Low dose", "33", "HEADACHE <mild> & long"])]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("relapse_km", "With event, n (%)"),
        ("relapse_cox", "Low dose against Placebo"),
        ("response_table", "With response, n (%)"),
        ("count_ranks", "Hodges-Lehmann shift"),
        ("count_t", "Difference of means (SE)"),
        ("count_within", "Estimate (SE)"),
        ("deviations", "Any deviation"),
        ("disposition", "In the primary analysis"),
        ("shifts", "High"),
    ],
)
def test_every_family_has_the_row_that_readers_look_for(contents: Contents, name: str, label: str) -> None:
    assert any(text for text in texts(row(table(contents, name), label)))


def test_shares_of_survival_are_in_percent(contents: Contents) -> None:
    first = row(table(contents, "relapse_km"), "0 weeks")
    assert texts(first)[0] == "100.0 [10]"


def test_repeated_measures_answer_at_the_estimands_visit_and_show_every_other(contents: Contents) -> None:
    main, visits = table(contents, "count_mmrm"), table(contents, "count_mmrm_visits")
    assert [r.label for r in main.rows if r.heading] == [
        "Baseline",
        "Week 8",
        "Change from baseline",
        "Estimate by arm",
        "Difference from Placebo",
    ]
    assert [r.label for r in visits.rows if r.heading] == ["Week 4", "Week 8", "Average of the visits"]
    at_week_8 = texts(row(main, "Least-squares mean (SE)"))
    assert at_week_8 == texts(row(visits, "Least-squares mean (SE)", after="Week 8"))


def test_repeated_measures_name_their_covariance_and_degrees_of_freedom(contents: Contents) -> None:
    notes = table(contents, "count_mmrm").footnotes
    assert any(note.startswith("One model for 56 measurements of 30 participants at Week 4") for note in notes)
    assert "Degrees of freedom: Kenward-Roger (first order)." in notes
    assert any(note.startswith("Covariance between visits: ") for note in notes)
    tests = table(contents, "count_mmrm_terms")
    assert [c.label for c in tests.columns][1] == "Denominator degrees of freedom"
    spread = table(contents, "count_mmrm_covariance")
    assert [r.label for r in spread.rows] == ["Week 4", "Week 8"]


def test_adjusted_p_values_stand_below_the_others_and_a_footnote_says_how(contents: Contents) -> None:
    main = table(contents, "count_mmrm")
    assert len([text for text in texts(row(main, "Adjusted p-value")) if text]) == 2
    assert len([text for text in texts(row(main, "Simultaneous 95% CI")) if text]) == 2
    assert any("by the method Dunnett" in note for note in main.footnotes)


def test_a_tipping_point_shows_the_comparison_along_the_deltas(contents: Contents) -> None:
    found = table(contents, "count_tipping")
    assert [r.label for r in found.rows][-5:] == ["No delta", "-150", "-100", "-50", "0"]
    assert [s.label for s in found.spanners] == ["Low dose against Placebo", "High dose against Placebo"]
    assert texts(row(found, "No delta")) == texts(row(found, "0"))
    delta = texts(row(found, "Delta at which the conclusion changes"))
    assert re.fullmatch(r"-\d+\.\d", delta[0])
    assert found.footnotes[0].startswith("Low dose against Placebo: ")
    assert "p is below 0.0" in found.footnotes[0]
    assert f"would no longer be if {delta[0]} were added" in found.footnotes[0]
    assert any("imputed 10 times" in note and "(seed 3)" in note for note in found.footnotes)


def test_each_strategy_of_imputation_has_its_block(contents: Contents) -> None:
    found = table(contents, "count_references")
    assert [r.label for r in found.rows if r.heading] == [
        "Missing at random",
        "Jump to reference",
        "Copy reference",
        "Copy increments in reference",
        "Last mean carried forward",
    ]
    assert all(texts(row(found, "Values imputed")))


def test_a_graph_of_hypotheses_tells_weights_and_the_order_of_rejection(contents: Contents) -> None:
    found = table(contents, "family")
    assert [r.label for r in found.rows] == ["Count, low", "Count, high", "relapse"]
    assert texts(found.rows[0])[:2] == ["Low dose against Placebo", "0.500"]
    assert {texts(r)[-1] for r in found.rows[:2]} == {"rejected, step 1", "rejected, step 2"}
    assert texts(found.rows[2])[-1] == "not rejected"
