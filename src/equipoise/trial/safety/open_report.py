"""The open report for the safety board, of the newest data cut: everybody together, nothing that tells an arm.

It needs nothing of the vault; the closed report (`board.py`) is written by the same steps.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from ...conduct.closing.cut import trial_as_of
from ...conduct.closing.locks import DataCut, data_hash
from ...conduct.door.chapters import read_fact
from ...conduct.door.state import Trial
from ...datasets.assemble import assemble
from ...datasets.folder import DataFolder
from ...datasets.from_record import Opened, write_sdtm
from ...errors import DecisionRefused
from ...protocol import Protocol, protocol_version
from ...record import Book
from ...report.folder import fill_folder
from ...report.html import Stamp
from ...report.pdf import render_pdf
from ...report.safety.board import EVERYBODY, Frozen, board_protocol, derive_board
from ...report.write import write_results
from ..running import RunningTrial

REPORT = "report.pdf"


def write_open_report(
    running: RunningTrial,
    out: Path,
    *,
    language: str = "en",
    book: Book | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Frozen:
    """Write the open report of the newest data cut into a folder; DecisionRefused where no data were cut.

    book: the record by a connection of its own, for a thread that runs beside others. progress: called with the
    name of each stage as it begins.
    """
    progress("reading the record")
    frozen, trial = freeze(running, book)
    protocol = board_protocol(running.protocol, closed=False)
    arms = {one.id: EVERYBODY for one in trial.participants.values() if one.allocation is not None}
    write_report(running, out, protocol, trial, frozen, Opened(arms=arms), language=language, progress=progress)
    return frozen


def freeze(running: RunningTrial, book: Book | None = None) -> tuple[Frozen, Trial]:
    """Return the newest data cut with the state as of it; DecisionRefused where no data were cut."""
    record = book or running.book
    cuts = list(record.read(kinds=[DataCut.__name__]))
    if not cuts:
        raise DecisionRefused(
            "the reports for the safety board are made of a data cut; cut the data first (CutData)"
        )
    cut = read_fact(cuts[-1])
    assert isinstance(cut, DataCut)
    trial = trial_as_of(record.read(), cut.sequence)
    assert trial.at is not None
    return Frozen(cut.sequence, trial.at, data_hash(trial)), trial


def write_report(
    running: RunningTrial,
    out: Path,
    protocol: Protocol,
    trial: Trial,
    frozen: Frozen,
    opened: Opened,
    arms: Mapping[str, str] | None = None,
    held: tuple[str, ...] = (),
    *,
    language: str,
    progress: Callable[[str], object] = lambda _: None,
) -> None:
    """Write the report of a cut into a folder: by arm where `arms` are given, else of everybody together."""
    progress("making datasets")
    sdtm = write_sdtm(protocol, trial, opened=opened, earlier=running.earlier)
    data = assemble(protocol, DataFolder.of(sdtm.values()))
    progress("computing")
    contents, results = derive_board(
        protocol,
        trial,
        data,
        frozen,
        arms=arms,
        held=held,
        language=language,
        synthetic=running.book.mode == "rehearsal",
    )
    stamp = Stamp(protocol_version(running.protocol), frozen.data, version("equipoise"))
    about = {
        "trial": trial.trial,
        "report": "open" if arms is None else "closed",
        "sequence": frozen.sequence,
        "data": frozen.data,
        "protocol_version": stamp.protocol,
    }
    progress("setting the pages")
    with fill_folder(out, about) as folder:
        (folder / REPORT).write_bytes(render_pdf(contents, stamp))
        write_results(folder, results)
