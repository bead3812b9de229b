"""The protocol language as JSON Schema (draft 2020-12), for editors that complete and underline as one types."""

from typing import Any

from .model import Protocol


def protocol_schema() -> dict[str, Any]:
    """Return the JSON Schema of a protocol file.

    What only the whole file can tell (references, units, expressions) is checked by `equipoise check`.
    """
    schema = Protocol.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Equipoise protocol, version 1"
    _accept_one_for_a_list(schema)
    return schema


def _accept_one_for_a_list(node: Any) -> None:
    """Let a single string stand where the file may give a list of strings, as the reader does."""
    if isinstance(node, dict):
        for value in node.values():
            _accept_one_for_a_list(value)
        properties = node.get("properties", {})
        for name, part in list(properties.items()):
            if isinstance(part, dict) and part.get("type") == "array" and "prefixItems" not in part:
                described = {k: part.pop(k) for k in ("description", "title", "default") if k in part}
                properties[name] = {**described, "anyOf": [part, {"type": "string"}]}
    elif isinstance(node, list):
        for value in node:
            _accept_one_for_a_list(value)
