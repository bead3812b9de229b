"""The sealed list is announced once, with strata as the schedule names them."""

import pytest

from equipoise.conduct.organisation.sealed_list import (
    EVERYBODY,
    AnnounceSchedule,
    largest_block,
    list_factors,
    stratum_name,
)
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol, parse_protocol
from equipoise.protocol.read import SHIPPED
from equipoise.randomisation import make_schedule
from equipoise.randomisation.schedule import EVERYBODY as IN_THE_SCHEDULE

from .desk import Desk


def minimised() -> Protocol:
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    old = "  method: permuted blocks\n  block_sizes: [3, 6]\n  strata: [site]\n"
    new = "  method: minimisation\n  probability: 0.8\n  strata: [site, sex]\n"
    text = text.replace(old, new).replace("  randomisation.block_sizes", "  randomisation.probability")
    return parse_protocol(text)


def test_the_places_of_each_stratum_are_known_after_it_and_it_is_announced_once(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.announce({"site=01": 72, "site=02": 72})
    assert desk.trial.places == {"site=01": 72, "site=02": 72}
    assert desk.trial.list_hash == "ab" * 32
    with pytest.raises(DecisionRefused, match="a trial has one list"):
        desk.announce({"site=01": 72})


def test_strata_have_the_names_that_the_schedule_gives_them(confirm: Protocol) -> None:
    schedule = make_schedule(confirm, seed=1, levels={"site": ["01"]}, length=3)
    strata = {"site": "01", "cd4_stratum": "above 150", "age_stratum": "up to 45"}
    assert stratum_name({factor: strata[factor] for factor in list_factors(confirm)}) in schedule.strata
    Desk(confirm).announce(dict.fromkeys(schedule.strata, 3))
    assert IN_THE_SCHEDULE == EVERYBODY


@pytest.mark.parametrize("stratum", ["all participants", "site=", "01", "site=01; sex=F", "sex=F"])
def test_a_stratum_that_is_none_of_the_trial_is_refused(inr: Protocol, stratum: str) -> None:
    with pytest.raises(DecisionRefused, match=r"is named as in `site=\.\.\.`"):
        Desk(inr).announce({stratum: 72})


def test_a_trial_without_strata_has_one_list_and_so_has_minimisation(pilot: Protocol) -> None:
    assert list_factors(pilot) == list_factors(minimised()) == ()
    Desk(pilot).announce({EVERYBODY: 13})
    Desk(minimised()).announce({EVERYBODY: 72})
    with pytest.raises(DecisionRefused, match="is named as in `all participants`"):
        Desk(pilot).announce({"site=01": 13})


def test_a_list_without_places_or_without_its_hash_is_refused(inr: Protocol) -> None:
    with pytest.raises(DecisionRefused, match="one place or more"):
        Desk(inr).announce({"site=01": 0})
    with pytest.raises(DecisionRefused, match="the number of places"):
        Desk(inr).announce({})
    with pytest.raises(DecisionRefused, match="its hash, public key, method and generator"):
        Desk(inr).ask(
            AnnounceSchedule(list_hash="", public_key="k", method="m", generator="g", places={"site=01": 1})
        )


def test_the_largest_block_is_that_of_the_protocol_else_a_round_of_the_arms(
    inr: Protocol, pilot: Protocol
) -> None:
    assert largest_block(inr) == 6
    assert largest_block(minimised()) == 3
    assert largest_block(pilot) == 2
