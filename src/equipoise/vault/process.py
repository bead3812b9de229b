"""The vault as a process of its own, behind two doors: through the blinded one no arm comes out.

A message names a handler and its arguments; the answer is the handler's result, or kind and text of a refusal. All
of it is plain data (MessagePack by msgspec, never pickle), checked against the handler's annotations. A door is a
Unix socket of `multiprocessing.connection` with a key of its own (challenge and HMAC). Who has the key of the
blinded door reaches the handlers named blinded, and nothing else. What goes wrong without being a refusal is told
in one sentence, whatever it was. The process holds the vault's key and its database connection; it ends with the
process that started it.
"""

import contextlib
import errno
import multiprocessing
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from multiprocessing import connection as channels
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_type_hints

import msgspec

from .. import errors
from ..errors import DataError, DecisionRefused, EquipoiseError
from ..line import Answer, Ask, Door, Doors

Handlers = Mapping[str, Callable[..., Any]]
NOT_ANSWERED = (
    "the vault could not answer, and whether this step was stored is not known; repeat it with the same key, and "
    "call the trial's help if it happens again"
)
_LONGEST_ADDRESS = 100
_SECONDS_TO_STOP = 10
_LOOKED_AFTER = 0.2
"""Seconds between two looks at whether the doors are kept."""
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.ENOBUFS, errno.ENOMEM)
"""Errors of one caller, or of a moment, which must not shut a door for all others."""


def make_doors(folder: Path | None = None) -> Doors:
    """Name two sockets, with fresh keys, in a folder, or in a new one of the system's temporary folder.

    `DataError` for a folder whose path is too long for the names of sockets.
    """
    place = Path(tempfile.mkdtemp(prefix="equipoise-")) if folder is None else folder
    addresses = [str(place / f"{name}.socket") for name in ("blinded", "unblinded")]
    if len(os.fsencode(addresses[1])) > _LONGEST_ADDRESS:
        raise DataError(
            f"the path of a socket must have at most {_LONGEST_ADDRESS} bytes; take a shorter folder. Got {place}"
        )
    blinded, unblinded = (Door(address, secrets.token_bytes(32)) for address in addresses)
    return Doors(blinded, unblinded)


def serve(
    handlers: Handlers, blinded: Collection[str], doors: Doors, ready: Callable[[], None] | None = None
) -> None:
    """Listen at both doors until the process ends; `blinded` names the handlers of the blinded door.

    A handler is a function with annotated arguments, passed by name; `ready` is called when callers may come.
    """
    at_blinded = {name: handlers[name] for name in blinded}
    with _listen(doors.blinded) as outer, _listen(doors.unblinded) as inner:
        if ready is not None:
            ready()
        keepers = [
            threading.Thread(target=_accept, args=place, daemon=True)
            for place in ((outer, doors.blinded.key, at_blinded), (inner, doors.unblinded.key, handlers))
        ]
        for keeper in keepers:
            keeper.start()
        # in short waits: a signal that another thread was given is looked at between them
        while all(keeper.is_alive() for keeper in keepers):
            keepers[0].join(_LOOKED_AFTER)


class VaultProcess:
    """A vault in a process of its own, started at once; a context manager that ends it.

    `make_handlers(*arguments)` runs in the new process (spawned: it shares no memory with this one) and gives the
    handlers; both must be picklable. Raises `DecisionRefused`, or what `make_handlers` raised, where it does not
    start.
    """

    def __init__(
        self,
        make_handlers: Callable[..., Handlers],
        arguments: tuple[Any, ...],
        blinded: Collection[str],
        doors: Doors,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.doors = doors
        self._process = context.Process(
            target=_run, args=(make_handlers, arguments, tuple(blinded), doors, theirs), name="vault", daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            said = msgspec.msgpack.decode(ours.recv_bytes(), type=Answer)
        except EOFError:
            raise DecisionRefused("the vault did not start; see what it has written to its log") from None
        finally:
            ours.close()
        if said.refused is not None:
            self._process.join()
            raise getattr(errors, said.refused[0])(said.refused[1])

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join(_SECONDS_TO_STOP)
        for door in (self.doors.blinded, self.doors.unblinded):
            Path(door.address).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _run(
    make_handlers: Callable[..., Handlers],
    arguments: tuple[Any, ...],
    blinded: tuple[str, ...],
    doors: Doors,
    starter: "channels.Connection[Any, Any]",
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started the vault decides when it ends
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        handlers = make_handlers(*arguments)
    except EquipoiseError as error:
        starter.send_bytes(_refusal(error))
        return
    serve(handlers, blinded, doors, lambda: starter.send_bytes(msgspec.msgpack.encode(Answer())))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _listen(door: Door) -> channels.Listener:
    Path(door.address).unlink(missing_ok=True)
    before = os.umask(0o077)
    try:
        return channels.Listener(door.address, "AF_UNIX", backlog=64)
    finally:
        os.umask(before)


def _accept(listener: channels.Listener, key: bytes, handlers: Handlers) -> None:
    while True:
        try:
            caller = listener.accept()
        except OSError as error:
            if error.errno not in _PASSING:
                raise
            time.sleep(0.05)
            continue
        threading.Thread(target=_attend, args=(caller, key, handlers), daemon=True).start()


def _attend(caller: "channels.Connection[Any, Any]", key: bytes, handlers: Handlers) -> None:
    """Ask a caller for the key, here and not where others wait to be let in; then answer until they hang up."""
    with caller, contextlib.suppress(OSError, EOFError, multiprocessing.AuthenticationError):
        channels.deliver_challenge(caller, key)
        channels.answer_challenge(caller, key)
        while True:
            caller.send_bytes(_answer(caller.recv_bytes(), handlers))


def _answer(message: bytes, handlers: Handlers) -> bytes:
    try:
        asked = msgspec.msgpack.decode(message, type=Ask)
        if asked.name not in handlers:
            raise DecisionRefused(f"the vault does not do this at this door. Got {asked.name}")
        handler = handlers[asked.name]
        kinds = get_type_hints(handler)
        arguments = {
            name: msgspec.msgpack.decode(value, type=kinds.get(name, Any))
            for name, value in asked.arguments.items()
        }
        result = msgspec.msgpack.encode(handler(**arguments))
        msgspec.msgpack.decode(result, type=kinds.get("return", Any))  # no more goes out than was declared
        return msgspec.msgpack.encode(Answer(msgspec.Raw(result)))
    except EquipoiseError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001  whatever it was must not reach the caller, for it may name an arm
        _log(error)
        return _refusal(DecisionRefused(NOT_ANSWERED))


def _refusal(error: EquipoiseError) -> bytes:
    return msgspec.msgpack.encode(Answer(refused=(type(error).__name__, str(error))))


def _log(error: Exception) -> None:
    """Write where it went wrong, but not what the error says: its text could hold an arm."""
    where = "".join(traceback.format_tb(error.__traceback__))
    sys.stderr.write(f"the vault could not answer ({type(error).__name__}):\n{where}")
    sys.stderr.flush()
