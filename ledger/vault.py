"""The vault: salted openings of the commitments that stand in entries, encrypted per data subject and record class.

    opening = nonce(12) || AES-256-GCM(data key, nonce, canonical [[subject, path, salt, value], ...], associated data)
    associated data = "muniment/opening/v1\n" || origin || "\n" || decimal index of the command's first entry
    wrapped = nonce(12) || AES-256-GCM(key-encryption key, nonce, data key, "muniment/data-key/v1\n" || origin || "\n"
              || data subject || "\n" || record class)

One opening row holds all values that one command sealed for one data subject and class, so a command costs one row.
In an entry stands {"$commitment": "<index>.<base64url>"}, where the index finds the opening and proves nothing.
Losing a data key destroys every value under it while the commitments, and so every proof, stay.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import b64url, decode, encode, from_b64url
from ledger.commitment import commit
from ledger.errors import BrokenState

SALT_BYTES = 32
NONCE_BYTES = 12
CACHE_MAX = 10_000  # unwrapped data keys kept in memory; each is a few hundred bytes

OPEN_CLASSES = frozenset(("public", "internal"))  # these stand in entries in clear
COMMITMENT = "$commitment"


@dataclass(frozen=True, slots=True)
class Sealing:
    """One value on its way into the vault."""

    subject: str
    path: str
    salt: bytes
    value: Any
    data_subject: str
    record_class: str


@dataclass(slots=True)
class Vault:
    """Encryption under one key-encryption key. Holds no row: batches read and write those."""

    origin: str
    key_encryption_key: bytes
    _ciphers: dict[tuple[str, str], AESGCM] = field(default_factory=dict)

    def new_data_key(self, data_subject: str, record_class: str) -> bytes:
        """A fresh data key, wrapped."""
        nonce = os.urandom(NONCE_BYTES)
        key = AESGCM.generate_key(256)
        self._remember((data_subject, record_class), AESGCM(key))
        return nonce + AESGCM(self.key_encryption_key).encrypt(nonce, key, self._wrapping(data_subject, record_class))

    def seal(self, wrapped: bytes, index: int, sealings: list[Sealing]) -> bytes:
        """The bytes of one opening row; all sealings are of one data subject and class."""
        cipher = self._cipher(wrapped, sealings[0].data_subject, sealings[0].record_class)
        plain = encode([[s.subject, s.path, b64url(s.salt), s.value] for s in sealings])
        nonce = os.urandom(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, self._associated(index))

    def open(self, wrapped: bytes, index: int, keys: tuple[str, str], sealed: bytes) -> list[list[Any]]:
        """[[subject, path, salt, value], ...] of an opening row; `BrokenState` when it was altered."""
        cipher = self._cipher(wrapped, *keys)
        try:
            plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._associated(index))
        except (InvalidTag, ValueError) as error:  # ValueError: not even a nonce is left
            raise BrokenState(f"expected the opening of entry {index}, found altered bytes") from error
        openings: list[list[Any]] = decode(plain)
        return openings

    def check_data_key(self, wrapped: bytes, data_subject: str, record_class: str) -> None:
        """`BrokenState` unless this is a data key of this log, subject and class."""
        self._ciphers.pop((data_subject, record_class), None)
        self._cipher(wrapped, data_subject, record_class)

    def commitment(self, sealing: Sealing) -> str:
        """The commitment of a sealing, as it stands in the entry."""
        return b64url(commit(sealing.salt, self.origin, sealing.subject, sealing.path, encode(sealing.value)))

    def matches(self, commitment: str, opening: list[Any]) -> bool:
        """Whether [subject, path, salt, value] opens the commitment."""
        subject, path, salt, value = opening
        return commit(from_b64url(salt), self.origin, subject, path, encode(value)) == from_b64url(commitment)

    def _cipher(self, wrapped: bytes, data_subject: str, record_class: str) -> AESGCM:
        cipher = self._ciphers.get((data_subject, record_class))
        if cipher is None:
            associated = self._wrapping(data_subject, record_class)
            try:
                kek = AESGCM(self.key_encryption_key)
                key = kek.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
            except (InvalidTag, ValueError) as error:  # ValueError: not even a nonce is left
                raise BrokenState("expected a data key wrapped under this log's key, found altered bytes") from error
            cipher = AESGCM(key)
            self._remember((data_subject, record_class), cipher)
        return cipher

    def _remember(self, keys: tuple[str, str], cipher: AESGCM) -> None:
        if len(self._ciphers) >= CACHE_MAX:
            self._ciphers.clear()
        self._ciphers[keys] = cipher

    def _associated(self, index: int) -> bytes:
        return f"muniment/opening/v1\n{self.origin}\n{index}".encode()

    def _wrapping(self, data_subject: str, record_class: str) -> bytes:
        return f"muniment/data-key/v1\n{self.origin}\n{data_subject}\n{record_class}".encode()
