"""The safety desk of the vault: what is opened for a case or for the board, one event before each opening.

The blinded side is told how often enrolment had to pause, and nothing else: neither the rule nor the arm. The
safety unblinder sees the treatment of one participant; the safety board's statistician sees all arms, for a frozen
cut of the data.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record import Stamp
from .. import events
from ..bags import Preparation
from ..ceremony.boxes import open_box, seal
from ..doses import stated_doses
from ..service import Vault
from ..slots import open_everybody, open_participant
from .stopping import Held, SafetyEvent, needs_arms, not_told_before, rules_that_hold

ReadEvents = Callable[[Connection[TupleRow]], tuple[Protocol, Sequence[SafetyEvent]]]
UNBLINDER, STATISTICIAN = "safety unblinder", "safety board statistician"
MAY: Mapping[str, tuple[str, ...]] = {
    "open a case for a report": (UNBLINDER,),
    "see which stopping rules hold": (UNBLINDER, STATISTICIAN),
    "see the arms for the safety board": (STATISTICIAN,),
}
"""Roles that are shown arms for the sake of safety, where the trial is blinded."""


class CaseTreatment(msgspec.Struct, frozen=True):
    """What a participant of a case was given: the arm, its doses as stated, the products, and what was prepared.

    products: ids of the interventions with a dose above zero; none where the arm is a placebo.
    """

    participant: str
    number: str
    arm: str
    label: str
    doses: dict[str, str]
    products: tuple[str, ...]
    prepared: list[Preparation]


class Report(msgspec.Struct, frozen=True):
    """What became of a case for an authority: whether it was sent, its reference, the SHA-256 of the document."""

    sent: bool
    reference: str
    content: str


class BoardOpening(msgspec.Struct, frozen=True):
    """Arms by participant and every prepared dose, for the safety board."""

    arms: dict[str, str]
    doses: list[Preparation]


class SafetyDesk:
    """What a vault does for safety; its steps wait in the line of the vault's own."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def check_stopping(self, stamp: Stamp, read: ReadEvents) -> int:
        """Evaluate the stopping rules; return how often, by now, one has held for somebody new to it.

        read: reads the protocol and the adverse events from the trial's record, through the vault's connection,
        for no caller may make an event up. Whoever knows of fewer pauses than that has to pause enrolment: so none
        is lost between two records. Raises DecisionRefused as `rules_that_hold` does.
        """
        vault = self._vault
        with vault.turn(stamp) as turn:
            if turn.answered:
                before = events.read_said(turn.answered[0])
                if not isinstance(before, events.StoppingRulesChecked):
                    raise DecisionRefused(f"this request key belongs to another step. Got {stamp.request}")
                return before.halts
            protocol, reported = read(turn.connection)
            arms = {}
            if needs_arms(protocol):
                arms = {one.participant: one.arm for one in open_everybody(turn.connection, vault.key)}
            held = rules_that_hold(protocol, reported, arms)
            halts = len(vault.halted) + bool(not_told_before(held, self._told()))
            sealed = seal(held, vault.key.public_key, blocks=None)
            vault.write_once(turn, stamp, events.StoppingRulesChecked(halts=halts, sealed=sealed), None)
            return halts

    def show_stopping(self, stamp: Stamp) -> list[Held]:
        """Show the stopping rules that made enrolment pause: arm and participants; refused for other roles."""
        self._vault.require_role(stamp, "see which stopping rules hold", MAY)
        with self._vault.turn(stamp) as turn:
            self._vault.write_once(turn, stamp, events.StoppingShown(), None)
            return self._told()

    def open_case(self, stamp: Stamp, participant: str, record: str, reason: str) -> CaseTreatment:
        """Show the treatment of one participant for the report of an adverse event.

        Raises DecisionRefused without a reason, for other roles, and for a participant without a number.
        """
        if not reason.strip():
            raise DecisionRefused("a case is opened for a reason; say which report needs it. Got none")
        self._vault.require_role(stamp, "open a case for a report", MAY)
        vault = self._vault
        with vault.turn(stamp) as turn:
            opened = open_participant(turn.connection, vault.key, participant)
            vault.write_once(turn, stamp, events.CaseOpened(record=record), participant, reason)
            arm = vault.arm(opened)
            given = vault.protocol.arms[arm]
            return CaseTreatment(
                participant=participant,
                number=opened.number,
                arm=arm,
                label=given.label.say(),
                doses=stated_doses(vault.protocol, arm),
                products=tuple(name for name, dose in given.doses.items() if dose.value > 0),
                prepared=vault.preparations(participant),
            )

    def record_report(self, stamp: Stamp, participant: str, record: str, authority: str, report: Report) -> None:
        """Write down what became of a case for an authority; that it was a placebo stays sealed in here."""
        self._vault.require_role(stamp, "open a case for a report", MAY)
        vault = self._vault
        with vault.turn(stamp) as turn:
            if turn.answered:
                return
            open_participant(turn.connection, vault.key, participant)
            sealed = seal(report, vault.key.public_key)
            said = events.ReportRecorded(record=record, authority=authority, sealed=sealed)
            vault.write_once(turn, stamp, said, participant)

    def open_for_board(self, stamp: Stamp, sequence: int, data: str) -> BoardOpening:
        """Show all arms and doses for the closed report of the safety board, on the data cut at `sequence`.

        Raises DecisionRefused for other roles, and without the hash of the data.
        """
        self._vault.require_role(stamp, "see the arms for the safety board", MAY)
        if not data.strip():
            raise DecisionRefused("the arms are shown for a frozen cut of the data; give its hash. Got none")
        vault = self._vault
        with vault.turn(stamp) as turn:
            vault.write_once(turn, stamp, events.BoardOpened(sequence=sequence, data=data), None)
            arms = {one.participant: vault.arm(one) for one in open_everybody(turn.connection, vault.key)}
            return BoardOpening(arms=arms, doses=vault.preparations())

    def _told(self) -> list[Held]:
        told: list[Held] = []
        for said in self._vault.halted:
            told += open_box(said.sealed, self._vault.key, list[Held], "what is said of the stopping rules")
        return told
