r"""Texts and numbers as XML can hold them, and back without a loss.

XML 1.0 (section 2.2) has no way to write most control characters, nor U+FFFE and U+FFFF, and takes a carriage
return for a line end. Such a character is written as its number, `\u{d}`; a text that happens to hold `\u{` has
its backslash written so. All other texts stay as they are.
"""

import re
from decimal import Decimal

_UNSAFE = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\\(?=u\{)")
_WRITTEN = re.compile(r"\\u\{([0-9a-f]+)\}")


def to_xml(text: str) -> str:
    """Write a text so that it may stand in XML."""
    return _UNSAFE.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text)


def from_xml(text: str) -> str:
    """Return the text that `to_xml` wrote; ValueError where a number is that of no character."""
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), text)


def number_to_xml(number: int | float) -> str:
    """Write a number in decimals, never with an exponent; one that is no integer keeps its decimal point."""
    text = format(Decimal(repr(number)), "f")
    return text if isinstance(number, int) or "." in text else f"{text}.0"


def number_from_xml(text: str) -> int | float:
    """Return a number as it was recorded: an integer where there is no decimal point. ValueError for no number."""
    return float(text) if "." in text else int(text)
