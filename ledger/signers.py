"""Who signs for a log: its keys by purpose, found by key id, in files or in a token.

A `Signer` makes note signatures of type 0x01. Where the private key lies is its own affair: in memory, read from a
file (`ledger.key_files`), or in a PKCS#11 token that never gives it out (`ledger.pkcs11`).
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.cosignature import cosign
from ledger.errors import BrokenState, Unavailable
from ledger.key_files import read_ed25519, read_ml_dsa_44, write_key
from ledger.key_statements import COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY, TYPE_OF
from ledger.note import ED25519, ML_DSA_44_COSIGNATURE, VerifierKey, format_vkey, verifier_key
from ledger.token_address import SCHEME, IdentityPlace


class PublicKey(Protocol):
    """The public half of an Ed25519 key."""

    def public_bytes_raw(self) -> bytes:
        """32 bytes."""
        ...


class PrivateKey(Protocol):
    """An Ed25519 key that can sign: `cryptography`'s, or one in a token."""

    def sign(self, data: bytes, /) -> bytes:
        """64 bytes; `Unavailable` when a token cannot now."""
        ...

    def public_key(self) -> PublicKey:
        """Its public half."""
        ...


class Signer(Protocol):
    """Whoever signs notes for the log with type 0x01: a file or a token by the same members."""

    @property
    def key_id(self) -> str:
        """The note key id, hexadecimal."""
        ...

    @property
    def vkey(self) -> str:
        """The verifier key (C2SP signed-note)."""
        ...

    def sign_line(self, text: str) -> str:
        """The signature line, with its newline, to stand under this text (which ends in a newline)."""
        ...


