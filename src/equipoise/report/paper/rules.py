"""Rules of a form in words: `infused = 'N'` as: Infusion given is No.

What SQL says by comparisons, lists and their joining is put into words, with labels in the place of names and
codes. A rule that goes further, or into arithmetic, keeps its signs, and only its names become labels.
"""

import re
from collections.abc import Mapping

from ...protocol.model import Item
from ..language import Phrases

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z_]\w*|\d+(?:\.\d+)?|<>|!=|<=|>=|[-+*/%(),=<>])")
_COMPARED: Mapping[str, str] = {
    "=": "{left} is {right}",
    "<>": "{left} is not {right}",
    "!=": "{left} is not {right}",
    "<": "{left} is below {right}",
    "<=": "{left} is at most {right}",
    ">": "{left} is above {right}",
    ">=": "{left} is at least {right}",
}


def say_rule(rule: str, items: Mapping[str, Item], say: Phrases) -> str:
    """Return a rule over items in the language of `say`."""
    return _Reader(rule, items, say).read()


class _Reader:
    """Reads a rule from left to right; where it cannot go on, the signs stay as they are."""

    def __init__(self, rule: str, items: Mapping[str, Item], say: Phrases) -> None:
        self.tokens = _TOKEN.findall(rule)
        self.items, self.say, self.at = items, say, 0

    def read(self) -> str:
        try:
            said = self._either()
        except LookupError:
            said = ""
        return said if said and self.at == len(self.tokens) else self._as_written()

    def _as_written(self) -> str:
        words = [self._label(token) if token in self.items else token for token in self.tokens]
        return " ".join(words).replace("( ", "(").replace(" )", ")").replace(" ,", ",")

    def _peek(self) -> str:
        return self.tokens[self.at].upper() if self.at < len(self.tokens) else ""

    def _take(self, *expected: str) -> str:
        token = str(self.tokens[self.at])
        if expected and token.upper() not in expected:
            raise LookupError(token)
        self.at += 1
        return token

    def _either(self) -> str:
        parts = [self._both()]
        while self._peek() == "OR":
            self._take()
            parts.append(self._both())
        return self.say(" or ").join(parts)

    def _both(self) -> str:
        parts = [self._one()]
        while self._peek() == "AND":
            self._take()
            parts.append(self._one())
        return self.say(" and ").join(parts)

    def _one(self) -> str:
        if self._peek() == "(":
            self._take()
            inner = self._either()
            self._take(")")
            return f"({inner})"
        left = self._take()
        if not (left in self.items or left.startswith("'")):
            raise LookupError(left)
        negated = self._peek() == "NOT"
        if negated:
            self._take()
        sign = self._take("IN", "IS", *_COMPARED).upper()
        if sign == "IN":
            return self._among(left, negated=negated)
        if sign == "IS":
            return self._empty(left)
        right = self._take()
        return self.say(_COMPARED[sign], left=self._value(left, right), right=self._value(right, left))

    def _empty(self, left: str) -> str:
        if self._peek() == "NOT":
            self._take()
            self._take("NULL")
            return self.say("{left} is filled in", left=self._label(left))
        self._take("NULL")
        return self.say("{left} is empty", left=self._label(left))

    def _among(self, left: str, *, negated: bool) -> str:
        self._take("(")
        names = [self._take()]
        while self._peek() == ",":
            self._take()
            names.append(self._take())
        self._take(")")
        if left.startswith("'"):
            listed = self._listed([self._label(name) for name in names])
            phrase = "none of {names} is {value}" if negated else "any of {names} is {value}"
            return self.say(phrase, names=listed, value=self._value(left, names[0]))
        listed = self._listed([self._value(name, left) for name in names])
        phrase = "{left} is none of {names}" if negated else "{left} is one of {names}"
        return self.say(phrase, left=self._label(left), names=listed)

    def _listed(self, names: list[str]) -> str:
        return self.say(", ").join(names)

    def _label(self, name: str) -> str:
        return self.say('"{label}"', label=self.items[name].label.say(self.say.language))

    def _value(self, token: str, beside: str) -> str:
        """Return a name by its label, a code by the label that it has in the item beside it."""
        if token in self.items:
            return self._label(token)
        if not token.startswith("'"):
            return token
        code = token[1:-1].replace("''", "'")
        item = self.items.get(beside)
        if item is not None and code in item.codes:
            return item.codes[code].say(self.say.language)
        if item is not None and item.type == "yes or no":
            return self.say("Yes") if code == "Y" else self.say("No")
        return code
