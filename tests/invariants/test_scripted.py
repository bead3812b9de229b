"""The script itself: it reaches every stage by the doors, on either PostgreSQL."""

from .conftest import TrialAt
from .scripted import ARMS, advance, unblind


def test_the_script_goes_from_screening_to_the_end_of_the_blind(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)

    advance(script, list(script.trial.participants), "eligible", "locked")
    disclosed = unblind(script)

    assert script.trial.unblinded_at is not None
    assert {slot.arm for slot in disclosed.slots} == set(ARMS)
    assert len(disclosed.doses) == 8
