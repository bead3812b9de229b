"""The front door of the statistics: quick to open, complete, honest about what is not there."""

import subprocess
import sys

import pytest

from equipoise import statistics


def test_a_method_is_the_one_of_its_subpackage() -> None:
    from equipoise.statistics.linear import ancova
    from equipoise.statistics.ranks import rank_sum

    assert statistics.ancova is ancova
    assert statistics.rank_sum is rank_sum


@pytest.mark.parametrize("name", statistics.__all__)
def test_every_name_leads_to_a_method_with_a_description(name: str) -> None:
    assert getattr(statistics, name).__doc__
    assert name in dir(statistics)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute ancova_type_four"):
        getattr(statistics, "ancova_type_four")  # noqa: B009


def test_opening_it_loads_neither_scipy_stats_nor_the_formula_language() -> None:
    program = (
        "import sys; from importlib import import_module\n"
        "for package in ('', '.descriptive', '.linear', '.ranks'):\n"
        "    import_module(f'equipoise.statistics{package}')\n"
        "    print(package, [m for m in ('scipy.stats', 'formulaic', 'pandas') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert [line.split(" ", 1)[1] for line in loaded.splitlines()] == ["[]"] * 4
