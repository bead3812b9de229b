"""The CONSORT 2025 flow diagram as SVG, for one to any number of arms.

Boxes are as high as their text; the boxes of one step stand side by side and are equally high. Text is measured
and broken before it is placed, so nothing is clipped. The same numbers give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..figures.figure import Figure
from ..figures.style import INK, SECONDARY
from ..language import Labels, Phrases
from ..typesetting import FONT_FAMILY, text_width, wrap_text
from .counts import ArmFlow, Flow, Reason

SIZE = 12.0
LEADING = 16.0
PADDING = 10.0
GAP = 22.0
STEP = 30.0
BAND = 30.0
INDENT = 12.0
FILL, BAND_FILL = "#ffffff", "#dfe7f1"


@dataclass(frozen=True)
class _Line:
    text: str
    indent: float = 0.0
    bold: bool = False


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    lines: tuple[_Line, ...]
    kind: str = "box"

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def draw_flow(flow: Flow, labels: Labels, name: str = "flow") -> Figure:
    """Draw the flow diagram."""
    say = labels.say
    arms = len(flow.arms)
    arm_width = {1: 340.0, 2: 300.0, 3: 250.0}.get(arms, 215.0)
    arms_width = arms * arm_width + (arms - 1) * GAP
    left = BAND + GAP
    width = max(arms_width, 2 * 290.0 + GAP)
    middle = left + width / 2
    boxes: list[_Box] = []
    paths: list[str] = []

    trunk = 290.0
    assessed = _box(middle - trunk / 2, GAP / 2, trunk, _assessed(flow, say))
    boxes.append(assessed)
    side_x = middle + GAP
    side_width = left + width - side_x
    side = _box(side_x, assessed.bottom + STEP / 2, side_width, _excluded(flow, say))
    entered_lines = (
        _count_line(say("Randomised") if flow.randomised else say("Enrolled"), flow.entered, bold=True),
    )
    entered = _box(middle - trunk / 2, side.bottom + STEP / 2, trunk, entered_lines)
    boxes += [side, entered]
    paths.append(_arrow(middle, assessed.bottom, middle, entered.y))
    paths.append(_arrow(middle, side.y + side.height / 2, side.x, side.y + side.height / 2))

    first = left + (width - arms_width) / 2
    xs = [first + i * (arm_width + GAP) for i in range(arms)]
    rows = (
        (say("Allocation"), [_allocation(arm, flow, say) for arm in flow.arms]),
        (say("Follow-up"), [_follow_up(arm, say) for arm in flow.arms]),
        (say("Analysis"), [_analysis(arm, say) for arm in flow.arms]),
    )
    bands = [(say("Enrolment"), assessed.y, entered.bottom)]
    above = entered.bottom + (STEP if arms > 1 else 0)
    if arms > 1:
        paths.append(_path((middle, entered.bottom), (middle, entered.bottom + STEP / 2)))
        bar = entered.bottom + STEP / 2
        paths.append(_path((xs[0] + arm_width / 2, bar), (xs[-1] + arm_width / 2, bar)))
        paths += [_arrow(x + arm_width / 2, bar, x + arm_width / 2, above + STEP / 4) for x in xs]
        above += STEP / 4
    else:
        paths.append(_arrow(middle, entered.bottom, middle, above + STEP))
        above += STEP
    for index, (label, texts) in enumerate(rows):
        row = [_box(x, above, arm_width, lines) for x, lines in zip(xs, texts, strict=True)]
        height = max(box.height for box in row)
        row = [_Box(b.x, b.y, b.width, height, b.lines) for b in row]
        boxes += row
        bands.append((label, above, above + height))
        if index < len(rows) - 1:
            paths += [_arrow(b.middle, b.bottom, b.middle, b.bottom + STEP) for b in row]
        above += height + STEP
    total_width, total_height = left + width + GAP / 2, above - STEP + GAP / 2
    title = say("Flow of participants")
    alt = _alt(flow, say)
    svg = _svg(name, total_width, total_height, boxes, bands, paths, title, alt)
    return Figure(name=name, analysis="", title=title, population="", svg=svg, alt=alt)


def _assessed(flow: Flow, say: Phrases) -> tuple[_Line, ...]:
    if flow.screened is None:
        return (_Line(say("Assessed for eligibility"), bold=True), _Line(say("number not in the data")))
    return (_count_line(say("Assessed for eligibility"), flow.screened, bold=True),)


def _excluded(flow: Flow, say: Phrases) -> tuple[_Line, ...]:
    if flow.excluded is None:
        return (_Line(say("Excluded"), bold=True), _Line(say("number and reasons not in the data")))
    head = _count_line(say("Excluded"), flow.excluded, bold=True)
    if flow.excluded and not flow.excluded_why:
        return (head, _Line(say("reasons not in the data"), INDENT))
    return (head, *_reason_lines(flow.excluded_why))


def _allocation(arm: ArmFlow, flow: Flow, say: Phrases) -> tuple[_Line, ...]:
    allocated = say("Allocated") if flow.randomised else say("Enrolled")
    lines = [_Line(arm.label, bold=True), _count_line(allocated, arm.allocated)]
    if arm.received is None:
        return (*lines, _Line(say("received intervention: not in the data"), INDENT))
    lines.append(_count_line(say("Received intervention"), arm.received, indent=INDENT))
    if arm.received < arm.allocated:
        lines.append(_count_line(say("Did not receive it"), arm.allocated - arm.received, indent=INDENT))
    return tuple(lines)


def _follow_up(arm: ArmFlow, say: Phrases) -> tuple[_Line, ...]:
    if arm.discontinued is None:
        return (_Line(say("Ended early"), bold=True), _Line(say("number and reasons not in the data")))
    return (_count_line(say("Ended early"), arm.discontinued, bold=True), *_reason_lines(arm.discontinued_why))


def _analysis(arm: ArmFlow, say: Phrases) -> tuple[_Line, ...]:
    if arm.analysed is None:
        return (_Line(say("Primary analysis"), bold=True), _Line(say("not done or not declared")))
    head = _count_line(say("In the primary analysis"), arm.analysed, bold=True)
    if not arm.left_out:
        return (head,)
    out = sum(reason.count for reason in arm.left_out)
    return (head, _count_line(say("Not included"), out), *_reason_lines(arm.left_out))


def _count_line(label: str, count: int, *, bold: bool = False, indent: float = 0.0) -> _Line:
    return _Line(f"{label} (n={count})", indent, bold)


def _reason_lines(reasons: Sequence[Reason]) -> tuple[_Line, ...]:
    return tuple(_count_line(reason.label, reason.count, indent=INDENT) for reason in reasons)


def _box(x: float, y: float, width: float, lines: Sequence[_Line]) -> _Box:
    """Break the lines to the width of the box and make it as high as they need."""
    broken = [
        _Line(part, line.indent + (0.0 if first else INDENT / 2), line.bold)
        for line in lines
        for first, part in _numbered(line, width)
    ]
    return _Box(x, y, width, 2 * PADDING + LEADING * len(broken) - (LEADING - SIZE), tuple(broken))


def _numbered(line: _Line, width: float) -> list[tuple[bool, str]]:
    size = SIZE * 1.08 if line.bold else SIZE
    parts = wrap_text(line.text, width - 2 * PADDING - line.indent - INDENT / 2, size)
    return [(i == 0, part) for i, part in enumerate(parts)]


def _path(*points: tuple[float, float]) -> str:
    steps = " L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="M{steps}"/>'


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """Draw a line with a head at its end, down or to the right."""
    if x1 == x2:
        head = _path((x2 - 4, y2 - 7), (x2, y2), (x2 + 4, y2 - 7))
    else:
        head = _path((x2 - 7, y2 - 4), (x2, y2), (x2 - 7, y2 + 4))
    return _path((x1, y1), (x2, y2)) + head


def _alt(flow: Flow, say: Phrases) -> str:
    """Say the diagram in words."""
    parts = []
    if flow.screened is not None:
        parts.append(say("{n} assessed for eligibility", n=flow.screened))
    if flow.excluded is not None:
        parts.append(say("{n} excluded", n=flow.excluded))
    parts.append(say("{n} randomised", n=flow.entered) if flow.randomised else say("{n} enrolled", n=flow.entered))
    for arm in flow.arms:
        words = [say("{n} allocated", n=arm.allocated)]
        if arm.discontinued is not None:
            words.append(say("{n} ended early", n=arm.discontinued))
        if arm.analysed is not None:
            words.append(say("{n} in the primary analysis", n=arm.analysed))
        parts.append(f"{arm.label}: {', '.join(words)}")
    return "; ".join(parts) + "."


def _svg(
    name: str,
    width: float,
    height: float,
    boxes: Sequence[_Box],
    bands: Sequence[tuple[str, float, float]],
    paths: Sequence[str],
    title: str,
    alt: str,
) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{name}-title {name}-alt" font-family="{FONT_FAMILY}" '
        f'font-size="{SIZE:g}" fill="{INK}">',
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-alt">{escape(alt)}</desc>',
        f'<g fill="none" stroke="{SECONDARY}" stroke-width="1.2">{"".join(paths)}</g>',
    ]
    for label, top, bottom in bands:
        parts.append(_band(label, top, bottom))
    for box in boxes:
        parts.append(
            f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="3" '
            f'fill="{FILL}" stroke="{SECONDARY}" stroke-width="1.2"/>'
        )
        for number, line in enumerate(box.lines):
            y = box.y + PADDING + SIZE * 0.85 + number * LEADING
            weight = ' font-weight="bold"' if line.bold else ""
            parts.append(
                f'<text x="{box.x + PADDING + line.indent:g}" y="{y:g}"{weight}>{escape(line.text)}</text>'
            )
    return "\n".join([*parts, "</svg>\n"])


def _band(label: str, top: float, bottom: float) -> str:
    """Draw the name of a step, upwards along the left edge; smaller where its boxes are low."""
    middle = (top + bottom) / 2
    size = min(SIZE, SIZE * (bottom - top - 8) / max(text_width(label, SIZE) * 1.08, 1))
    return (
        f'<rect x="4" y="{top:g}" width="{BAND - 4:g}" height="{bottom - top:g}" rx="3" fill="{BAND_FILL}"/>'
        f'<text transform="translate({BAND / 2 + 2 + size * 0.35:g} {middle:g}) rotate(-90)" text-anchor="middle" '
        f'font-size="{size:.3g}" font-weight="bold">{escape(label)}</text>'
    )
