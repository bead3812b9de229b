"""Invariant 8: two worlds that differ in nothing but the arms look the same to the blinded side, to the last byte.

The same script is run twice, by the same random numbers and the same clock; in the second world every arm of the
list is exchanged for the next one before it is sealed, and nature takes no notice. Compared are the record, the
state, exports, refusals, names of files, every answer at the vault's blinded door, the trial's folder and the dump
of all that is not the vault's; of the vault's own tables the lengths. What takes time must take it in every arm.
"""

import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.servers import fresh_database, running_server

import equipoise.vault.ceremony.schedule as ceremony
from equipoise.conduct.door.checkpoint import save_state
from equipoise.record import Server, write_lines, write_parquet
from equipoise.trial.steps import export_data
from equipoise.trial.vault_process import vault_handlers
from equipoise.vault import bags
from equipoise.vault.ceremony.holders import read_key, unwrap_key
from equipoise.vault.ceremony.sealing import Place, SealedSlot, seal_places
from equipoise.vault.events import BagPrepared
from equipoise.vault.slots import Allocated, open_everybody, open_participant

from . import scripted
from .canaries import Overheard, do_what_knows_the_arms, dump, provoke
from .conftest import TrialAt, database_url
from .refusals import order
from .rewind import Rewind, rewinding
from .scanner import files_in, written
from .scripted import ARMS, SECRETS, Scripted, allocate, begin, bring
from .work import at_work

TURNED = dict(zip(ARMS, [*ARMS[1:], ARMS[0]], strict=True))
another_database = contextmanager(fresh_database)


@contextmanager
def by_the_same_dice(*, turned: bool) -> Iterator[None]:
    """Let everything that is drawn be drawn alike: keys, seed, numbers of requests; turn the arms of the list."""
    dice, steps = np.random.default_rng(8), count(1)

    def seal(places: Any, *given: Any, **others: Any) -> tuple[SealedSlot, ...]:
        arms = TURNED if turned else dict(zip(ARMS, ARMS, strict=True))
        return seal_places([as_turned(place, arms) for place in places], *given, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceremony, "seal_places", seal)
        held = scripted.seal_list
        patch.setattr(scripted, "seal_list", lambda *given, **others: held(*given, **others, random=dice.bytes))
        patch.setattr("secrets.token_hex", lambda size: dice.bytes(size).hex())
        patch.setattr(uuid, "uuid4", lambda: f"step {next(steps)}")
        yield


def as_turned(place: Place, arms: Mapping[str, str]) -> Place:
    return msgspec.structs.replace(place, arm=arms[place.arm])


World = dict[str, bytes]


def run_world(kind: str, home: Path, *, turned: bool, short: bool = False) -> World:
    """Run the script in a world; return all that the blinded side sees of it, and lengths of what it cannot."""
    home.mkdir()
    with another_database(running_server(kind)) as server, database_url(server), by_the_same_dice(turned=turned):
        script = begin(home / "trial", flush=False)
        door = Overheard(vault_handlers(script.vault.vault))
        script.vault.call = door_first(door, script.vault.call)  # type: ignore[method-assign]
        bring(script, 3, "infused")
        seen: World = {}
        if not short:
            do_what_knows_the_arms(script, door)
            at_work(script)
            with rewinding(script, server) as rewind:
                seen |= provoke(script, rewind.example)
        seen |= lay_out(script, server)
        seen["answers at the blinded door"] = b"\n".join(door.heard)
        assert len(door.heard) >= 3
        script.close()
    return seen


def door_first(door: Overheard, call: Callable[..., Any]) -> Callable[..., Any]:
    """Let calls go through the blinded door where it takes them."""

    def called(name: str, kind: Any, /, **arguments: Any) -> Any:
        return (door.call if name in door.handlers else call)(name, kind, **arguments)

    return called


def lay_out(script: Scripted, server: Server) -> World:
    """Lay out what the blinded side has."""
    book, folder = script.running.door.book, script.folder
    export_data(script.running, script.by("data manager"), folder / "exports", "a look")
    save_state(folder / "checkpoints", script.trial, book.head())
    write_lines(book, folder / "events.jsonl")
    write_parquet(book, folder / "events.parquet")
    # who participants are is sealed afresh each time, and where the record lives is told in the gate
    outside = ("--exclude-schema=vault*", "--exclude-schema=identity", "--exclude-table=*.gate")
    with server.connect_admin() as admin:
        lengths = admin.execute(
            "SELECT 'slot', octet_length(box), number FROM vault.slot UNION ALL "
            "SELECT kind, octet_length(payload), participant FROM vault_record.event"
        ).fetchall()
    return {
        **files_in(folder),
        "state": written(script.trial),
        "dump": without_chance(dump(server, "--data-only", *outside)),
        "lengths of what is sealed": written(sorted(lengths, key=repr)),
        "how much is in the dump of everything": b"%d"
        % len(dump(server, "--data-only", "--exclude-table=*.gate")),
    }


def without_chance(text: bytes) -> bytes:
    """Return the lines of a dump, sorted: where a row lies hangs on when the server last cleaned up.

    Newer programs draw a key, to keep the commands of a dump apart; it is left out.
    """
    return b"\n".join(sorted(line for line in text.splitlines() if b"restrict" not in line))


def differing(one: World, other: World) -> list[str]:
    """Return where two worlds differ."""
    return [place for place in sorted(one.keys() | other.keys()) if one.get(place) != other.get(place)]


