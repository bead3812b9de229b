"""Commands that need both sides of the blind: the key ceremony, the vault, code breaks, unblinding, exports."""

import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError, DecisionRefused, Stopped
from .app import AsJson, app, print_json
from .blind.files import private_files
from .conduct import Actor, Request, TrialFolderArgument, acting_as, attached

if TYPE_CHECKING:
    from ..conduct.door.fact import By
    from ..line import VaultClient
    from ..trial.opened import Disclosed
    from ..trial.running import RunningTrial

Holders = Annotated[list[str] | None, typer.Option("--holder", metavar="PERSON", help="Holder of the key; twice.")]


@app.command()
def seal(
    folder: TrialFolderArgument,
    by: Actor,
    share: Annotated[
        list[Path],
        typer.Option("--share", metavar="FILE", help="File for a custodian's share of the seed; twice."),
    ],
    holder: Holders = None,
) -> None:
    """Hold the key ceremony: make and seal the randomisation list; its seed and its key go to two people each.

    Passphrases are asked for, or taken from EQUIPOISE_PASSPHRASE_1 and EQUIPOISE_PASSPHRASE_2.
    """
    from ..record import Stamp
    from ..trial.ceremony import seal_list
    from ..trial.vault_process import open_vault

    names = holder or []
    if len(names) != 2 or len(share) != 2:
        raise DataError(f"the ceremony needs --holder twice and --share twice. Got {len(names)} and {len(share)}")
    with attached(folder) as running, private_files(share, "a share") as files:
        passphrases = _ask_passphrases(names, confirm=True)
        shares = seal_list(running, by, list(zip(names, passphrases, strict=True)))
        for file, one in zip(files, shares, strict=True):
            file.write(f"{one.text()}\n".encode())
        with closing(open_vault(folder, passphrases)) as opened:
            opened.announce(Stamp(by, "list custodian", "UTC", "install the list"))
        places = running.door.trial.places
    listed = ", ".join(f"{stratum}: {count}" for stratum, count in places.items())
    typer.echo(f"the list is sealed; places by stratum: {listed}")
    typer.echo(f"give {share[0]} and {share[1]} to two custodians, and keep no copy; neither alone tells anything")


@app.command()
def vault(folder: TrialFolderArgument) -> None:
    """Run the vault until it is stopped: both holders open it, then the other commands can reach it."""
    from ..trial.vault_process import serve_vault

    passphrases = _ask_passphrases(_holders_of(folder))
    try:
        serve_vault(folder, passphrases, lambda: typer.echo("the vault is open; Ctrl-C shuts it", err=True))
    except Stopped:
        typer.echo("the vault is shut", err=True)


