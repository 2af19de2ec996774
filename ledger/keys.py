"""Keys of a log: the commit key that signs every checkpoint, and the secrets of its vault.

Files, all mode 0600, in `<key folder>/<log name>/`:
    commit.pem     Ed25519 private key, PKCS #8, encrypted with the passphrase (RFC 5958, PBES2)
    secrets.bin    salt(16) || nonce(12) || AES-256-GCM(scrypt(passphrase, salt, 2^15, 8, 1), nonce,
                   key-encryption key(32) || command mac key(32), "muniment/secrets/v1")
                   once the first epoch of key-encryption keys has ended, the command mac key alone
    epochs/        key-encryption keys of later epochs (`ledger.epochs`)
The passphrase comes from the settings; nothing here prints or keeps it.
"""

import os
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.epochs import EpochFiles, ring_of
from ledger.errors import BrokenInput, BrokenState
from ledger.note import ED25519, VerifierKey, format_vkey, verifier_key
from ledger.vault import Vault

SALT_BYTES = 16
NONCE_BYTES = 12
SCRYPT_COST = 2**15  # about 0.1 s and 32 MB: a stolen file resists guessing, a start does not notice
_SECRETS = b"muniment/secrets/v1"


class Signer(Protocol):
    """Whoever signs checkpoints: a file now, a hardware token or a key service by the same two members."""

    @property
    def vkey(self) -> str:
        """The verifier key to pin (C2SP signed-note)."""
        ...

    def sign_note(self, text: str) -> str:
        """The signed note over this text (which ends in a newline)."""
        ...


class Ed25519Signer:
    """Signs notes with an Ed25519 key in memory; deterministic (RFC 8032)."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._verifier: VerifierKey = verifier_key(name, ED25519, key.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        return format_vkey(self._verifier)

    @property
    def key_id(self) -> str:
        """The note key id, hexadecimal."""
        return self._verifier.key_id.hex()

    def sign_note(self, text: str) -> str:
        # Written out here, not by `ledger.note.format_note`: it reads back what it wrote, which every commit would pay.
        line = b64encode(self._verifier.key_id + self._key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self._verifier.name} {line}\n"

    def sign_bytes(self, message: bytes) -> tuple[str, bytes]:
        """(key id, signature) of bytes that cannot be taken for a checkpoint: the manifest of an evidence pack."""
        return self.key_id, self._key.sign(message)


@dataclass(frozen=True, slots=True)
class LogSecrets:
    """What a writer needs to know of a log. Never printed, never pickled to disk."""

    signer: Ed25519Signer
    vault: Vault
    mac_key: bytes

    def __repr__(self) -> str:
        return "LogSecrets(...)"


def create_keys(folder: Path, origin: str, passphrase: str) -> LogSecrets:
    """Make the keys of a new log; `BrokenInput` when there are keys already."""
    if (folder / "commit.pem").exists():
        raise BrokenInput("expected no keys yet, found some", str(folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    _write_private(folder / "commit.pem", pem)
    salt, nonce, secrets = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES), os.urandom(64)
    sealer = AESGCM(_stretch(passphrase, salt))
    _write_private(folder / "secrets.bin", salt + nonce + sealer.encrypt(nonce, secrets, _SECRETS))
    return _assemble(origin, key, secrets, _Reseal(folder / "secrets.bin", salt, sealer))


def load_keys(folder: Path, origin: str, passphrase: str) -> LogSecrets:
    """The keys of a log; `BrokenInput` for a missing file, a wrong passphrase or a file others may read."""
    for name in ("commit.pem", "secrets.bin"):
        path = folder / name
        if not path.exists():
            raise BrokenInput("expected a key file, found none", str(path))
        if path.stat().st_mode & 0o077:
            raise BrokenInput("expected a key file that only its owner may read (mode 0600)", str(path))
    try:
        key = load_pem_private_key((folder / "commit.pem").read_bytes(), passphrase.encode())
        data = (folder / "secrets.bin").read_bytes()
        salt, nonce, sealed = data[:SALT_BYTES], data[SALT_BYTES : SALT_BYTES + NONCE_BYTES], data[28:]
        sealer = AESGCM(_stretch(passphrase, salt))
        secrets = sealer.decrypt(nonce, sealed, _SECRETS)
    except (ValueError, InvalidTag) as error:
        raise BrokenInput("expected the passphrase of these keys, found another", str(folder)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BrokenInput("expected an Ed25519 key", str(folder / "commit.pem"))
    return _assemble(origin, key, secrets, _Reseal(folder / "secrets.bin", salt, sealer))


@dataclass(frozen=True, slots=True)
class _Reseal:
    """Makes the secrets file without the key of epoch 0, under the passphrase the file was opened with."""

    path: Path
    salt: bytes
    sealer: AESGCM

    def __call__(self, mac_key: bytes) -> bytes:
        if self.path.read_bytes()[:SALT_BYTES] != self.salt:
            raise BrokenState("expected the secrets file that was opened at the start, found another; start again")
        nonce = os.urandom(NONCE_BYTES)
        return self.salt + nonce + self.sealer.encrypt(nonce, mac_key, _SECRETS)


def _assemble(origin: str, key: Ed25519PrivateKey, secrets: bytes, reseal: _Reseal) -> LogSecrets:
    """`secrets` is key-encryption key || mac key, or the mac key alone once epoch 0 has ended."""
    first, mac_key = (secrets[:32], secrets[32:]) if len(secrets) == 64 else (None, secrets)
    files = EpochFiles(reseal.path.parent, origin, mac_key, reseal)
    return LogSecrets(Ed25519Signer(origin, key), Vault(origin, ring_of(files, first)), mac_key)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(passphrase.encode())


def _write_private(path: Path, data: bytes) -> None:
    """Create with mode 0600 and flush; never overwrites a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
