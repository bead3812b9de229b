"""What changed between two versions of a protocol, thing by thing, and what that means for a running trial.

The effect of a change is the first of these that fits: wording (nothing to do but print), collected data (values
already recorded change their meaning, or lose their place), conduct (from now on something is done otherwise),
analysis (the same data are used otherwise), assumptions (only simulation is concerned).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .model import Protocol
from .source import FieldPath, dotted

Effect = Literal["collected data", "conduct", "analysis", "assumptions", "wording"]
EFFECTS: tuple[Effect, ...] = ("collected data", "conduct", "analysis", "assumptions", "wording")
"""Effects, the gravest first."""

_THINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("schedule", "visits", "*"), "visit"),
    (("schedule", "activities", "*"), "activity"),
    (("schedule", "epochs", "*"), "epoch"),
    (("forms", "*", "items", "*"), "item"),
    (("forms", "*", "checks", "*"), "edit check"),
    (("forms", "*"), "form"),
    (("population", "inclusion", "*"), "inclusion criterion"),
    (("population", "exclusion", "*"), "exclusion criterion"),
    (("arms", "*"), "arm"),
    (("interventions", "*"), "intervention"),
    (("variables", "*"), "participant variable"),
    (("safety", "special_interest", "*"), "group of adverse events"),
    (("safety", "stopping_rules", "*"), "stopping rule"),
    (("analysis_sets", "*"), "analysis set"),
    (("intercurrent_events", "*"), "intercurrent event"),
    (("estimands", "*"), "estimand"),
    (("analyses", "*"), "analysis"),
    (("report", "figures", "*"), "figure"),
    (("objectives", "*"), "objective"),
    (("assumptions", "scenarios", "*"), "scenario"),
)
_WORDS = frozenset({"label", "text", "title", "say", "note", "question", "how", "category"})
_IDENTITY_OF_A_VALUE = frozenset({"type", "unit", "codes", "testcd", "sdtm", "derive", "decimals"})


@dataclass(frozen=True)
class FieldChange:
    """One field of a thing: its value before and after; None where it is absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One thing of the protocol that was added, removed or changed."""

    kind: str
    name: str
    action: Literal["added", "removed", "changed"]
    effect: Effect
    why: str
    fields: tuple[FieldChange, ...]


def compare_protocols(old: Protocol, new: Protocol) -> tuple[Change, ...]:
    """Return the changes from `old` to `new`, those that touch collected data first."""
    before, after = _leaves(old), _leaves(new)
    things: dict[tuple[str, FieldPath], list[FieldPath]] = {}
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            things.setdefault(_thing(path), []).append(path)
    changes = [_change(kind, root, paths, before, after) for (kind, root), paths in things.items()]
    return tuple(sorted(changes, key=lambda c: EFFECTS.index(c.effect)))


def _leaves(protocol: Protocol) -> dict[FieldPath, Any]:
    tree = protocol.model_dump(mode="json", exclude_none=True, exclude={"provenance", "sources"})
    return dict(_flat(tree, ()))


def _flat(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from _flat(child, (*path, key))
    elif value not in ({}, []):
        yield path, value


def _thing(path: FieldPath) -> tuple[str, FieldPath]:
    for pattern, kind in _THINGS:
        head = path[: len(pattern)]
        if len(head) == len(pattern) and all(p in ("*", h) for p, h in zip(pattern, head, strict=True)):
            return kind, head
    return "section", path[:1]


def _change(
    kind: str,
    root: FieldPath,
    paths: list[FieldPath],
    before: Mapping[FieldPath, Any],
    after: Mapping[FieldPath, Any],
) -> Change:
    def exists(leaves: Mapping[FieldPath, Any]) -> bool:
        return any(path[: len(root)] == root for path in leaves)

    action: Literal["added", "removed", "changed"]
    action = "changed" if exists(before) and exists(after) else "added" if exists(after) else "removed"
    fields = tuple(FieldChange(dotted(path[len(root) :]), before.get(path), after.get(path)) for path in paths)
    effects = [_effect(kind, action, path[len(root) :], before.get(path), after.get(path)) for path in paths]
    effect, why = min(effects, key=lambda e: EFFECTS.index(e[0]))
    return Change(kind, dotted(root), action, effect, why, fields)


def _effect(kind: str, action: str, field: FieldPath, old: Any, new: Any) -> tuple[Effect, str]:
    """Return the effect of one changed field and the reason in words."""
    steps = {str(step) for step in field}
    if action == "changed" and steps & _WORDS:
        return "wording", "only words changed"
    if kind in ("analysis set", "intercurrent event", "estimand", "analysis", "figure", "objective"):
        return "analysis", "the data stay as they are and are used otherwise"
    if kind == "section" and field and field[0] == "report":
        return "analysis", "the data stay as they are and are shown otherwise"
    if kind == "scenario" or (field and field[0] in ("assumptions", "design")):
        return "assumptions", "only planning and simulation are concerned"
    if kind in ("item", "form", "visit") and action == "removed":
        return "collected data", f"values already recorded lose their {kind}"
    if kind == "item" and action == "changed" and str(field[0]) in _IDENTITY_OF_A_VALUE:
        return _item_effect(str(field[0]), old, new)
    if kind == "item" and action == "changed" and field[0] == "range":
        return "collected data", "values already recorded must be checked against the new range"
    if kind == "activity" and set(old or ()) - set(new or ()):
        gone = ", ".join(sorted(set(old or ()) - set(new or ())))
        return "collected data", f"forms already filled in at {gone} lose their visit"
    if kind == "visit" and action == "changed" and str(field[0]) in ("day", "week", "window"):
        return "collected data", "visits already made may fall in or out of their window"
    if kind == "participant variable":
        return "analysis", "the variable is derived otherwise"
    return "conduct", "from now on this is done otherwise"


def _item_effect(field: str, old: Any, new: Any) -> tuple[Effect, str]:
    if field == "codes" and old is None:
        return "conduct", "a code was added; those recorded keep their meaning"
    reasons = {
        "type": "values already recorded are of the old type",
        "unit": "values already recorded are in the old unit",
        "codes": "values already recorded may use a code that is gone",
        "derive": "values already derived must be derived again",
        "decimals": "values already recorded have the old number of decimals",
    }
    return "collected data", reasons.get(
        field, f"values already exported bear the old name {old or 'none'}, not {new}"
    )
