"""The OpenAPI document of the interface: paths by django-ninja, types of bodies and answers by msgspec."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from django.urls import reverse

from .answers import Refusal
from .endpoint import ANSWERS, BODIES, FOR, api

REFUSALS = {
    400: "The request cannot be read, or its key is missing.",
    401: "No token that is valid now.",
    403: "Not for this role.",
    404: "Nothing of this name, or it is at another site.",
    422: "Refused by a rule of the trial, which is said.",
    429: "Too many wrong tokens came from this address.",
}
OF_STEPS = {
    409: "The key was used for another request.",
    413: "The body is too large.",
    415: "The body is not of the media type.",
}
_REF = "#/components/schemas/{name}"


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    made: dict[str, Any] = api.get_openapi_schema(path_prefix=reverse("api:api-root"))
    kinds = [kind for kind in (*ANSWERS.values(), *BODIES.values(), Refusal) if not isinstance(kind, str | tuple)]
    unique = list({repr(kind): kind for kind in kinds}.values())
    schemas, components = msgspec.json.schema_components(unique, ref_template=_REF)
    by_kind = {repr(kind): schema for kind, schema in zip(unique, schemas, strict=True)}
    for operation in operations(made):
        name = operation["operationId"]
        operation["responses"] = _responses(name, by_kind)
        if name in BODIES:
            operation["requestBody"] = {"required": True, "content": _body(BODIES[name], by_kind)}
        if name in FOR:
            operation["x-roles"] = list(FOR[name])
    made["components"]["schemas"] |= components
    made.pop("servers", None)
    return made


def operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every operation of a document."""
    for methods in made["paths"].values():
        yield from methods.values()


def _responses(name: str, by_kind: dict[str, Any]) -> dict[str, Any]:
    answers = ANSWERS[name]
    if isinstance(answers, str):
        content = {answers: {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": by_kind[repr(answers)]}}
    refusal = {"application/json": {"schema": by_kind[repr(Refusal)]}}
    said = REFUSALS | (OF_STEPS if name in BODIES else {})
    return {
        "200": {"description": "What was asked for.", "content": content},
        **{str(status): {"description": text, "content": refusal} for status, text in sorted(said.items())},
    }


def _body(kind: Any, by_kind: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, tuple):
        files = {name: {"type": "string", "format": "binary"} for name in kind}
        return {"multipart/form-data": {"schema": {"type": "object", "properties": files, "required": list(kind)}}}
    return {"application/json": {"schema": by_kind[repr(kind)]}}
