"""The OpenAPI document, and that every answer is as it says, whatever is asked (schemathesis)."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.invariants.role_table import TABLE
from tests.web.portals import Portals

from .conftest import Program, ProgramOf

PortalsAt = Callable[..., Portals]
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
"""Not among them: that whatever has the right types is accepted, as the rules of a trial refuse most of it."""
PEOPLE = (
    *("investigator.01", "coordinator.01", "nurse.01", "monitor", "data.manager", "statistician"),
    *("auditor", "sponsor", "administrator", "laboratory"),
)
EXAMPLES = 4
"""Requests to each operation, each in a role that may and in one that may not."""
NEEDED = """
import json, sys
from pathlib import Path
from equipoise.web.serving import without_vault
without_vault()
import django
from django.conf import settings
from equipoise.trial.folder import TrialFolder
from equipoise.web.shell.settings import BLINDED, Serving, portal_settings
home = Path(sys.argv[1])
(home / "trial.json").write_text(json.dumps({"trial": "T", "mode": "live"}))
settings.configure(**portal_settings(BLINDED, TrialFolder(home), "postgresql://nobody@localhost/none", Serving()))
django.setup()
import equipoise.web.shell.urls
assert "equipoise.web.api.endpoints.laboratory" in sys.modules
"""


def test_the_interface_needs_nothing_of_the_vault(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NEEDED, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_every_step_and_question_stands_in_the_document_with_its_types(portals_at: PortalsAt) -> None:
    portals_at()
    from equipoise.web.api.document import document
    from equipoise.web.api.endpoints.steps import OFFERED

    made = document()
    schemathesis.openapi.from_dict(made).validate()
    paths = {path.removeprefix("/api/v1/steps/") for path in made["paths"] if "/steps/" in path}
    assert paths == set(OFFERED)
    saving = made["paths"]["/api/v1/steps/SaveForm"]["post"]
    schema = saving["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/SaveForm"}
    assert made["components"]["schemas"]["SaveForm"]["additionalProperties"] is False
    assert saving["security"] == [{"Bearer": []}]
    assert "coordinator" in saving["x-roles"]


@dataclass
class Asking:
    """Asks every operation of the document, in roles that may and that may not, and judges the answers."""

    operations: list[Any]
    askers: dict[str, Program]
    seen: dict[str, set[int]] = field(default_factory=dict)

    def ask_all(self, *, examples: int = EXAMPLES) -> None:
        for operation in self.operations:
            self.ask(operation, examples)

    def ask(self, operation: Any, examples: int) -> None:
        """Ask mostly in a role that may, so that the question or the step is reached."""
        name = operation.definition.raw["operationId"]
        answers = self.seen.setdefault(name, set())
        may = [role for role in operation.definition.raw.get("x-roles", self.askers) if role in self.askers]
        others = [role for role in self.askers if role not in may]

        @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(), st.sampled_from(may or list(self.askers)), st.booleans())
        def ask(case: Any, role: str, of_somebody: bool) -> None:
            if of_somebody and isinstance(case.body, dict) and "participant" in case.body:
                case.body["participant"] = "01-001"
            if of_somebody and "participant" in (case.path_parameters or {}):
                case.path_parameters["participant"] = "01-001"
            answers.add(self._judged(case, role))
            if others:
                assert self._judged(case, others[len(name) % len(others)]) in (400, 403), name

        ask()

    def _judged(self, case: Any, role: str) -> int:
        headers = {"Authorization": f"Bearer {self.askers[role].secret}"}
        answer = case.call("http://testserver", headers=headers)
        case.validate_response(answer, checks=CHECKS)
        return int(answer.status_code)


@pytest.fixture
def asking(portals_at: PortalsAt, program: ProgramOf) -> Asking:
    """Programs in every role of the blinded side, and every operation that the document has."""
    portals = portals_at("infused", 2)
    from equipoise.web.api.document import document

    known = portals.running.door.trial.people
    schema: Any = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    operations = [result.ok() for result in schema.get_all_operations()]
    return Asking(operations, {known[person].grants[0].role: program(portals, person) for person in PEOPLE})


@pytest.mark.slow
def test_whatever_is_asked_every_answer_of_every_operation_is_as_the_document_says(asking: Asking) -> None:
    from equipoise.web.api.endpoint import ANSWERS, FOR

    asking.ask_all()
    assert asking.seen.keys() == ANSWERS.keys()
    reached = {name for name, answers in asking.seen.items() if answers - {403}}
    theirs = {role for role in TABLE if role not in asking.askers}  # of the other side, or not in the script
    assert all(set(FOR[name]) <= theirs for name in asking.seen.keys() - reached)
    assert {200, 400, 404, 422} <= set.union(*asking.seen.values())
    silent = {name for name, answers in asking.seen.items() if 200 not in answers}
    questions = {one.definition.raw["operationId"] for one in asking.operations if one.method == "get"}
    assert not silent & (questions - OF_ONE)


OF_ONE = {"participant", "forms", "history"}
"""Questions about one participant, whom the requests that are made up do not always name."""


def fails(*_: Any, **__: Any) -> Any:
    raise KeyError("broken")


BROKEN: Mapping[str, tuple[str, Any]] = {
    "queries": ("equipoise.web.api.endpoints.quality.list_queries", fails),
    "sites": ("equipoise.web.api.endpoints.trial.SiteRow", lambda **said: {"site": len(said)}),
    "HoldVisit": ("equipoise.web.api.endpoints.steps.require_same", fails),
    "forms_odm": ("equipoise.web.api.endpoints.received.read_odm_forms", fails),
    "laboratory_results": ("equipoise.web.api.endpoints.laboratory._received", fails),
    "record": ("equipoise.web.api.endpoints.exports.export_record", fails),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_an_operation_that_is_broken_is_found(asking: Asking, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[name])
    (operation,) = (one for one in asking.operations if one.definition.raw["operationId"] == name)
    with pytest.raises((FailureGroup, Failure)):
        asking.ask(operation, 40)
