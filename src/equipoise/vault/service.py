"""The vault at work: the one place where a slot can be opened, and the record of each opening.

Who is shown an arm is written into the vault's own record first, and only then shown; a step that is repeated
under its request key gives the same answer and writes nothing more. What goes back to the blinded side (`Bag`, or
nothing) has no field that could hold an arm. One vault serves one trial; its steps wait in line.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import msgspec
from nacl.public import PrivateKey
from psycopg import Connection
from psycopg.rows import TupleRow

from ..errors import DecisionRefused, RecordCorrupt
from ..line import Places, read_places
from ..protocol import Protocol
from ..record import Book, Event, Stamp, Turn
from ..record.book import reachable
from ..record.verify import verify_chain
from . import events
from .adaptive import BLOCKS, Draw, draw_arm, seal_draw
from .bags import Bag, DoseOrder, Preparation, Prepared, fill_bag, is_same_order, open_bag
from .ceremony.boxes import open_box, seal
from .ceremony.holders import WrappedKey, unwrap_key
from .disclosure import DisclosedSlot, disclose_slots
from .doses import compute_doses, require_doses, stated_doses
from .envelopes import Envelope, render_envelopes
from .events import draft_of
from .reconcile import give_up_slots, require_open_gates, require_two_signers
from .schema import OWN_RECORD
from .slots import (
    Allocated,
    StoredCeremony,
    open_everybody,
    open_participant,
    read_ceremony,
    require_same_list,
)
from .supply.contents import OF_STOCK, NamedKit, VaultStock, evolve_stock
from .supply.tables import require_same_kits

MAY: Mapping[str, tuple[str, ...]] = {
    "break a code": ("investigator", "safety unblinder"),
    "see what a bag holds": ("pharmacist", "unblinded monitor"),
    "print envelopes": ("list custodian", "key holder", "safety unblinder", "pharmacist"),
}
"""Roles that are shown arms before the end, where the trial is blinded."""


Connect = Callable[[], Connection[TupleRow]]


class CodeBreak(msgspec.Struct, frozen=True):
    """What a code break shows: the arm with its label and stated doses, and what was prepared so far."""

    participant: str
    number: str
    arm: str
    label: str
    doses: dict[str, str]
    prepared: list[Preparation]


class MaskedValue(msgspec.Struct, frozen=True):
    """A masked value as it stands, who entered it last, and why it was changed."""

    participant: str
    visit: str
    form: str
    item: str
    value: Any
    actor: str
    at: datetime
    reason: str | None


class Vault:
    """The vault of one trial, opened by its key.

    `connect` connects as the vault's role, in autocommit mode: now, and again after the database was away.

    Opening refuses (`RecordCorrupt`) slots that are not those that were sealed and a record that was changed, and
    (`DecisionRefused`) a key that is not the one the list was sealed to.
    """

    def __init__(self, connect: Connect, key: PrivateKey, wrapped: WrappedKey, protocol: Protocol) -> None:
        require_doses(protocol)
        self.protocol = protocol
        self._connect = connect
        self.connection = connect()
        self.book = Book(self.connection, OWN_RECORD)
        self.ceremony: StoredCeremony = read_ceremony(self.connection)
        if not bytes(key.public_key) == self.ceremony.public_key == wrapped.public_key:
            raise DecisionRefused(
                "the list was sealed to another key than this one; open the vault with the key of its ceremony"
            )
        self.key, self._wrapped = key, wrapped
        self._line = threading.RLock()
        self._state = events.VaultState()
        self._draws: list[Draw] = []
        self.stock = VaultStock()
        past = list(self.book.read())
        verify_chain(past, self.book.beginning)
        self._learn(past)
        require_same_list(self.connection, self.ceremony, self._state)
        require_same_kits(self.connection, self.stock)

    def close(self) -> None:
        """Close the connection to the database; the next step would open it again."""
        with self._line:
            self.connection.close()

    def announce(self, stamp: Stamp) -> StoredCeremony:
        """Write down, once, which sealed list this vault serves; give what conduct announces of it."""
        with self.turn(stamp) as turn:
            if self._state.installed is None:
                fields = events.ScheduleInstalled.__struct_fields__
                said = events.ScheduleInstalled(**{name: getattr(self.ceremony, name) for name in fields})
                turn.append(stamp, [draft_of(said)])
        return self.ceremony

    def holders(self) -> list[str]:
        """Name the two who hold the key, in the order in which their passphrases are asked for."""
        return [holder.name for holder in self._wrapped.holders]

    @contextmanager
    def reading(self) -> Iterator[Connection[TupleRow]]:
        """Give the connection of the vault's role for reading, in line with the steps."""
        with self._in_line(), reachable(self.connection):
            yield self.connection

    def places(self) -> dict[str, Places]:
        """Read how far the list of each stratum is used."""
        with self.reading() as connection:
            return read_places(connection)

    def prepare_slot(self, stamp: Stamp, participant: str, factors: Mapping[str, str]) -> None:
        """Draw an arm for a participant who has come, and keep a slot for them, once a participant.

        `take_next_slot` then gives it out. A participant who is not allocated in the end stays in the counts.
        Raises `DecisionRefused` for levels that are not those of the factors, and where no place is left.
        """
        with self.turn(stamp) as turn:
            if participant in self._state.drawn_for:
                return
            require_open_gates(turn)
            seed = self._seed()
            ((stratum, planned),) = self.ceremony.places.items()
            if len(self._draws) >= planned:
                raise DecisionRefused(
                    f"all {planned} places are used; call the trial's randomisation contact. Got {participant}"
                )
            before = [(draw.factors, draw.arm) for draw in self._draws]
            draw = draw_arm(self.protocol, self.ceremony.protocol, seed, before, factors)
            taken = {said.number for said in self._state.drawn}
            slot = seal_draw(draw, seed, self.key.public_key, planned=planned, taken=taken)
            said = events.SlotPrepared(
                stratum=stratum,
                position=draw.position,
                number=slot.number,
                commitment=slot.commitment,
                factors=draw.factors,
                sealed=seal(draw, self.key.public_key, blocks=BLOCKS),
            )
            turn.append(stamp, [draft_of(said, participant)])
            turn.connection.execute(
                "SELECT vault.reserve(%s, %s, %s, %s, %s, %s)",
                (stratum, draw.position, slot.number, slot.box, slot.commitment, participant),
            )

    def prepare_dose(self, stamp: Stamp, order: DoseOrder) -> Bag:
        """Compute the dose of an order and number its bag; the same order gives the same bag again.

        Raises `DecisionRefused`, in words that do not depend on the arm, for a participant without a number, a
        weight that does not serve (`doses.py`), or an order of this id with another content.
        """
        with self.turn(stamp) as turn:
            said = self._state.bags.get(order.order)
            if said is None:
                require_open_gates(turn)
                doses = compute_doses(self.protocol, order.intervention, order.weighing, order.on)
                arm = self.arm(open_participant(turn.connection, self.key, order.participant))
                prepared = Prepared(arm, doses[arm])
                said = fill_bag(self.protocol, order, prepared, self.key, self._state.bag_numbers)
                turn.append(stamp, [draft_of(said, order.participant)])
            elif not is_same_order(order, said):
                raise DecisionRefused(
                    f"order {order.order} was prepared before with another content; order anew. Got bag {said.bag}"
                )
        return Bag(said.bag, said.volume)

    def show_preparation(self, stamp: Stamp, order: str) -> Preparation:
        """Show the unblinded pharmacy what to put into the bag of an order.

        Raises `DecisionRefused` for an order that was not prepared, and for a role that may not.
        """
        self.require_role(stamp, "see what a bag holds")
        with self.turn(stamp) as turn:
            said = self._state.bags.get(order)
            if said is None:
                raise DecisionRefused(f"no dose was prepared for this order; check its number. Got {order}")
            self.write_once(turn, stamp, events.PreparationShown(order=order), said.participant)
            return open_bag(said, self.key)

    def break_code(self, stamp: Stamp, participant: str, reason: str) -> CodeBreak:
        """Break the code of one participant, at once; who, why and when is on record before the arm is shown.

        Raises `DecisionRefused` without a reason, for a role that may not, and for a participant without a number.
        """
        if not reason.strip():
            raise DecisionRefused("a code is broken for a reason; say why the treatment must be known. Got none")
        self.require_role(stamp, "break a code")
        with self.turn(stamp) as turn:
            opened = open_participant(turn.connection, self.key, participant)
            self.write_once(turn, stamp, events.CodeBroken(), participant, reason)
            arm = self.arm(opened)
            return CodeBreak(
                participant,
                opened.number,
                arm,
                self.protocol.arms[arm].label.say(),
                stated_doses(self.protocol, arm),
                self.preparations(participant),
            )

    def print_envelopes(
        self, stamp: Stamp, site: str, participants: Sequence[str], password: str, *, language: str = "en"
    ) -> bytes:
        """Print the sealed envelopes of a site's allocated participants: a PDF that opens with the password only.

        Raises `DecisionRefused` for nobody, for one without a number, and for a role that may not.
        """
        self.require_role(stamp, "print envelopes")
        with self.turn(stamp) as turn:
            opened = [open_participant(turn.connection, self.key, who) for who in participants]
            pdf = render_envelopes([self._envelope(one, site, language) for one in opened], password, language)
            said = events.EnvelopesPrinted(site=site, participants=tuple(participants))
            self.write_once(turn, stamp, said, None)
            return pdf

    def record_envelope_opened(
        self, stamp: Stamp, participant: str, reason: str, opened_by: str, opened_at: datetime
    ) -> None:
        """Write down that an envelope was opened while the vault was out of reach: by whom, when and why."""
        if not (reason.strip() and opened_by.strip()):
            raise DecisionRefused("an opened envelope is reported with the person who opened it and the reason")
        with self.turn(stamp) as turn:
            open_participant(turn.connection, self.key, participant)
            said = events.EnvelopeOpened(opened_by=opened_by, opened_at=opened_at)
            self.write_once(turn, stamp, said, participant, reason)

    def enter_masked(
        self,
        stamp: Stamp,
        participant: str,
        item: str,
        value: Any,
        visit: str = "",
        form: str = "",
        reason: str | None = None,
    ) -> None:
        """Keep a value of an item that would tell the arm; `value` is anything that JSON can say.

        Raises `DecisionRefused` for an item that is not masked, a participant without a number (before
        randomisation it is an ordinary value), and a change without a reason.
        """
        if item not in self.protocol.blinding.masked_after_randomisation:
            raise DecisionRefused(f"this item is not masked; enter it on its form. Got {item}")
        with self.turn(stamp) as turn:
            open_participant(turn.connection, self.key, participant)
            known = self._state.masked.get((participant, visit, form, item))
            if known is not None and not turn.answered and not (reason or "").strip():
                raise DecisionRefused(f"a value is changed for a reason; say why. Got {item} at visit {visit}")
            sealed = seal(value, self.key.public_key, blocks=None)
            said = events.MaskedValueEntered(visit=visit, form=form, item=item, sealed=sealed)
            self.write_once(turn, stamp, said, participant, reason)

    def unblind_all(self, stamp: Stamp, passphrases: Sequence[str], data: str) -> dict[str, str]:
        """Open all codes, after the lock, by the passphrases of both holders; give each participant's arm.

        `data` is the hash of the locked data, kept with the event. Raises `DecisionRefused` where a passphrase is
        wrong, and without the hash.
        """
        if not data.strip():
            raise DecisionRefused(
                "all codes are opened for locked data; lock the trial and give their hash. Got none"
            )
        if unwrap_key(self._wrapped, passphrases) != self.key:
            raise DecisionRefused("these passphrases open another key than that of this vault; nothing was opened")
        with self.turn(stamp) as turn:
            if self._state.unblinded is None:
                first, second = (holder.name for holder in self._wrapped.holders)
                turn.append(stamp, [draft_of(events.TrialUnblinded(holders=(first, second), data=data))])
        return {one.participant: one.arm for one in self.allocations()}

    def allocations(self) -> list[Allocated]:
        """Give every participant's number and arm; `DecisionRefused` before all codes were opened."""
        with self._unblinded():
            return open_everybody(self.connection, self.key)

    def disclosed(self) -> list[DisclosedSlot]:
        """Give the whole list with its proofs; `DecisionRefused` before all codes were opened."""
        with self._unblinded():
            return disclose_slots(self.connection, self.key, as_they_came=self.ceremony.seed_box is not None)

    def doses(self) -> list[Preparation]:
        """Give every dose that was prepared, with its arm; `DecisionRefused` before all codes were opened."""
        with self._unblinded():
            return self.preparations()

    def named_kits(self) -> list[NamedKit]:
        """Give the kit of every order with its lot; `DecisionRefused` before all codes were opened."""
        with self._unblinded():
            return self.stock.named()

    def masked_values(self, imported: Collection[str] = ()) -> list[MaskedValue]:
        """Give the masked values as they stand; `DecisionRefused` before all codes were opened.

        imported: the files whose import the trial's record knows; of others no value counts.
        """
        with self._unblinded() as state:
            return [
                MaskedValue(
                    *place,
                    open_box(one.said.sealed, self.key, Any, f"a value of {one.said.item}"),
                    one.actor,
                    one.at,
                    one.reason,
                )
                for place, last in state.masked.items()
                if (one := events.in_force(last, imported)) is not None
            ]

    def draws(self) -> list[Draw]:
        """Give the draws of arms with all they came from; `DecisionRefused` before all codes were opened."""
        with self._unblinded():
            return list(self._draws)

    def reconcile(
        self,
        stamp: Stamp,
        witnessed: Mapping[str, int],
        signers: tuple[str, str],
        reason: str,
    ) -> dict[str, int]:
        """After a restore: give up every slot up to the witnessed positions, and open all gates.

        Gives the number of slots lost by stratum; raises `DecisionRefused` as `reconcile.py` says.
        """
        require_two_signers(signers, reason)
        with self.turn(stamp) as turn:
            if turn.answered:
                before = events.read_said(turn.answered[0])
                return before.lost if isinstance(before, events.VaultReconciled) else refuse_key(stamp)
            return give_up_slots(turn, stamp, witnessed, signers, reason)

    @contextmanager
    def turn(self, stamp: Stamp) -> Iterator[Turn]:
        """Hold the vault's own record for a step, with what others have added learnt before.

        Two portals ask: in a rehearsal, the one that was overtaken bears the time of the other.
        """
        with self._in_line():
            with self.book.turn(self._state.sequence, stamp.request, in_order=True) as turn:
                self._learn(turn.news)
                if turn.was_for_another(stamp.asked):
                    refuse_key(stamp)
                yield turn
            self._learn(turn.appended)

    def _learn(self, news: Sequence[Event]) -> None:
        for event in news:
            events.evolve(self._state, event)
            if event.kind in OF_STOCK:
                evolve_stock(self.stock, event, events.read_said(event), self.key)
        for said in self._state.drawn[len(self._draws) :]:
            self._draws.append(open_box(said.sealed, self.key, Draw, f"draw {said.position}"))

    def write_once(
        self, turn: Turn, stamp: Stamp, said: events.Said, participant: str | None, reason: str | None = None
    ) -> None:
        """Append what is said, unless this request has said the same before; refuse a key of another step."""
        if not turn.answered:
            turn.append(stamp, [draft_of(said, participant, reason)])
            return
        (before,) = turn.answered
        same = (before.kind, before.participant) == (type(said).__name__, participant)
        if not same or self._without_seal(events.read_said(before)) != self._without_seal(said):
            refuse_key(stamp)

    def _without_seal(self, said: events.Said) -> object:
        """Give what is said with the box opened, for two boxes of one content are never the same."""
        if isinstance(said, events.MaskedValueEntered):
            value: Any = open_box(said.sealed, self.key, Any, f"a value of {said.item}")
            return (said.visit, said.form, said.item, value)
        return said

    @contextmanager
    def _unblinded(self) -> Iterator[events.VaultState]:
        with self._in_line(), reachable(self.connection):
            if self._state.unblinded is None:
                raise DecisionRefused(
                    "the codes are closed until both holders open them after the lock of the data"
                )
            yield self._state

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """Let one step in at a time, with a connection that works where one can be had."""
        with self._line:
            if self.connection.closed:
                self.connection = self._connect()
                self.book = Book(self.connection, OWN_RECORD)
            yield

    def require_role(self, stamp: Stamp, what: str, may: Mapping[str, tuple[str, ...]] = MAY) -> None:
        """Refuse a role that may not do this, where the trial is blinded."""
        if self.protocol.blinding.blinded and stamp.role not in may[what]:
            raise DecisionRefused(f"only {' or '.join(may[what])} may {what}. Got {stamp.role}")

    def _seed(self) -> bytes:
        if self.ceremony.seed_box is None:
            raise DecisionRefused(
                "this trial has a sealed list, so no arm is drawn; take the next slot of the list"
            )
        seed: bytes = open_box(self.ceremony.seed_box, self.key, bytes, "the seed of the draws")
        return seed

    def bag_of(self, order: str) -> events.BagPrepared | None:
        """Return the bag that was prepared for an order; None before."""
        return self._state.bags.get(order)

    def preparations(self, participant: str | None = None) -> list[Preparation]:
        """Open every bag that was prepared, of one participant or of all; within a turn only."""
        said = self._state.bags.values()
        return [open_bag(one, self.key) for one in said if participant in (None, one.participant)]

    @property
    def masked(self) -> Mapping[tuple[str, str, str, str], events.Entered]:
        """The masked values as they stand, sealed, by participant, visit, form and item."""
        return self._state.masked

    @property
    def draws_so_far(self) -> Sequence[Draw]:
        """The draws of arms, where they are drawn as participants come; for the audit within the vault."""
        return self._draws

    @property
    def halted(self) -> list[events.StoppingRulesChecked]:
        """The checks of the stopping rules that made enrolment pause."""
        return self._state.halted

    def arm(self, opened: Allocated) -> str:
        """Return the arm of an opened slot; `RecordCorrupt` where the protocol has none of this id."""
        if opened.arm not in self.protocol.arms:
            raise RecordCorrupt(
                f"slot {opened.number} holds no arm of this protocol; open the vault with that of the ceremony"
            )
        return opened.arm

    def _envelope(self, opened: Allocated, site: str, language: str) -> Envelope:
        arm = self.arm(opened)
        return Envelope(
            trial=self.protocol.trial.id,
            title=self.protocol.trial.title.say(language),
            site=site,
            participant=opened.participant,
            number=opened.number,
            arm=self.protocol.arms[arm].label.say(language),
            doses=[f"{name}: {dose}" for name, dose in stated_doses(self.protocol, arm, language).items()],
        )


def refuse_key(stamp: Stamp) -> NoReturn:
    """Refuse a request key that has led to another step before."""
    raise DecisionRefused(
        f"this request key belongs to another step; repeat the step with a new key. Got {stamp.request}"
    )
