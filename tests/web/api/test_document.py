"""The OpenAPI document, and that every answer is as it says, whatever is asked (schemathesis)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.portals import Portals

from .conftest import ProgramOf

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
EXAMPLES = 80
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


@pytest.mark.slow
def test_whatever_is_asked_every_answer_is_as_the_document_says(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("infused", 2)
    from equipoise.web.api.document import document

    known = portals.running.door.trial.people
    askers = {known[person].grants[0].role: program(portals, person) for person in PEOPLE}
    schema: Any = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 60
    seen: set[int] = set()

    def of_a_role(operation: Any) -> Any:
        """Ask mostly in a role that may, so that the question or the step is reached."""
        roles = [role for role in operation.definition.raw.get("x-roles", askers) if role in askers]
        return st.tuples(operation.as_strategy(), st.sampled_from(roles or list(askers)), st.booleans())

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(operations).flatmap(of_a_role))
    def ask(asked: Any) -> None:
        case, role, of_somebody = asked
        if of_somebody and isinstance(case.body, dict) and "participant" in case.body:
            case.body["participant"] = "01-001"
        if of_somebody and "participant" in (case.path_parameters or {}):
            case.path_parameters["participant"] = "01-001"
        answer = case.call("http://testserver", headers={"Authorization": f"Bearer {askers[role].secret}"})
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    ask()
    assert {200, 404, 422} <= seen
