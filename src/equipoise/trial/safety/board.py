"""The reports for the safety board, of the newest data cut: everybody together, or by arm from the vault."""

import uuid
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from ...conduct.closing.cut import trial_as_of
from ...conduct.closing.locks import DataCut, data_hash
from ...conduct.door.chapters import read_fact
from ...conduct.door.fact import By
from ...conduct.door.state import Trial
from ...datasets.assemble import assemble
from ...datasets.folder import DataFolder
from ...datasets.from_record import Opened, PreparedDose, write_sdtm
from ...errors import DecisionRefused
from ...line import VaultClient
from ...protocol import Protocol, protocol_version
from ...report.folder import fill_folder
from ...report.html import Stamp
from ...report.pdf import render_pdf
from ...report.safety.board import EVERYBODY, Frozen, board_protocol, derive_board
from ...report.write import write_results
from ...vault.safety.desk import BoardOpening
from ...vault.safety.stopping import Held
from ..running import RunningTrial
from ..steps import stamp_of

REPORT = "report.pdf"


def write_open_report(running: RunningTrial, out: Path, *, language: str = "en") -> Frozen:
    """Write the open report of the newest data cut into a folder; DecisionRefused where no data were cut."""
    frozen, trial = freeze(running)
    protocol = board_protocol(running.protocol, closed=False)
    arms = {one.id: EVERYBODY for one in trial.participants.values() if one.allocation is not None}
    _write(running, out, protocol, trial, frozen, Opened(arms=arms), language=language)
    return frozen


def write_closed_report(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    out: Path,
    *,
    language: str = "en",
    request: str | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Frozen:
    """Write the closed report of the newest data cut, with the arms that the vault shows to the statistician.

    progress: called with the name of each stage as it begins. Raises DecisionRefused where no data were cut, and
    as the vault does.
    """
    frozen, trial = freeze(running)
    request = request or str(uuid.uuid4())
    rehearsed = running.book.mode == "rehearsal"
    progress("asking the vault")
    opening: BoardOpening = vault.call(
        "open_for_board",
        BoardOpening,
        stamp=stamp_of(by, request, rehearsed=rehearsed),
        sequence=frozen.sequence,
        data=frozen.data,
    )
    held: list[Held] = vault.call(
        "show_stopping", list[Held], stamp=stamp_of(by, f"{request} rules", rehearsed=rehearsed)
    )
    doses = tuple(
        PreparedDose(
            participant=one.participant,
            order=one.order,
            visit=one.visit,
            cells=format(one.amount, "f"),
            volume=one.volume,
            bag=one.bag,
            on=one.on,
        )
        for one in opening.doses
    )
    allocated = {one.id for one in trial.participants.values() if one.allocation is not None}
    arms = {participant: arm for participant, arm in opening.arms.items() if participant in allocated}
    protocol = board_protocol(running.protocol, closed=True)
    said = tuple(_say(protocol, one, language) for one in held)
    opened = Opened(arms=arms, doses=doses)
    _write(running, out, protocol, trial, frozen, opened, arms, said, language=language, progress=progress)
    return frozen


def freeze(running: RunningTrial) -> tuple[Frozen, Trial]:
    """Return the newest data cut with the state as of it; DecisionRefused where no data were cut."""
    cuts = list(running.book.read(kinds=[DataCut.__name__]))
    if not cuts:
        raise DecisionRefused(
            "the reports for the safety board are made of a data cut; cut the data first (CutData)"
        )
    cut = read_fact(cuts[-1])
    assert isinstance(cut, DataCut)
    trial = trial_as_of(running.book.read(), cut.sequence)
    assert trial.at is not None
    return Frozen(cut.sequence, trial.at, data_hash(trial)), trial


def _write(
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


def _say(protocol: Protocol, held: Held, language: str) -> str:
    assert protocol.safety is not None
    text = protocol.safety.stopping_rules[held.rule].text.say(language)
    where = "" if held.arm is None else f", {protocol.arms[held.arm].label.say(language)}"
    return f"{text} ({', '.join(held.participants)}{where})"
