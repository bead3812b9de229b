"""The pieces of a protocol on the reference page make one protocol, valid as it stands there."""

import re
from pathlib import Path

from equipoise.protocol import parse_protocol, untranslated_labels
from equipoise.protocol.checks.vocabulary import ADVERSE_EVENT, MEASUREMENT, MODEL_TERMS, PARTICIPANT

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
PIECE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_pieces_make_a_valid_protocol() -> None:
    trial = parse_protocol("\n".join(PIECE.findall(PAGE)), "page.yaml")
    assert trial.trial.id == "example"
    assert untranslated_labels(trial) == ()
    assert trial.provenance


def test_every_name_that_an_expression_may_use_is_told() -> None:
    names = {*PARTICIPANT, *MEASUREMENT, *ADVERSE_EVENT, *MODEL_TERMS}
    assert not {name for name in names if f"`{name}`" not in PAGE}