@app.command()
def dose(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")
    ],
    order: Annotated[str, typer.Argument(metavar="ORDER", help="Order, such as 01-001/W0.")],
    by: Actor,
    show: Annotated[
        bool, typer.Option("--show", help="Show the unblinded pharmacy what goes into the bag, also again.")
    ] = False,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Let the vault prepare the dose of an order and give out its bag, by the unblinded pharmacist."""
    from ..trial.steps import issue_bag

    acting = acting_as(by, "pharmacist")
    with attached(folder) as running, reach_vault(folder) as client:
        known = running.door.trial.participants.get(participant)
        issued = None if known is None else known.infusions.get(order)
        if show and issued is not None and issued.bag is not None:
            said = {"bag": issued.bag, "volume": str(issued.volume)}
        else:
            bag = issue_bag(running, client, acting, participant, order, request)
            said = {"bag": bag.number, "volume": bag.volume}
        if show:
            said |= show_content(client, running, acting, order)
    if as_json:
        print_json(said)
    else:
        typer.echo("; ".join(f"{name} {value}" for name, value in said.items()))


@app.command()
def envelopes(
    folder: TrialFolderArgument,
    site: Annotated[str, typer.Option(help="Site whose allocated participants get an envelope.")],
    by: Actor,
    out: Annotated[Path, typer.Option(metavar="FILE", help="PDF to write, which opens with the password only.")],
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "pharmacist",
    language: Annotated[str, typer.Option(help="Language of the envelopes: en or zh.")] = "en",
) -> None:
    """Print the sealed envelopes of a site: one sheet a participant, folded so that nobody sees the arm.

    The password of the PDF is asked for, or taken from EQUIPOISE_ENVELOPES.
    """
    from ..trial.steps import stamp_of

    if language not in ("en", "zh"):
        raise DataError(f"the language of the envelopes must be en or zh. Got {language}")
    acting = acting_as(by, role)
    with attached(folder) as running, private_files([out], "a file of envelopes") as (file,):
        people = running.door.trial.participants.values()
        allocated = [one.id for one in people if one.site == site and one.allocation is not None]
        password = os.environ.get("EQUIPOISE_ENVELOPES") or typer.prompt("Password of the PDF", hide_input=True)
        stamp = stamp_of(acting, str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        with reach_vault(folder) as client:
            pdf: bytes = client.call(
                "print_envelopes",
                bytes,
                stamp=stamp,
                site=site,
                participants=allocated,
                password=password,
                language=language,
            )
        file.write(pdf)
    typer.echo(f"{out}: {len(allocated)} envelopes; print, fold, seal, and delete the file")


@app.command()
def unblind(
    folder: TrialFolderArgument,
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "investigator",
    participant: Annotated[
        str | None, typer.Option(help="Break the code of this participant only, at once.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why the code must be broken.")] = "",
    everybody: Annotated[
        bool, typer.Option("--all", help="Open all codes, after the lock, by both holders of the key.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="With --all: file for what was opened.")] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Break the code of one participant in an emergency, or open all codes after the lock."""
    from ..trial.steps import break_code, unblind_trial

    if everybody == (participant is not None):
        raise DataError("say whose code is to be broken with --participant, or --all after the lock")
    with attached(folder) as running:
        if participant is not None:
            with reach_vault(folder) as client:
                shown = break_code(running, client, acting_as(by, role), participant, reason, request)
            said = {"participant": participant, "arm": shown.arm, "label": shown.label, "doses": shown.doses}
            if as_json:
                print_json(said)
            else:
                typer.echo(f"{participant}: {shown.label} ({'; '.join(map(': '.join, shown.doses.items()))})")
            return
        with private_files([] if out is None else [out], "what is opened") as files:
            passphrases = _ask_passphrases(_holders_of(folder))
            with reach_vault(folder, passphrases) as client:
                disclosed = unblind_trial(running, client, acting_as(by, role), passphrases, request)
            for file in files:
                file.write(_in_json(disclosed))
    typer.echo(f"codes opened: {len([slot for slot in disclosed.slots if slot.participant])}")


@app.command()
def export(
    folder: TrialFolderArgument,
    by: Actor,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the datasets.")],
    purpose: Annotated[str, typer.Option(help="What the data are for; it stands in the record.")],
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "data manager",
    unblinded: Annotated[
        bool, typer.Option("--unblinded", help="With arms and doses; only after all codes were opened.")
    ] = False,
    kind: Annotated[str, typer.Option("--format", help="dataset-json, xpt, parquet or csv.")] = "dataset-json",
    request: Request = None,
) -> None:
    """Export the data as SDTM; that it was done, with rows and hashes, is an event of the record."""
    from typing import cast

    from ..datasets.from_record.files import ENDINGS, Format
    from ..trial.steps import export_data

    if kind not in ENDINGS:
        raise DataError(f"the format must be one of {', '.join(ENDINGS)}. Got {kind}")
    with attached(folder) as running:
        disclosed = None
        if unblinded:
            disclosed = _disclosed(folder)
        rows = export_data(
            running,
            acting_as(by, role),
            out,
            purpose,
            disclosed=disclosed,
            kind=cast("Format", kind),
            request=request,
        )
    typer.echo(f"{sum(rows.values())} rows in {len(rows)} datasets were written to {out}")