def worlds(kind: str, home: Path, *, short: bool = False) -> list[str]:
    """Run both worlds; return where they differ."""
    return differing(
        *(run_world(kind, home / f"{turned}", turned=turned, short=short) for turned in (False, True))
    )


def test_permuted_arms_change_no_byte_that_the_blinded_side_sees(each_server: str, tmp_path: Path) -> None:
    assert worlds(each_server, tmp_path) == []


def numbered_by_arm(patch: pytest.MonkeyPatch) -> None:
    fill = bags.fill_bag

    def filled(protocol: Any, asked: Any, prepared: Any, *others: Any) -> BagPrepared:
        said = fill(protocol, asked, prepared, *others)
        return msgspec.structs.replace(said, bag=f"{said.bag[:-1]}{ARMS.index(prepared.arm)}")

    patch.setattr("equipoise.vault.service.fill_bag", filled)


def volume_by_arm(patch: pytest.MonkeyPatch) -> None:
    fill = bags.fill_bag

    def filled(protocol: Any, asked: Any, prepared: Any, *others: Any) -> BagPrepared:
        said = fill(protocol, asked, prepared, *others)
        return msgspec.structs.replace(said, volume="100 mL" if prepared.dose.amount else "100.0 mL")

    patch.setattr("equipoise.vault.service.fill_bag", filled)


def sealed_as_long_as_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("equipoise.vault.ceremony.boxes.sodium_pad", lambda content, _: content)
    patch.setattr("equipoise.vault.ceremony.boxes.sodium_unpad", lambda content, _: content)


@pytest.mark.parametrize(
    ("mutate", "place"),
    [
        (numbered_by_arm, "events.jsonl"),
        (volume_by_arm, "answers at the blinded door"),
        (sealed_as_long_as_it_is, "lengths of what is sealed"),
    ],
)
def test_a_trace_of_the_arm_would_make_the_worlds_differ(
    each_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mutate: Callable[[pytest.MonkeyPatch], None],
    place: str,
) -> None:
    mutate(monkeypatch)
    assert place in worlds(each_server, tmp_path, short=True)


# --- how long it takes

Times = dict[str, list[float]]
GROSS, SLACK = 5.0, 0.02
"""So many times as long, and so many seconds longer, as another arm: more than a busy machine explains."""


def grossly_slower(times: Times) -> list[str]:
    """Return the arms that take grossly longer than the quickest."""
    medians = {arm: statistics.median(values) for arm, values in times.items()}
    quickest = min(medians.values())
    return [f"{arm}: {median:.3f} s" for arm, median in medians.items() if median > GROSS * quickest + SLACK]


def arms_of(script: Scripted, server: Server) -> dict[str, str]:
    """Open who got which arm, as no one may before the end."""
    key = unwrap_key(read_key(script.running.folder.vault_key.read_text()), SECRETS)
    with server.connect("vault") as connection:
        return {one.participant: one.arm for one in open_everybody(connection, key)}


def how_long_it_takes(rewind: Rewind, server: Server) -> dict[str, Times]:
    """Allocate everybody and let doses be prepared, a few times over; return how long each took, by arm."""
    allocating: Times = {arm: [] for arm in ARMS}
    preparing: Times = {arm: [] for arm in ARMS}
    for _ in range(3):
        with rewind.example() as script:
            took = {who: timed(lambda who=who: allocate(script, [who])) for who in script.trial.participants}
            for who, arm in arms_of(script, server).items():
                allocating[arm].append(took[who])
                preparing[arm].append(timed(lambda who=who: order(script, who)))
    assert all(len(values) >= 9 for times in (allocating, preparing) for values in times.values())
    return {"allocating": allocating, "preparing": preparing}


def timed(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


@pytest.fixture
def many(trial_at: TrialAt) -> Iterator[Rewind]:
    script = trial_at("eligible", 12)
    with rewinding(script, trial_at.server) as kept:
        yield kept


def test_no_arm_takes_longer_to_give_out_or_to_prepare(many: Rewind, trial_at: TrialAt) -> None:
    for what, times in how_long_it_takes(many, trial_at.server).items():
        assert grossly_slower(times) == [], what


def test_an_arm_that_takes_longer_would_be_found(
    many: Rewind, trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with many.example() as script:
        allocate(script, list(script.trial.participants))
        slow = [who for who, arm in arms_of(script, trial_at.server).items() if arm == ARMS[0]]
        numbers = [script.participant(who).allocation.number for who in slow]
    listed = ",".join(numbers)
    many.admin.execute(
        "CREATE FUNCTION vault.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF new.number = ANY ('{{{listed}}}') THEN PERFORM pg_sleep(0.1); END IF; RETURN new; END $$"
    )
    many.admin.execute(
        "CREATE TRIGGER dawdle BEFORE INSERT ON vault.allocation FOR EACH ROW EXECUTE FUNCTION vault.dawdle()"
    )

    def slowly(*given: Any) -> Allocated:
        opened = open_participant(*given)
        if opened.arm == ARMS[0]:
            time.sleep(0.1)
        return opened

    monkeypatch.setattr("equipoise.vault.service.open_participant", slowly)
    for times in how_long_it_takes(many, trial_at.server).values():
        (found,) = grossly_slower(times)
        assert found.startswith(ARMS[0])
