"""The key of the vault, wrapped so that it takes the passphrases of two holders to open it.

Each passphrase goes through Argon2id (RFC 9106) with a salt of its own; the two results together with the visible
part of the document are hashed (BLAKE2b) into the key of a secret box (XSalsa20-Poly1305). So one passphrase alone
opens nothing, no answer says which of the two was wrong, and a changed document does not open at all.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from nacl import pwhash
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from ...errors import DataError, DecisionRefused

SHORTEST_PASSPHRASE = 12
Cost = Literal["sensitive", "moderate", "minimal"]
_COSTS: dict[str, tuple[int, int]] = {
    "sensitive": (pwhash.argon2id.OPSLIMIT_SENSITIVE, pwhash.argon2id.MEMLIMIT_SENSITIVE),
    "moderate": (pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE),
    "minimal": (pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN),
}


class Holder(msgspec.Struct, frozen=True):
    """One of the two who open the vault: a name, and the salt of the passphrase."""

    name: str
    salt: bytes


class WrappedKey(msgspec.Struct, frozen=True):
    """The key document: all but `sealed` is in the open; `cost` is that of Argon2id for each passphrase."""

    holders: tuple[Holder, Holder]
    cost: Cost
    public_key: bytes
    sealed: bytes
    version: Literal[1] = 1


def make_key(random: Callable[[int], bytes] = random_bytes) -> PrivateKey:
    """Make the key pair of a vault; the public half is `.public_key`."""
    return PrivateKey(random(PrivateKey.SIZE))


def wrap_key(
    key: PrivateKey,
    passphrases: Sequence[tuple[str, str]],
    *,
    cost: Cost = "moderate",
    random: Callable[[int], bytes] = random_bytes,
) -> WrappedKey:
    """Wrap a key for two holders, given as (name, passphrase).

    `cost` of a guess: `moderate` takes 256 MB and about a second, `sensitive` 1 GB; `minimal` is for tests and
    rehearsals. `DataError` for other than two holders of different names, and for passphrases that are the same
    or shorter than twelve characters.
    """
    names, secrets = [name for name, _ in passphrases], [secret for _, secret in passphrases]
    if len(names) != 2 or len(set(names)) != 2 or not all(names):
        raise DataError(f"the key needs two holders of different names. Got {', '.join(names) or 'none'}")
    if len(set(secrets)) != 2 or min(map(len, secrets)) < SHORTEST_PASSPHRASE:
        raise DataError(
            f"each holder needs a passphrase of one's own, of {SHORTEST_PASSPHRASE} characters or more. "
            f"Got lengths {len(secrets[0])} and {len(secrets[1])}"
            + (", the same" if len(set(secrets)) < 2 else "")
        )
    holders = tuple(Holder(name, random(pwhash.argon2id.SALTBYTES)) for name in names)
    document = WrappedKey((holders[0], holders[1]), cost, bytes(key.public_key), b"")
    box = SecretBox(_derive_key(document, secrets))
    return msgspec.structs.replace(document, sealed=bytes(box.encrypt(bytes(key), random(SecretBox.NONCE_SIZE))))


def unwrap_key(wrapped: WrappedKey, passphrases: Sequence[str]) -> PrivateKey:
    """Open the key with the passphrases of both holders, in the order of the document.

    `DecisionRefused`, always in the same words, where one of them or the document is not right.
    """
    refusal = DecisionRefused(
        "the key of the vault does not open: it needs the right passphrases of "
        f"{wrapped.holders[0].name} and {wrapped.holders[1].name}, in this order, and its document unchanged; "
        "nothing was opened, try again"
    )
    if len(passphrases) != 2:
        raise refusal
    try:
        key = PrivateKey(SecretBox(_derive_key(wrapped, passphrases)).decrypt(wrapped.sealed))
    except (CryptoError, ValueError):
        raise refusal from None
    if bytes(key.public_key) != wrapped.public_key:
        raise refusal
    return key


def write_key(wrapped: WrappedKey) -> str:
    """Write the key document as JSON (bytes in base 64)."""
    return msgspec.json.format(msgspec.json.encode(wrapped), indent=2).decode() + "\n"


def read_key(text: str) -> WrappedKey:
    """Read a key document; `DataError` where it is none."""
    try:
        return msgspec.json.decode(text, type=WrappedKey)
    except msgspec.DecodeError as error:
        raise DataError(f"the key document of the vault cannot be read; restore it from a copy: {error}") from None


def _derive_key(document: WrappedKey, passphrases: Sequence[str]) -> bytes:
    operations, memory = _COSTS[document.cost]
    hashed = [
        pwhash.argon2id.kdf(SecretBox.KEY_SIZE, _typed(secret), holder.salt, operations, memory)
        for holder, secret in zip(document.holders, passphrases, strict=True)
    ]
    visible = msgspec.json.encode(msgspec.structs.replace(document, sealed=b""), order="sorted")
    derived = blake2b(
        b"".join(hashed) + visible, digest_size=SecretBox.KEY_SIZE, person=b"equipoise vault", encoder=RawEncoder
    )
    return bytes(derived)


def _typed(passphrase: str) -> bytes:
    """Give the same bytes whichever way a keyboard composes an accented or Chinese character."""
    return unicodedata.normalize("NFKC", passphrase).encode()
