"""The vault: salted openings of the commitments that stand in entries, encrypted per data subject and record class.

    opening = nonce(12) || AES-256-GCM(data key, nonce, canonical [[subject, path, salt, value], ...], associated data)
    associated data = "muniment/opening/v1\n" || origin || "\n" || decimal index of the command's first entry
    wrapped = nonce(12) || AES-256-GCM(key-encryption key of its epoch, nonce, data key, "muniment/data-key/v1\n"
              || origin || "\n" || data subject || "\n" || record class || "\n" || epoch || "\n" || made), the last four
              left out where both are 0

    sealed row = nonce(12) || AES-256-GCM(data key of class draft, nonce, canonical value,
              "muniment/row/v1\n" || origin || "\n" || place)

One opening row holds all values that one command sealed for one data subject and class, so a command costs one row.
In an entry stands {"$commitment": "<index>.<base64url>"}, where the index finds the opening and proves nothing.
Losing a data key destroys every value under it while the commitments, and so every proof, stay. A wrapped data key of
no bytes is one that was erased before an older database was restored: nothing opens what lies under it.
"""

import os
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import b64url, decode, encode, from_b64url
from ledger.commitment import commit
from ledger.epochs import EpochKeys
from ledger.errors import BrokenState

SALT_BYTES = 32
NONCE_BYTES = 12
CACHE_MAX = 10_000  # unwrapped data keys kept in memory; each is a few hundred bytes

OPEN_CLASSES = frozenset(("public", "internal"))  # these stand in entries in clear
COMMITMENT = "$commitment"
DRAFT = "draft"  # record class of the data keys of operational rows: no opening lies under them


@dataclass(frozen=True, slots=True)
class Sealing:
    """One value on its way into the vault."""

    subject: str
    path: str
    salt: bytes
    value: Any
    data_subject: str
    record_class: str


class DataKey(NamedTuple):
    """A data key as its row holds it: wrapped under the key-encryption key of an epoch.

    `made` is the index of the command that made it, by which it is told from one that was erased before.
    """

    data_subject: str
    record_class: str
    wrapped: bytes
    epoch: int
    made: int


@dataclass(slots=True)
class Vault:
    """Encryption under the key-encryption keys of a ring. Holds no row: batches read and write those."""

    origin: str
    ring: EpochKeys
    seen: int = -1  # the register epoch of the log at which the ring was last turned
    _ciphers: dict[tuple[str, str], tuple[bytes, AESGCM]] = field(default_factory=dict)

    def new_data_key(self, data_subject: str, record_class: str, made: int) -> DataKey:
        """A fresh data key, wrapped in the newest epoch."""
        key = AESGCM.generate_key(256)
        data_key = self._wrap(key, DataKey(data_subject, record_class, b"", 0, made))
        self._remember(data_key, AESGCM(key))
        return data_key

    def rewrap(self, data_key: DataKey) -> DataKey:
        """The same data key, wrapped in the newest epoch; what was erased stays so."""
        if not data_key.wrapped:
            return data_key._replace(epoch=self.ring.newest)
        return self._wrap(self._unwrap(data_key), data_key)

    def turn(self, newest: int, oldest: int) -> None:
        """Another epoch is in force: see `EpochKeys.turn`. No opened data key is kept."""
        self.ring.turn(newest, oldest)
        self._ciphers.clear()

    def seal(self, data_key: DataKey, index: int, sealings: list[Sealing]) -> bytes:
        """The bytes of one opening row; all sealings are of one data subject and class."""
        cipher = self._cipher(data_key)
        plain = encode([[s.subject, s.path, b64url(s.salt), s.value] for s in sealings])
        nonce = os.urandom(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, self._associated(index))

    def open(self, data_key: DataKey, index: int, sealed: bytes) -> list[list[Any]]:
        """[[subject, path, salt, value], ...] of an opening row; `BrokenState` when it was altered, `EpochGone` when
        the key it rests on is not here."""
        cipher = self._cipher(data_key)
        try:
            plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._associated(index))
        except (InvalidTag, ValueError) as error:  # ValueError: not even a nonce is left
            raise BrokenState(f"expected the opening of entry {index}, found altered bytes") from error
        openings: list[list[Any]] = decode(plain)
        return openings

    def seal_row(self, data_key: DataKey, place: str, value: Any) -> bytes:
        """A value in an operational row, which opens at this place alone."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(data_key).encrypt(nonce, encode(value), self._placed(place))

    def open_row(self, data_key: DataKey, place: str, sealed: bytes) -> Any:
        """What `seal_row` sealed; `BrokenState` when it was altered or stood elsewhere."""
        cipher = self._cipher(data_key)
        try:
            return decode(cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._placed(place)))
        except (InvalidTag, ValueError) as error:
            raise BrokenState("expected a sealed row as it was written, found altered bytes") from error

    def check_data_key(self, data_key: DataKey) -> None:
        """`BrokenState` unless this is a data key of this log, subject, class and epoch; `EpochGone` as `open`."""
        self._ciphers.pop(data_key[:2], None)
        self._cipher(data_key)

    def commitment(self, sealing: Sealing) -> str:
        """The commitment of a sealing, as it stands in the entry."""
        return b64url(commit(sealing.salt, self.origin, sealing.subject, sealing.path, encode(sealing.value)))

    def matches(self, commitment: str, opening: list[Any]) -> bool:
        """Whether [subject, path, salt, value] opens the commitment."""
        subject, path, salt, value = opening
        return commit(from_b64url(salt), self.origin, subject, path, encode(value)) == from_b64url(commitment)

    def _cipher(self, data_key: DataKey) -> AESGCM:
        cached = self._ciphers.get(data_key[:2])
        # Another process may have made the key that is in the row, and a batch of ours one that was never committed.
        if cached is not None and cached[0] == data_key.wrapped:
            return cached[1]
        cipher = AESGCM(self._unwrap(data_key))
        self._remember(data_key, cipher)
        return cipher

    def _unwrap(self, data_key: DataKey) -> bytes:
        wrapped, cipher = data_key.wrapped, self.ring.cipher(data_key.epoch)
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._wrapping(data_key))
        except (InvalidTag, ValueError) as error:  # ValueError: not even a nonce is left
            raise BrokenState("expected a data key wrapped under this log's key, found altered bytes") from error

    def _wrap(self, key: bytes, data_key: DataKey) -> DataKey:
        data_key = data_key._replace(epoch=self.ring.newest)
        nonce = os.urandom(NONCE_BYTES)
        sealed = self.ring.cipher(data_key.epoch).encrypt(nonce, key, self._wrapping(data_key))
        return data_key._replace(wrapped=nonce + sealed)

    def _remember(self, data_key: DataKey, cipher: AESGCM) -> None:
        if len(self._ciphers) >= CACHE_MAX:
            self._ciphers.clear()
        self._ciphers[data_key[:2]] = (data_key.wrapped, cipher)

    def _associated(self, index: int) -> bytes:
        return f"muniment/opening/v1\n{self.origin}\n{index}".encode()

    def _placed(self, place: str) -> bytes:
        return f"muniment/row/v1\n{self.origin}\n{place}".encode()

    def _wrapping(self, data_key: DataKey) -> bytes:
        data_subject, record_class, _, epoch, made = data_key
        later = f"\n{epoch}\n{made}" if epoch or made else ""
        return f"muniment/data-key/v1\n{self.origin}\n{data_subject}\n{record_class}{later}".encode()