class Ed25519Signer:
    """Signs notes with an Ed25519 key; deterministic (RFC 8032)."""

    def __init__(self, name: str, key: PrivateKey) -> None:
        self._key = key
        self._verifier: VerifierKey = verifier_key(name, ED25519, key.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        return format_vkey(self._verifier)

    @property
    def key_id(self) -> str:
        return self._verifier.key_id.hex()

    def sign_line(self, text: str) -> str:
        # Written out here, not by `ledger.note.format_note`: it reads back what it wrote, which every commit would pay.
        line = b64encode(self._verifier.key_id + self._key.sign(text.encode())).decode()
        return f"\u2014 {self._verifier.name} {line}\n"

    def sign_note(self, text: str) -> str:
        """The signed note over this text."""
        return f"{text}\n{self.sign_line(text)}"

    def sign_bytes(self, message: bytes) -> tuple[str, bytes]:
        """(key id, signature) of bytes that cannot be taken for a checkpoint: the manifest of an evidence pack."""
        return self.key_id, self._key.sign(message)


class PostQuantumSigner:
    """Signs checkpoints with ML-DSA-44: a timestamped cosignature by the log itself (type 0x06)."""

    def __init__(self, name: str, key: MLDSA44PrivateKey) -> None:
        self._key = key
        self._verifier = verifier_key(name, ML_DSA_44_COSIGNATURE, key.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        return format_vkey(self._verifier)

    @property
    def key_id(self) -> str:
        return self._verifier.key_id.hex()

    def sign_line(self, text: str, seconds: int) -> str:
        """The signature line over this checkpoint's text, with its newline, at these POSIX seconds."""
        return cosign(self._verifier, self._key.sign, text, seconds)


class KeyRing:
    """The private keys of one log that this process can reach. Files are read when they are first needed.

    The passphrase stays in memory for that; it is never printed. Safe to use from several threads.
    """

    def __init__(self, folder: Path, origin: str, passphrase: str, identity: IdentityPlace) -> None:
        self.folder = folder
        self.origin = origin
        self._passphrase = passphrase
        self._identity = identity
        self._commit: dict[str, Ed25519Signer] = {}
        self._latest: Ed25519Signer | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        return "KeyRing(...)"

    def with_identity(self, place: IdentityPlace) -> "KeyRing":
        """The same keys, with the identity key at another place."""
        other = KeyRing(self.folder, self.origin, self._passphrase, place)
        other._commit, other._latest = self._commit, self._latest
        return other

    @property
    def commit(self) -> Ed25519Signer:
        """The commit key last in force, as far as this process was told; `Unavailable` when it has read none yet."""
        if self._latest is None:
            raise Unavailable("KEY_MISSING", "no commit key of this log was read yet")
        return self._latest

    def add(self, signer: Ed25519Signer) -> None:
        """Take in a commit key that was read or made."""
        self._commit[signer.key_id] = signer
        self._latest = self._latest or signer

    def behind(self, note: str, in_force: Callable[[], Iterable[str]] | None = None) -> Ed25519Signer:
        """The commit key that signed this note (the head's checkpoint), which is the one that signs what follows.

        Asked for every commit, so it looks at the note's last line alone. Where that is another key than the time
        before, `in_force` says which keys (by id) the log has in force; `BrokenState` unless it is among them.
        """
        latest = self._latest
        key_id = signed_by(note)
        if latest is not None and key_id in (latest.key_id, None):
            return latest
        if key_id is None:
            raise Unavailable("KEY_MISSING", "no commit key of this log was read yet")
        if in_force is not None and key_id not in in_force():
            raise BrokenState(f"expected the head to be signed by the commit key in force, found {key_id}")
        return self.use(key_id)

    def use(self, key_id: str) -> Ed25519Signer:
        """This commit key from now on; `Unavailable` when its file is not here."""
        signer = self.commit_signer(key_id)
        self._latest = signer
        return signer

    def signer_of(self, note: str) -> Ed25519Signer:
        """The commit key that a note says to be signed by, as it lies in our own key folder, else `Unavailable`."""
        return self.commit_signer(signed_by(note) or "")

    def commit_signer(self, key_id: str) -> Ed25519Signer:
        """A commit key by its id."""
        with self._lock:
            if key_id not in self._commit:
                self._commit[key_id] = self._read_ed25519(COMMIT_KEY, key_id)
            return self._commit[key_id]

    def identity(self, key_id: str) -> Ed25519Signer:
        """The identity key, which must be the one of this id."""
        if not self._identity.where or (self.folder / f"{IDENTITY_KEY}-{key_id}.pem").exists():
            return self._read_ed25519(IDENTITY_KEY, key_id)
        signer = self.identity_at(self._identity)
        if signer.key_id != key_id:
            raise Unavailable("KEY_MISSING", f"expected identity key {key_id} where the settings say, found another")
        return signer

    def identity_at(self, place: IdentityPlace) -> Ed25519Signer:
        """The identity key that lies in a file or a token; `BrokenInput` or `Unavailable` when it cannot be used."""
        if place.where.startswith(SCHEME):
            from ledger.pkcs11 import token_key

            return Ed25519Signer(self.origin, token_key(place.where, place.pin))
        return Ed25519Signer(self.origin, read_ed25519(Path(place.where), self._passphrase))

    def post_quantum(self, key_id: str) -> PostQuantumSigner:
        """The ML-DSA-44 key of this id."""
        for path in self._paths(POST_QUANTUM_KEY, key_id):
            signer = PostQuantumSigner(self.origin, read_ml_dsa_44(path, self._passphrase))
            if signer.key_id == key_id:
                return signer
        raise _missing(POST_QUANTUM_KEY, key_id)

    def make(self, purpose: str, *, first: bool = False) -> Ed25519Signer | PostQuantumSigner:
        """A new key of this purpose, its file durable. `first` gives the file the name of a log's first key."""
        signer, store = self.draft(purpose, first=first)
        store()
        return signer

    def draft(
        self, purpose: str, *, first: bool = False
    ) -> tuple[Ed25519Signer | PostQuantumSigner, Callable[[], None]]:
        """A new key in memory, and what makes its file: for whoever asks first whether it will be let in."""
        made: Ed25519PrivateKey | MLDSA44PrivateKey
        signer: Ed25519Signer | PostQuantumSigner
        if TYPE_OF[purpose] == ED25519:
            made = Ed25519PrivateKey.generate()
            signer = Ed25519Signer(self.origin, made)
        else:
            made = MLDSA44PrivateKey.generate()
            signer = PostQuantumSigner(self.origin, made)
        path = self.folder / (f"{purpose}.pem" if first else f"{purpose}-{signer.key_id}.pem")
        return signer, lambda: write_key(path, made, self._passphrase)

    def _read_ed25519(self, purpose: str, key_id: str) -> Ed25519Signer:
        for path in self._paths(purpose, key_id):
            signer = Ed25519Signer(self.origin, read_ed25519(path, self._passphrase))
            if signer.key_id == key_id:
                return signer
        raise _missing(purpose, key_id)

    def _paths(self, purpose: str, key_id: str) -> list[Path]:
        named = (self.folder / f"{purpose}-{key_id}.pem", self.folder / f"{purpose}.pem")
        return [path for path in named if path.exists()]


def signed_by(note: str) -> str | None:
    """The key id of a note's first signature line, hexadecimal; None for no note at all (a log without entries)."""
    if not note:
        return None
    block = note.rpartition("\n\n")[2]
    encoded = block.partition("\n")[0].rpartition(" ")[2]
    try:
        return b64decode(encoded[:8], validate=True)[:4].hex()
    except (binascii.Error, ValueError) as error:
        raise BrokenState("expected a signed checkpoint in the head") from error


def _missing(purpose: str, key_id: str) -> Unavailable:
    return Unavailable("KEY_MISSING", f"the file of {purpose} key {key_id} is not in the key folder of this machine")
