"""A trial whose arms are canaries: random words for ids, labels and doses, so that a trace of one is no accident.

Everything that a trial does before its end is done in it: participants come, are refused and infused, values that
would tell the arm are entered, a code is broken, an envelope is opened, data are exported. Then all that the
blinded side has is laid out, by name and as bytes.
"""

import atexit
import contextlib
import io
import secrets
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from tests.servers import running_server

from equipoise.conduct.door.checkpoint import save_state
from equipoise.datasets.from_record.sdtm.exposure import masked_name
from equipoise.errors import EquipoiseError
from equipoise.line import VaultClient
from equipoise.record import Server, role_name, write_lines, write_parquet
from equipoise.record.server import Role
from equipoise.trial.steps import break_code, export_data, stamp_of
from equipoise.trial.vault_process import BLINDED, vault_handlers
from equipoise.vault.bags import Preparation
from equipoise.vault.process import _answer

from .conftest import database_url
from .refusals import CASES, FIRST, SECOND, stamp
from .rewind import rewinding
from .scanner import files_in, written
from .scripted import TRIAL, Scripted, advance, begin, bring
from .work import at_work

MASKED = "zxmasked" + secrets.token_hex(8)
FORMATS = ("dataset-json", "xpt", "parquet", "csv")


class Overheard(VaultClient):
    """A caller at the vault's blinded door who keeps every answer, byte by byte, as the process would send it."""

    def __init__(self, handlers: Mapping[str, Callable[..., Any]]) -> None:
        self.handlers, self.heard = {name: handlers[name] for name in BLINDED}, list[bytes]()

    def _exchange(self, message: bytes) -> bytes:
        self.heard.append(_answer(message, self.handlers))
        return self.heard[-1]

    def close(self) -> None:
        """Hang up; nothing was dialled."""


@dataclass(frozen=True)
class Canaried:
    """A trial with canaries: its database and folder, the words, and what was heard while it ran."""

    database: str
    folder: Path
    words: tuple[str, ...]
    heard: Mapping[str, bytes]


def write_source(home: Path) -> tuple[Path, list[str]]:
    """Write the protocol with canaries in place of its arms; return them too, doses as they may be written."""
    text = TRIAL.read_text(encoding="utf-8")
    words = []
    for arm, label, dose in (
        ("canary_high", "Canary high dose", "1.5e6 /kg"),
        ("canary_low", "Canary low dose", "0.5e6 /kg"),
        ("canary_none", "Canary placebo", "0 /kg"),
    ):
        new_arm, new_label = "zx" + secrets.token_hex(6), "Zx" + secrets.token_hex(6)
        words += [new_arm, new_label]
        new_dose = dose
        if not dose.startswith("0 "):
            digits = f"{1 + secrets.randbelow(9)}{secrets.randbelow(10**8):08}7"
            new_dose = f"{dose[0]}.{digits}e6 /kg"
            words += [f"{dose[0]}.{digits}", f"{dose[0]}{digits[:6]}.{digits[6:]}".lstrip("0")]
        old = f"{arm}: {{label: {label}, cells: {dose}"
        assert old in text
        text = text.replace(old, f"{new_arm}: {{label: {new_label}, cells: {new_dose}")
    assert "half up to 0.1e6 cells" in text
    (home / "trial.yaml").write_text(text.replace("half up to 0.1e6 cells", "half up to 0.001 cells"), "utf-8")
    return home / "trial.yaml", words


