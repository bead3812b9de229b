"""Who the participants are: kept apart from the record, readable at their site only, and destroyable for good.

Each identity is sealed with a data key of its own (XSalsa20-Poly1305, fresh nonce). The data key stands in another
table, itself sealed by a secret that only the trial's folder holds, so that a copy of the database alone names
nobody. When its data key is destroyed an identity cannot be read any more by anybody, though the data of the
participant stay (GDPR Article 17; ICH E6(R3) 4.2.2(b)). A backup holds the keys of its day: destroy it as well.

Whether a person is in the trial already is told by a mark: HMAC-SHA-256 of name, date of birth and sex, keyed by
the same secret. It is the same at every site, tells nothing to who lacks the secret, and goes with the data key.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from datetime import date

import msgspec
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from ...errors import DataError, DecisionRefused, RecordCorrupt
from ...record.event import canonical
from ...record.server import role_name
from ..door.dates import today_at
from ..door.fact import By
from ..door.state import Trial
from ..organisation.people import holds_role

FIELDS = ("name", "birth_date", "sex")
"""What tells a person; `distinction` may be added for two people whom these do not tell apart."""

OPTIONAL = ("distinction", "contact")
"""What may be given besides: a mark of distinction, and how the site reaches the person."""

SEXES = ("F", "M", "U", "INTERSEX")
"""Codes of sex, as in SDTM; U is unknown."""

READERS = ("investigator", "coordinator", "monitor", "auditor")
"""Roles that may see who a participant is, at the participant's site; the last two in the source documents too."""

_TABLES = """
CREATE SCHEMA identity;
REVOKE ALL ON SCHEMA identity FROM PUBLIC;
CREATE TABLE identity.person (
    participant text PRIMARY KEY CHECK (participant <> ''),
    site text NOT NULL CHECK (site <> ''),
    sealed bytea NOT NULL
);
CREATE TABLE identity.key (
    participant text PRIMARY KEY REFERENCES identity.person,
    sealed bytea NOT NULL,
    mark bytea NOT NULL UNIQUE
);
GRANT USAGE ON SCHEMA identity TO {role};
GRANT SELECT, INSERT ON identity.person, identity.key TO {role};
GRANT DELETE ON identity.key TO {role};
"""


def create_identities(owner: Connection[TupleRow]) -> None:
    """Create the two tables, as the owner of the database, and let the role of conduct use them, nobody else."""
    with owner.transaction():
        owner.execute(SQL(_TABLES).format(role=Identifier(role_name("conduct"))))


def scrub_keys(owner: Connection[TupleRow]) -> None:
    """Write the table of keys anew, so that the bytes of destroyed keys leave its file; for the owner to do."""
    owner.execute("VACUUM (FULL) identity.key")


def require_identity(identity: Mapping[str, str], today: date) -> None:
    """Raise DecisionRefused for an identity that lacks something; it repeats nothing of what was typed."""
    known = (*FIELDS, *OPTIONAL)
    if any(not identity.get(field, "").strip() for field in FIELDS) or any(
        field not in known for field in identity
    ):
        raise DecisionRefused(
            f"a person is registered by {', '.join(FIELDS[:-1])} and {FIELDS[-1]}; besides these there may be "
            f"{' and '.join(OPTIONAL)}. Nothing was stored"
        )
    try:
        born = date.fromisoformat(identity["birth_date"])
    except ValueError:
        born = None
    if born is None or born > today:
        raise DecisionRefused(
            "the date of birth must be a date that is not in the future, such as 1980-05-31. Nothing was stored"
        )
    if identity["sex"] not in SEXES:
        raise DecisionRefused(f"the sex must be one of {', '.join(SEXES)}. Nothing was stored")
    if not _letters(identity["name"]):
        raise DecisionRefused("the name must have letters. Nothing was stored")


