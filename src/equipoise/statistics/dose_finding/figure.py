"""The picture of MCP-Mod: means at the doses with intervals, the fitted curves, the selection, the target dose."""

import numpy as np

from equipoise.statistics.dose_finding.averaging import BootstrapFit
from equipoise.statistics.dose_finding.mcp_mod import McpMod
from equipoise.statistics.drawing import GRID, INK, SECONDARY, STYLES, drawing, render_svg

_POINTS = 201


def plot_dose_response(
    result: McpMod,
    *,
    bootstrap: BootstrapFit | None = None,
    level: float = 0.95,
    title: str = "Dose response",
    dose_label: str = "Dose",
    response_label: str = "Response",
) -> str:
    """Draw the result of MCP-Mod as SVG text, the same bytes for the same result.

    Points: dose means with intervals at `level`; broken lines: the models fitted; full line: the selection (with a
    band, where its standard error is known), or the `bootstrap` average given; the target dose as a dotted line.
    Without a significant contrast only the means are drawn.
    """
    estimates = result.estimates
    means = estimates.table(level)
    highest = float(estimates.doses[-1])
    at = np.linspace(0.0, highest, _POINTS)
    with drawing() as figure:
        axes = figure.subplots()
        for style, (name, fit) in zip(STYLES, result.fits.items(), strict=False):
            curve = fit.means(at, level=level)
            axes.plot(at, curve["estimate"], color=style.colour, linestyle=style.line, linewidth=1.3, label=name)
        if bootstrap is not None or result.fits:
            shown = result.means(at, level=level) if bootstrap is None else bootstrap.means(at, level=level)
            label = f"selected: {result.selected}" if bootstrap is None else "bootstrap average"
            if not shown["lower"].null_count():
                axes.fill_between(at, shown["lower"], shown["upper"], color=GRID, linewidth=0, zorder=0)
            axes.plot(at, shown["estimate"], color=INK, linewidth=2.0, label=label)
        half = [means["estimate"] - means["lower"], means["upper"] - means["estimate"]]
        interval = f"mean, {100 * level:g}% interval"
        axes.errorbar(
            means["dose"],
            means["estimate"],
            yerr=half,
            fmt="o",
            color=INK,
            markersize=4.5,
            elinewidth=0.9,
            capsize=3,
            label=interval,
        )
        target = _target(result, bootstrap)
        if target is not None and target <= highest:
            axes.axvline(target, color=SECONDARY, linewidth=1.0, linestyle=(0, (1, 2)))
            axes.annotate(
                f"target dose {target:.4g}", (target, 0.01), xycoords=("data", "axes fraction"), xytext=(4, 0),
                textcoords="offset points", fontsize=8.5, color=SECONDARY,
            )  # fmt: skip
        axes.set_xlabel(dose_label)
        axes.set_ylabel(response_label)
        axes.set_title(title, loc="left", fontsize=9.5, fontweight="bold")
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside right upper", fontsize=8.5, handlelength=3.2)
        return render_svg(figure, title, _describe(result, target))


def _target(result: McpMod, bootstrap: BootstrapFit | None) -> float | None:
    if bootstrap is None or result.delta is None:
        return result.target_dose
    return bootstrap.target_dose(result.delta, result.candidates.direction)["estimate"]


def _describe(result: McpMod, dose: float | None) -> str:
    means = ", ".join(
        f"{value:.4g} at dose {dose:g}"
        for dose, value in zip(result.estimates.doses, result.estimates.estimate, strict=True)
    )
    curve = f"curve: {result.selected}" if result.selected else "no significant dose response"
    target = f"; target dose {dose:.4g}" if dose is not None else ""
    return f"Means {means}; {curve}{target}."