@cache
def canaried(kind: str) -> Canaried:
    """Run the trial with canaries, once a test process; whatever the server is told goes into its log."""
    home = Path(tempfile.mkdtemp(prefix="equipoise-canaries-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    source, words = write_source(home)
    name = f"canaries_{home.name[-8:]}".lower()
    server = running_server(kind).database(name)
    with server.connect_admin() as admin:
        for setting in (
            "log_statement = 'all'",
            "log_min_duration_statement = 0",
            "log_parameter_max_length = -1",
        ):
            admin.execute(f'ALTER DATABASE "{name}" SET {setting}'.encode())
        (data,) = admin.execute("SHOW data_directory").fetchone() or ("",)
    log = next(place for place in (Path(data) / "log", Path(data).parent / "log") if place.exists())
    before = log.stat().st_size
    said = io.StringIO()
    heard: dict[str, bytes] = {}
    with database_url(server), contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        script = begin(home / "trial", source=source, flush=False)
        bring(script, 3, "allocated")
        door = Overheard(vault_handlers(script.vault.vault))
        advance(script, list(script.trial.participants), "allocated", "infused")
        words += do_what_knows_the_arms(script, door)
        at_work(script)
        with rewinding(script, server) as rewind:
            heard |= provoke(script, rewind.example)
        for format_ in FORMATS:
            out = script.folder / "exports" / format_
            export_data(script.running, script.by("data manager"), out, "a look", kind=format_)  # type: ignore[arg-type]
        book = script.running.door.book
        save_state(script.running.folder.checkpoints, script.trial, book.head())
        write_lines(book, script.folder / "events.jsonl")
        write_parquet(book, script.folder / "events.parquet")
        heard |= {"state": written(script.trial), "answers at the blinded door": b"".join(door.heard)}
        script.close()
    heard["standard output and error"] = said.getvalue().encode()
    heard["log of the server"] = log.read_bytes()[before:]
    assert heard["log of the server"].count(b"take_next") > 3, "the log says what the server was told"
    return Canaried(name, home / "trial", (*words, MASKED), heard)


def do_what_knows_the_arms(script: Scripted, door: Overheard) -> list[str]:
    """Enter masked values, break a code, print and open envelopes, look at bags; return the amounts in them."""
    by = script.by("laboratory")
    for who in (FIRST, SECOND):
        door.call(
            "enter_masked",
            None,
            stamp=stamp_of(by, f"masked {who}", rehearsed=True),
            participant=who,
            item="hla_class_1",
            value=MASKED,
            visit="W0",
            form="antibodies",
            reason=None,
        )
    break_code(script.running, script.vault, script.by("investigator", "01"), FIRST, "an emergency")  # type: ignore[arg-type]
    asked = stamp(script, "pharmacist")
    script.vault.call(
        "print_envelopes",
        bytes,
        stamp=asked,
        site="01",
        participants=[FIRST],
        password="a long password",
        language="en",
    )
    told = stamp_of(script.by("investigator", "02"), "an envelope", rehearsed=True)
    door.call(
        "report_envelope",
        None,
        stamp=told,
        participant=SECOND,
        reason="the vault was down",
        opened_by="investigator.02",
        opened_at=script.now(),
    )
    amounts = []
    for who in script.trial.participants:
        shown = stamp_of(script.by("pharmacist"), f"show {who}", rehearsed=True)
        prepared: Preparation = script.vault.call("show_preparation", Preparation, stamp=shown, order=f"{who}/W0")
        amounts += [f"{prepared.amount:f}", f"{prepared.amount:,f}"] if prepared.amount else []
    with contextlib.suppress(EquipoiseError):  # what goes wrong inside the vault is told in one sentence
        door.call("prepare_dose", None, stamp="no stamp", order={"order": 1})
    return amounts


def provoke(script: Scripted, example: Callable[[], Any]) -> dict[str, bytes]:
    """Provoke every refusal; return the words, and what a program would print of them."""
    found = {}
    for case in CASES:
        with example():
            case.before(script)
            try:
                case.tries(script)
            except EquipoiseError as refused:
                found[case.name] = (
                    str(refused) + repr(refused) + "".join(traceback.format_exception(refused))
                ).encode()
    assert found.keys() == {case.name for case in CASES}
    return found


def dump(server: Server, *arguments: str) -> bytes:
    """Dump a database as SQL."""
    command = [server.binary("pg_dump"), f"--dbname={server.admin_url}", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def log_in(server: Server, role: Role) -> Connection[TupleRow]:
    """Connect as who logs in by this role, and has no other to go back to."""
    return psycopg.connect(make_conninfo(server.admin_url, user=role_name(role)), autocommit=True)


def blinded_side(script: Scripted, server: Server, heard: Mapping[str, bytes]) -> dict[str, bytes]:
    """Lay out everything that the blinded side has, and the sealed rest that anybody may hold who has the dump."""
    found = {
        **files_in(script.folder),
        **heard,
        "state at work": written(script.trial),
        "dump of all that is not the vault's": dump(
            server, "--exclude-schema=vault", "--exclude-schema=vault_record"
        ),
        "dump of everything, sealed": dump(server),
    }
    for place in [place for place in found if "/ec." in place]:
        found[place] = found[place].replace(name_for_everybody(script), b"(either)")
    # what the arms are is no secret, only who has which
    return {place: content for place, content in found.items() if not place.startswith("protocols/")}


def name_for_everybody(script: Scripted) -> bytes:
    """Return what the infusion of everybody is called: each product that it could be."""
    protocol = script.running.protocol
    return masked_name(protocol, "cells", protocol.interventions["cells"]).encode()


def secrets_of(admin: Connection[TupleRow]) -> list[bytes]:
    """Return what the vault keeps: boxes, commitments, the hash of the list, what is sealed in its own record."""
    found = []
    for query in (
        "SELECT box FROM vault.slot",
        "SELECT commitment FROM vault.slot",
        "SELECT list_hash FROM vault.ceremony",
        "SELECT payload::jsonb ->> 'sealed' FROM vault_record.event WHERE payload::jsonb ? 'sealed'",
        "SELECT hash FROM vault_record.event",
    ):
        found += [
            value if isinstance(value, bytes) else value.encode() for (value,) in admin.execute(query.encode())
        ]
    assert all(len(secret) >= 32 for secret in found)
    return found


def read_forms(value: bytes) -> tuple[bytes, bytes]:
    """Return how a secret looks that was read: as it is, and as hexadecimal digits."""
    return value, value.hex().encode()


def rows_as_bytes(rows: list[TupleRow]) -> bytes:
    """Write rows as bytes, binary values in both forms."""
    raw = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    texts = msgspec.json.encode([[v.hex() if isinstance(v, bytes) else str(v) for v in row] for row in rows])
    return raw + texts + raw.hex().encode()
