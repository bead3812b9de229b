"""One thing that is wrong in a protocol file: where, and a sentence that says what would be right."""

from dataclasses import dataclass

from .source import FieldPath, ProtocolSource

_NOTHING = object()


@dataclass(frozen=True)
class Finding:
    """What is wrong at `path`; `got` is the value found, shown last."""

    path: FieldPath
    problem: str
    got: object = _NOTHING

    def sentence(self, source: ProtocolSource) -> str:
        """Return `file:line field problem. Got value`."""
        text = f"{source.at(self.path)} {self.problem}"
        if self.got is _NOTHING:
            return text
        return f"{text}{' ' if text.endswith('?') else '. '}Got {self.got}"
