"""A scanner for words that must not be there, in whatever guise: plain, UTF-16, hexadecimal, base64, compressed.

It looks into files, names of files, and anything that can be written as bytes. Parquet, gzip and the like hide
what they hold from who looks at bytes, so such files are opened first.
"""

import base64
import gzip
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec


@cache
def guises(word: str) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the forms in which a word is looked for: those in which case does not matter, and those in base64.

    In base64 a word can begin at three places, which give it three forms.
    """
    plain, exact = set(), set()
    for text in {word, word.upper(), word.lower()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            raw = text.encode(encoding)
            plain |= {raw.lower(), raw[::-1].lower(), raw.hex().encode()}
            for before in range(3):
                whole = base64.b64encode(b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3))
                # a digit at either end may hold bits of a neighbour
                first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
                exact |= {whole[first:last], whole[first:last].translate(_URL_SAFE)}
    return frozenset(plain), frozenset(exact)


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def find(words: Iterable[str], where: Mapping[str, bytes]) -> list[str]:
    """Return which of the words occur where, each with its place."""
    found = []
    for place, content in where.items():
        small = content.lower()
        for word in words:
            plain, exact = guises(word)
            if any(guise in small for guise in plain) or any(guise in content for guise in exact):
                found.append(f"{word} in {place}")
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name, opened where they hide what they hold, and the names as one place."""
    found = {}
    names = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        names.append(name)
        if path.is_file():
            found[name] = opened(path)
    return {**found, f"names in {folder.name}": "\n".join(names).encode()}


def opened(path: Path) -> bytes:
    """Return the bytes of a file, and behind them what it hides."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        import polars as pl

        return content + pl.read_parquet(path).write_ndjson().encode()
    if content[:2] == b"\x1f\x8b":
        return content + gzip.decompress(content)
    if content[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return content + zlib.decompress(content)
    return content


def written(value: object) -> bytes:
    """Write any value of the program as bytes: as JSON, as MessagePack, and as Python shows it."""
    return msgspec.json.encode(value) + msgspec.msgpack.encode(value) + repr(value).encode()
