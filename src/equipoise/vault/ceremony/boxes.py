"""Sealed boxes of one size: what is sealed to the vault's key says nothing by its length.

A libsodium sealed box (X25519, XSalsa20-Poly1305 with an ephemeral key) is fresh each time, so equal contents give
different boxes; but it is as long as its content, and `placebo` is longer than `high`. So contents are padded
(ISO/IEC 7816-4) to a whole number of blocks before they are sealed.
"""

from typing import Any, TypeVar

import msgspec
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from ...errors import DataError, RecordCorrupt

BLOCK = 512
Content = TypeVar("Content")


def seal(content: object, key: PublicKey, *, blocks: int | None = 1) -> bytes:
    """Seal a content (anything msgspec can write) to a public key, padded to `blocks` of 512 bytes.

    `blocks` None: to as many as it takes, where the length may be seen. `DataError` for a content that does not
    fit.
    """
    padded = sodium_pad(msgspec.json.encode(content, order="sorted"), BLOCK)
    if blocks is not None and len(padded) > blocks * BLOCK:
        raise DataError(
            f"what is sealed must fit into {blocks * BLOCK - 1} bytes, so that its length tells nothing; "
            f"use shorter ids. Got {len(padded)} bytes when padded"
        )
    return bytes(SealedBox(key).encrypt(padded))


def open_box(box: bytes, key: PrivateKey, kind: type[Content] | Any, what: str) -> Content:
    """Open a box into a content of type `kind`; `RecordCorrupt` names `what` where the box is damaged."""
    try:
        plain = sodium_unpad(SealedBox(key).decrypt(box), BLOCK)
        return msgspec.json.decode(plain, type=kind)
    except (CryptoError, ValueError, TypeError, msgspec.DecodeError):
        raise RecordCorrupt(f"{what} was changed or belongs to another vault: its box does not open") from None
