"""The archive of a finished trial: its record, and everything that follows from it, in one signed folder.

    index.html, report.pdf, results.csv, ...   the report, as `analyse` writes it
    protocol.yaml                               the protocol, its newest version
    protocols/                                  the versions before it, by their content hash
    record/events.jsonl, events.parquet         the trial's record
    record/vault.jsonl                          the vault's own record
    record/opened.json                          what was opened after the lock: the list, the doses, masked values
    record/anchors.jsonl                        positions of the record, signed while the trial ran
    documents/                                  what was written while the trial ran: reports of cases and
                                                for the safety board, blinded and unblinded
    sdtm/, adam/                                datasets, as CDISC Dataset-JSON
    manifest.json, manifest.signature           SHA-256 of every file, signed with the trial's key

Everything but `record/`, `documents/` and the protocol is a function of these, so whoever has the folder can make
it again.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from nacl.signing import SigningKey

from ..analysis.ars import results_ars
from ..analysis.run import run_analyses
from ..conduct.door.chapters import replay
from ..conduct.door.state import Trial
from ..datasets.assemble import assemble
from ..datasets.folder import DataFolder
from ..datasets.from_record import write_adam, write_datasets, write_sdtm
from ..errors import DataError, RecordCorrupt
from ..protocol import Protocol, protocol_version, read_protocol
from ..record import Book, read_lines, read_title, write_lines, write_parquet
from ..report.folder import MAKER, fill_folder
from ..report.safety.standing import tell_standing
from ..report.write import fill_report
from .folder import EVENTS, RECORD
from .opened import Disclosed, opened_of

Progress = Callable[[str], object]
PROTOCOL, EARLIER = "protocol.yaml", "protocols"
DOCUMENTS = "documents"
VAULT, OPENED, ANCHORS = "vault.jsonl", "opened.json", "anchors.jsonl"


def write_archive(
    out: Path,
    *,
    protocol_files: Sequence[Path],
    book: Book,
    vault_book: Book,
    disclosed: Disclosed,
    anchors: Path | None,
    key: SigningKey,
    documents: Iterable[Path] = (),
    language: str = "en",
    progress: Progress = lambda _: None,
) -> dict[str, int]:
    """Write the archive of a trial that is locked and opened; return how many events each record has.

    `protocol_files` are those of every version, in the order of their issue; `vault_book` is the vault's own
    record, read by whoever may; `disclosed` what it has opened; `anchors` the file of the trial's signed
    positions, if it has one; `documents` folders of what was written while the trial ran. Raises DataError
    where `out` holds what Equipoise did not make, and where the trial is not unblinded.
    """
    *earlier, newest = protocol_files
    about = {
        "trial": book.trial,
        "mode": book.mode,
        "language": language,
        "protocol_version": protocol_version(read_protocol(str(newest))),
        "key": key.verify_key.encode().hex(),
    }
    with fill_folder(out, about, sign=lambda text: key.sign(text).signature) as folder:
        progress("writing the record")
        kept = folder / RECORD
        kept.mkdir()
        counts = {"record": write_lines(book, kept / EVENTS).sequence}
        counts["vault"] = write_lines(vault_book, kept / VAULT).sequence
        write_parquet(book, kept / "events.parquet")
        (kept / OPENED).write_bytes(msgspec.json.format(msgspec.json.encode(disclosed), indent=1) + b"\n")
        if anchors is not None and anchors.exists():
            shutil.copyfile(anchors, kept / ANCHORS)
        for written in documents:
            if written.exists():
                shutil.copytree(written, folder / DOCUMENTS, dirs_exist_ok=True)
        shutil.copyfile(newest, folder / PROTOCOL)
        for file in earlier:
            (folder / EARLIER).mkdir(exist_ok=True)
            shutil.copyfile(file, folder / EARLIER / file.name)
        derive_archive(folder, folder, language, progress)
    return counts


def derive_archive(source: Path, folder: Path, language: str, progress: Progress = lambda _: None) -> None:
    """Write into `folder` all that follows from the record and the protocol of `source`: datasets and report.

    Raises DataError where the trial is not unblinded or nobody was allocated, RecordCorrupt where the record
    contradicts itself.
    """
    progress("replaying the record")
    trial = replay(read_lines(source / RECORD / EVENTS))
    *earlier, protocol = read_versions(source, trial)
    disclosed = read_disclosed(source / RECORD / OPENED)
    if trial.unblinded_at is None:
        raise DataError(f"the archive of a trial is written when it is locked and unblinded. Got {trial.trial}")
    if not any(participant.allocation for participant in trial.participants.values()):
        raise DataError(
            "nobody was allocated, so there is nothing to analyse and no archive to write; keep a backup of the "
            f"trial and an export of its data. Got {trial.trial}"
        )
    progress("writing SDTM")
    sdtm = write_sdtm(protocol, trial, opened=opened_of(disclosed), earlier=earlier)
    write_datasets(folder / "sdtm", sdtm, at=trial.unblinded_at)
    data = assemble(protocol, DataFolder.of(sdtm.values()))
    progress("writing ADaM")
    write_datasets(folder / "adam", write_adam(protocol, sdtm, data), at=trial.unblinded_at)
    results = run_analyses(protocol, data, progress=lambda name: progress(f"analysing {name}"))
    progress("writing the report")
    synthetic = read_title(source / RECORD / EVENTS).mode == "rehearsal"
    ars = results_ars(protocol, results)
    facts = tell_standing(protocol, trial, language)
    fill_report(folder, protocol, data, results, ars=ars, language=language, synthetic=synthetic, facts=facts)


def read_disclosed(file: Path) -> Disclosed:
    """Read what was opened after the lock; DataError where the file is damaged."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Disclosed)
    except (ValueError, msgspec.MsgspecError) as error:
        raise DataError(f"{file} is damaged; take it from a copy of the archive: {error}") from error


def read_versions(folder: Path, trial: Trial) -> list[Protocol]:
    """Read every protocol version of an archive, in the order of their issue.

    Raises ProtocolError where a file is missing, RecordCorrupt where it is not the version that was issued.
    """
    found = []
    for issued in trial.versions:
        file = folder / PROTOCOL if issued == trial.versions[-1] else folder / EARLIER / f"{issued}.yaml"
        protocol = read_protocol(str(file))
        if protocol_version(protocol) != issued:
            raise RecordCorrupt(f"{file} is not the version of the protocol that was issued, {issued[:12]}")
        found.append(protocol)
    return found


def made_here(manifest: Mapping[str, Any]) -> bool:
    """Whether an archive was made by this version of the program, so that it can be made again byte by byte."""
    return bool(manifest.get("version") == version(MAKER))


def protocol_of(folder: Path) -> Protocol:
    """Read the protocol of an archive."""
    return read_protocol(str(folder / PROTOCOL))
