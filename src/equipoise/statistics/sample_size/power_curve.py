"""Power drawn over the sample size, a curve for each of several assumptions."""

from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.sample_size.result import SampleSize

# sample size in, result out: a method with everything but `n` filled in
Calculation = Callable[[float], SampleSize]
COLOURS = ("#1f4e79", "#c55a11", "#2e7d32", "#7b1fa2", "#616161", "#b71c1c")


def plot_power_curve(
    curves: Mapping[str, Calculation],
    sizes: Sequence[float],
    *,
    wanted: float | None = None,
    marked: float | None = None,
    title: str = "",
    label: str = "Participants in all",
) -> str:
    """Draw power over total sample size and return the picture as SVG text.

    `curves` maps a label to a function of the total size that gives a `SampleSize`, such as
    `lambda n: power_t_test(0.5, n=n)`; `sizes` are the sizes at which it is called, two or more. `wanted` draws a
    line at that power, `marked` one at that size. The same input gives the same text. Raises `DataError` if there
    is nothing to draw, and what the calculations raise.
    """
    if not curves or len(sizes) < 2:
        raise DataError(f"give a curve and two or more sizes. Got {len(curves)} curves and {len(sizes)} sizes")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    points = np.sort(np.asarray(sizes, dtype=float))
    with mpl.rc_context({"svg.hashsalt": "power curve", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(6.5, 4.0), layout="constrained")
        axes = figure.subplots()
        for place, (name, calculation) in enumerate(curves.items()):
            power = [calculation(float(n)).power for n in points]
            axes.plot(points, power, label=name, color=COLOURS[place % len(COLOURS)], linewidth=1.8)
        for value, draw in ((wanted, axes.axhline), (marked, axes.axvline)):
            if value is not None:
                draw(value, color="#9e9e9e", linewidth=0.9, linestyle="--")
        axes.set(xlabel=label, ylabel="Power", title=title, ylim=(0.0, 1.02), xlim=(points[0], points[-1]))
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if len(curves) > 1:
            axes.legend(frameon=False, loc="lower right")
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
