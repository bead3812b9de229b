"""The OpenAPI document, and that every answer is as it says, whatever is asked (schemathesis)."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.portals import Portals

from .conftest import ProgramOf

PortalsAt = Callable[..., Portals]
NEEDED = """
from equipoise.web.serving import without_vault
without_vault()
from pathlib import Path
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "equipoise.web.accounts"],
                   AUTH_USER_MODEL="accounts.Account", USE_I18N=True)
import django
django.setup()
import equipoise.web.api.urls
"""


def test_the_interface_needs_nothing_of_the_vault() -> None:
    told = subprocess.run([sys.executable, "-c", NEEDED], capture_output=True, text=True, check=False)
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

    askers = [program(portals, person) for person in ("coordinator.01", "data.manager", "sponsor")]
    schema: Any = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 60
    seen: set[int] = set()
    cases = st.sampled_from(operations).flatmap(lambda operation: operation.as_strategy())

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(cases, st.sampled_from(askers))
    def ask(case: Any, asker: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {asker.secret}"})
        case.validate_response(answer)
        seen.add(answer.status_code)

    ask()
    assert {200, 403, 422} <= seen
