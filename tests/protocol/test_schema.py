"""The exported JSON Schema says what the reader accepts."""

import copy
from typing import Any

import jsonschema
import pytest

from equipoise.protocol import locate_protocol, protocol_schema, shipped_protocols
from equipoise.protocol.source import read_source

VALIDATOR = jsonschema.Draft202012Validator(protocol_schema())


def tree(name: str) -> dict[str, Any]:
    return dict(copy.deepcopy(read_source(locate_protocol(name)).tree))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(protocol_schema())


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_shipped_protocol_fits_the_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tree(name))] == []


def test_an_editor_underlines_an_unknown_field_and_a_wrong_method() -> None:
    plan = tree("hucmsc_inr")
    plan["trial"]["sponsr"] = "nobody"
    plan["blinding"]["blinded"] = ["participant", "cook"]
    paths = {tuple(error.absolute_path)[:1] for error in VALIDATOR.iter_errors(plan)}
    assert paths == {("trial",), ("blinding",)}
