"""Which signs the fonts of a page have; those that they have not are spelt out, so that no empty box is printed.

What people type, or laboratories send, may hold any character of Unicode: an emoji, a rare ideograph, a letter of
another script. The shipped font has Latin and common Chinese; the typesetter falls back to DejaVu Sans Mono, which
it brings with it.
"""

import unicodedata
from functools import cache
from pathlib import Path

from . import FONT_FOLDER

_FALLBACK = "DejaVuSansMono.ttf"


def spell_missing(text: str) -> str:
    """Return a text with each sign that no font has as its name in brackets, such as `[grinning face]`.

    An ideograph is given as its number (`[U+9F98]`); what is invisible anyway is left out.
    """
    if text.isascii():
        return text
    missing = {sign for sign in set(text) if not sign.isspace() and ord(sign) not in _glyphs()}
    return text.translate({ord(sign): _spelt(sign) for sign in missing})


def _spelt(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign) in ("Cc", "Cf") or name.startswith("VARIATION SELECTOR"):
        return ""
    return f"[U+{ord(sign):04X}]" if not name or "IDEOGRAPH" in name else f"[{name.lower()}]"


@cache
def _glyphs() -> frozenset[int]:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    fonts = (
        FONT_FOLDER / "EquipoiseSans-Regular.otf",
        Path(matplotlib.get_data_path(), "fonts", "ttf", _FALLBACK),
    )
    return frozenset(code for font in fonts for code in FT2Font(str(font)).get_charmap())
