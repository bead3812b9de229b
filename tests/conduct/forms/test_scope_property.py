"""What is frozen or locked: whom it stops, and what it covers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.door.scope import SITE_ROLES, name_scope, require_open
from equipoise.conduct.door.state import Hold, Scope
from equipoise.errors import DecisionRefused

from .desk import WHO, one_participant

ROLES = (*sorted(SITE_ROLES), "data manager", "monitor", "medical monitor", None)
scopes = st.builds(
    Scope,
    site=st.sampled_from([None, "01", "02"]),
    participant=st.sampled_from([None, WHO, "01-002"]),
    visit=st.sampled_from([None, "W0", "W4"]),
    form=st.sampled_from([None, "vitals", "ecg"]),
)


@given(
    scopes, st.booleans(), st.sampled_from(ROLES), st.sampled_from([None, "W4"]), st.sampled_from([None, "vitals"])
)
def test_a_freeze_stops_the_site_and_a_lock_everybody_within_its_bounds(
    scope: Scope, locked: bool, role: str | None, visit: str | None, form: str | None
) -> None:
    trial = one_participant()
    trial.holds.append(Hold(scope=scope, locked=locked, by="li", at=datetime(2024, 4, 1, tzinfo=UTC)))
    covered = (
        scope.site in (None, "01")
        and scope.participant in (None, WHO)
        and scope.visit in (None, visit)
        and scope.form in (None, form)
    )
    stopped = covered and (locked or role is None or role in SITE_ROLES)
    try:
        require_open(trial, trial.participants[WHO], visit, form, role=role)
    except DecisionRefused as refusal:
        assert stopped
        assert name_scope(scope) in str(refusal)
        assert "Li Wei" in str(refusal)
    else:
        assert not stopped


@pytest.mark.parametrize("role", ROLES)
def test_a_locked_trial_stops_everybody(role: str | None) -> None:
    trial = one_participant()
    require_open(trial, trial.participants[WHO], role=role)
    trial.locked_at = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(DecisionRefused, match="all data of the trial were locked on 2026-03-01"):
        require_open(trial, trial.participants[WHO], role=role)
