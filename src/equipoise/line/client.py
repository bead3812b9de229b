"""A caller of the vault: it names a handler and its arguments, and gets what the handler gives, or its refusal.

All of it is plain data (MessagePack by msgspec, never pickle). A door is a Unix socket with a key of its own.
"""

import multiprocessing
import socket
import threading
from multiprocessing import connection as channels
from typing import Any, TypeVar

import msgspec

from .. import errors
from ..errors import DecisionRefused

Result = TypeVar("Result")
UNREACHABLE = (
    "the vault cannot be reached; repeat the step with the same key when it runs again. In an emergency open the "
    "participant's sealed envelope"
)


class Door(msgspec.Struct, frozen=True):
    """Where the vault listens: the path of a socket, and the key that lets in."""

    address: str
    key: bytes

    def __repr__(self) -> str:
        return f"Door(address={self.address!r})"


class Doors(msgspec.Struct, frozen=True):
    """The two doors of a vault."""

    blinded: Door
    unblinded: Door


class Ask(msgspec.Struct, frozen=True):
    """A message to the vault: the name of a handler, and its arguments."""

    name: str
    arguments: dict[str, msgspec.Raw]


class Answer(msgspec.Struct, frozen=True):
    """The vault's answer: what the handler gave, or kind and text of a refusal."""

    result: msgspec.Raw = msgspec.Raw(b"\xc0")
    refused: tuple[str, str] | None = None


def is_answering(door: Door) -> bool:
    """Whether somebody listens at a door; what a killed vault has left behind lets nobody in."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(door.address)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


class VaultClient:
    """A caller at one door of the vault; safe to use from several threads, one call after the other."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._line = threading.Lock()
        self._channel: channels.Connection[Any, Any] | None = None

    def call(self, name: str, kind: type[Result] | Any, /, **arguments: Any) -> Result:
        """Call a handler and give its result as a `kind`.

        Raises what the handler raised, by kind and text, and `DecisionRefused` where the vault cannot be reached.
        """
        asked = {key: msgspec.Raw(msgspec.msgpack.encode(value)) for key, value in arguments.items()}
        answer = msgspec.msgpack.decode(self._exchange(msgspec.msgpack.encode(Ask(name, asked))), type=Answer)
        if answer.refused is not None:
            error, text = answer.refused
            raise getattr(errors, error)(text)
        return msgspec.msgpack.decode(answer.result, type=kind)

    def close(self) -> None:
        """Hang up."""
        with self._line:
            self._hang_up()

    def _exchange(self, message: bytes) -> bytes:
        with self._line:
            try:
                if self._channel is None:
                    self._channel = channels.Client(self._door.address, "AF_UNIX", authkey=self._door.key)
                self._channel.send_bytes(message)
                return self._channel.recv_bytes()
            except (OSError, EOFError, multiprocessing.AuthenticationError) as error:
                self._hang_up()
                raise DecisionRefused(UNREACHABLE) from error

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