@app.command()
def archive(
    folder: TrialFolderArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the archive.")],
    documents: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Documents of the trial to keep in it, such as reports.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the report: en or zh.")] = "en",
) -> None:
    """Write the archive of a trial that is locked and unblinded: record, datasets, results and report, signed."""
    from ..record import Book
    from ..trial.archive import write_archive
    from ..trial.running import signing_key

    if language not in ("en", "zh"):
        raise DataError(f"the language of the report must be en or zh. Got {language}")
    if documents is not None and not documents.is_dir():
        raise DataError(f"the documents of the trial must lie in a folder. Got {documents}")
    with attached(folder) as running, running.server.connect("vault") as connection:
        write_archive(
            out,
            protocol_files=running.protocol_files(),
            book=running.book,
            vault_book=Book(connection, "vault_record"),
            disclosed=_disclosed(folder),
            anchors=running.folder.anchors,
            key=signing_key(running.folder),
            documents=() if documents is None else (documents,),
            language=language,
            progress=lambda what: typer.echo(what, err=True),
        )
    typer.echo(f"open {out / 'index.html'}; `equipoise verify {out}` proves it")


def _ask_passphrases(names: list[str], *, confirm: bool = False) -> list[str]:
    found = []
    for number, name in enumerate(names, start=1):
        given = os.environ.get(f"EQUIPOISE_PASSPHRASE_{number}")
        found.append(given or typer.prompt(f"Passphrase of {name}", hide_input=True, confirmation_prompt=confirm))
    return found


def _holders_of(folder: Path) -> list[str]:
    from ..trial.folder import TrialFolder
    from ..vault.ceremony.holders import read_key

    file = TrialFolder(folder).vault_key
    if not file.exists():
        raise DecisionRefused("this trial has no sealed list yet; hold the ceremony with `equipoise seal`")
    return [holder.name for holder in read_key(file.read_text(encoding="utf-8")).holders]


def show_content(client: "VaultClient", running: "RunningTrial", acting: "By", order: str) -> dict[str, str]:
    """Let the vault show what is in the bag of an order: the arm and its content; each showing is an event."""
    from ..trial.steps import stamp_of
    from ..vault.bags import Preparation

    stamp = stamp_of(acting, str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
    prepared: Preparation = client.call("show_preparation", Preparation, stamp=stamp, order=order)
    return {"arm": prepared.arm, "content": f"{prepared.amount:,f} {prepared.unit}".strip()}


@contextmanager
def reach_vault(
    folder: Path, passphrases: list[str] | None = None, *, unblinded: bool = True
) -> "Iterator[VaultClient]":
    """Reach the vault that runs for this trial, at one of its doors; else open one for the time of a command.

    Raises DecisionRefused where none runs and nobody is there to give the passphrases.
    """
    from ..line import VaultClient
    from ..trial.folder import find_door
    from ..trial.vault_process import start_vault

    door = find_door(folder, unblinded=unblinded)
    if door is not None:
        with closing(VaultClient(door)) as client:
            yield client
        return
    holders = _holders_of(folder)
    try:
        secrets = passphrases or _ask_passphrases(holders)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise DecisionRefused(
            f"no vault is running for this trial; start it with `equipoise vault {folder}`, or give the "
            "passphrases of both holders in EQUIPOISE_PASSPHRASE_1 and EQUIPOISE_PASSPHRASE_2"
        ) from None
    with (
        start_vault(folder, secrets) as process,
        closing(VaultClient(process.doors.unblinded if unblinded else process.doors.blinded)) as client,
    ):
        yield client


def _in_json(disclosed: object) -> bytes:
    import msgspec

    return (json.dumps(msgspec.to_builtins(disclosed), indent=1, ensure_ascii=False) + "\n").encode()


def _disclosed(folder: Path) -> "Disclosed":
    from ..trial.opened import Disclosed

    with reach_vault(folder) as client:
        found: Disclosed = client.call("show_disclosed", Disclosed)
    return found