class Identities:
    """The identities of a trial, for who holds its secret: 32 bytes from a file in the trial's folder."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SecretBox.KEY_SIZE:
            raise DataError(f"the secret of the identities has {SecretBox.KEY_SIZE} bytes. Got {len(secret)}")
        self._mark_key = _derive(secret, b"mark")
        self._box = SecretBox(_derive(secret, b"data keys"))

    def __repr__(self) -> str:
        return "Identities()"

    def store(
        self, connection: Connection[TupleRow], participant: str, site: str, identity: Mapping[str, str]
    ) -> None:
        """Store who a participant is, in the transaction of the connection.

        Raises DecisionRefused where the same person was registered before; it tells the other number at the same
        site only.
        """
        mark, data_key = self.mark(identity), random_bytes(SecretBox.KEY_SIZE)
        # the number inside the seal shows a row that was put beside another participant
        content = canonical({"participant": participant, **identity}).encode()
        connection.execute(
            "INSERT INTO identity.person (participant, site, sealed) VALUES (%s, %s, %s)",
            (participant, site, bytes(SecretBox(data_key).encrypt(content))),
        )
        stored = connection.execute(
            "INSERT INTO identity.key (participant, sealed, mark) VALUES (%s, %s, %s) "
            "ON CONFLICT (mark) DO NOTHING RETURNING participant",
            (participant, bytes(self._box.encrypt(data_key)), mark),
        ).fetchone()
        if stored is None:
            raise DecisionRefused(self._twice(connection, mark, site))

    def read(self, connection: Connection[TupleRow], trial: Trial, by: By, participant: str) -> dict[str, str]:
        """Return who a participant is, to somebody who works at the participant's site.

        Raises DecisionRefused for others, and where the identity was destroyed.
        """
        row = connection.execute(
            "SELECT p.site, p.sealed, k.sealed FROM identity.person p "
            "LEFT JOIN identity.key k USING (participant) WHERE participant = %s",
            (participant,),
        ).fetchone()
        site = None if row is None else row[0]
        if site is None or not self._may_read(trial, by, site):
            raise DecisionRefused(
                f"who a participant is can be seen at their own site only, by {', '.join(READERS[:-1])} or "
                f"{READERS[-1]}. Got {participant}"
            )
        assert row is not None
        if row[2] is None:
            raise DecisionRefused(f"the identity of {participant} was destroyed and cannot be read by anybody")
        try:
            content = SecretBox(self._box.decrypt(row[2])).decrypt(row[1])
        except CryptoError as error:
            raise RecordCorrupt(
                f"the identity of {participant} was changed or belongs to another secret"
            ) from error
        identity = msgspec.json.decode(content, type=dict[str, str])
        if identity.pop("participant") != participant:
            raise RecordCorrupt(f"the identity that stands beside {participant} is that of another participant")
        return identity

    def destroy(self, connection: Connection[TupleRow], participant: str) -> None:
        """Destroy the data key and the mark of a participant, in the transaction of the connection."""
        connection.execute("DELETE FROM identity.key WHERE participant = %s", (participant,))

    def mark(self, identity: Mapping[str, str]) -> bytes:
        """Return the mark of a person: the same for the same name (however written), date of birth and sex."""
        parts = (
            *_letters(identity["name"]),
            "",
            date.fromisoformat(identity["birth_date"]).isoformat(),
            identity["sex"],
            *_letters(identity.get("distinction", "")),
        )
        return hmac.new(self._mark_key, "\n".join(parts).encode(), hashlib.sha256).digest()

    def may_be(self, connection: Connection[TupleRow], participant: str, identity: Mapping[str, str]) -> bool:
        """Say whether a participant may be this person: their mark is the same, or was destroyed."""
        row = connection.execute("SELECT mark FROM identity.key WHERE participant = %s", (participant,)).fetchone()
        try:
            return row is None or hmac.compare_digest(bytes(row[0]), self.mark(identity))
        except (KeyError, ValueError):  # something that tells a person is missing, or no date
            return False

    def _may_read(self, trial: Trial, by: By, site: str) -> bool:
        today = today_at(trial, by, site)
        return by.role in READERS and holds_role(trial, by.person, by.role, site, today)

    def _twice(self, connection: Connection[TupleRow], mark: bytes, site: str) -> str:
        row = connection.execute(
            "SELECT participant, site FROM identity.key JOIN identity.person USING (participant) WHERE mark = %s",
            (mark,),
        ).fetchone()
        where = f"with the number {row[0]}" if row is not None and row[1] == site else "at another site"
        return (
            f"this person was registered in the trial before, {where}; nobody takes part twice. If it is another "
            "person of the same name, date of birth and sex, add a distinction"
        )


def _derive(secret: bytes, purpose: bytes) -> bytes:
    """Derive a key for one purpose from the secret."""
    derived: bytes = blake2b(purpose, digest_size=SecretBox.KEY_SIZE, key=secret, encoder=RawEncoder)
    return derived


def _letters(text: str) -> tuple[str, ...]:
    """Return the words of a name without accents, case, signs and order; each Chinese character is a word."""
    plain = [c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)]
    return tuple(sorted("".join(map(_spaced, plain)).split()))


def _spaced(character: str) -> str:
    if unicodedata.name(character, "").startswith("CJK"):
        return f" {character} "
    # vowel signs of some scripts are marks, not letters
    return character if unicodedata.category(character)[0] in "LMN" else " "
