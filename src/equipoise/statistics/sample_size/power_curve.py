"""Power drawn over the sample size, a curve for each of several assumptions."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.drawing import GRID, SECONDARY, STYLES, drawing, render_svg
from equipoise.statistics.sample_size.result import SampleSize

# sample size in, result out: a method with everything but `n` filled in
Calculation = Callable[[float], SampleSize]


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
    points = np.sort(np.asarray(sizes, dtype=float))
    with drawing() as figure:
        axes = figure.subplots()
        said = []
        for place, (name, calculation) in enumerate(curves.items()):
            power = [calculation(float(n)).power for n in points]
            style = STYLES[place % len(STYLES)]
            axes.plot(points, power, label=name, color=style.colour, ls=style.line, lw=1.6)
            said.append(f"{name}: power {power[0]:.3f} at {points[0]:g} to {power[-1]:.3f} at {points[-1]:g}")
        for value, draw in ((wanted, axes.axhline), (marked, axes.axvline)):
            if value is not None:
                draw(value, color=SECONDARY, lw=0.8, ls=":")
        axes.set(xlabel=label, ylabel="Power", title=title, ylim=(0.0, 1.02), xlim=(points[0], points[-1]))
        axes.grid(color=GRID)
        if len(curves) > 1:
            axes.legend(loc="lower right")
        return render_svg(figure, title or "Power", "; ".join(said) + ".")
