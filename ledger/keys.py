"""Keys of a log, unlocked: those that sign for it, and the secrets of its vault.

Files, all mode 0600, in `<key folder>/<log name>/`:
    commit.pem         signs every checkpoint                          Ed25519
    identity.pem       signs the list of keys and what is published    Ed25519; absent where it lies elsewhere
    post-quantum.pem   signs what is published                         ML-DSA-44
    <purpose>-<key id>.pem                                             later keys (`ledger.key_files`)
    secrets.bin        salt(16) || nonce(12) || AES-256-GCM(scrypt(passphrase, salt, 2^15, 8, 1), nonce,
                       key-encryption key(32) || command mac key(32), "muniment/secrets/v1"); once the first epoch of
                       key-encryption keys has ended, the command mac key alone
    epochs/            key-encryption keys of later epochs (`ledger.epochs`)
The passphrase comes from the settings; nothing here prints it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.epochs import EpochFiles, epoch_keys
from ledger.errors import BrokenInput, BrokenState
from ledger.key_files import check_private, read_ed25519, write_private
from ledger.key_rules import by_age
from ledger.key_statements import COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY, KeyList, ListedKey, format_list
from ledger.signers import Ed25519Signer, KeyRing, Signer
from ledger.token_address import IdentityPlace
from ledger.vault import Vault

__all__ = ["Ed25519Signer", "FirstKeys", "LogSecrets", "Signer", "create_keys", "first_keys", "load_keys"]

SALT_BYTES = 16
NONCE_BYTES = 12
SCRYPT_COST = 2**15  # about 0.1 s and 32 MB: a stolen file resists guessing, a start does not notice
_SECRETS = b"muniment/secrets/v1"
_FOLDER = IdentityPlace()


@dataclass(frozen=True, slots=True)
class LogSecrets:
    """What a writer needs to know of a log. Never printed, never pickled to disk."""

    ring: KeyRing
    vault: Vault
    mac_key: bytes

    @property
    def signer(self) -> Ed25519Signer:
        """The commit key, as far as this process knows which is in force."""
        return self.ring.commit

    def sign_bytes(self, message: bytes) -> tuple[str, bytes]:
        """See `Ed25519Signer.sign_bytes`; by the commit key."""
        return self.ring.commit.sign_bytes(message)

    def __repr__(self) -> str:
        return "LogSecrets(...)"


@dataclass(frozen=True, slots=True)
class FirstKeys:
    """The keys a log is opened with, as `OpenLog` names them, and their list, signed by the identity key."""

    keys: tuple[tuple[str, str, str], ...]
    key_list: str


def create_keys(folder: Path, origin: str, passphrase: str, identity: IdentityPlace = _FOLDER) -> LogSecrets:
    """Make the commit key and the secrets of a new log; `BrokenInput` when there are keys already."""
    if (folder / "commit.pem").exists():
        raise BrokenInput("expected no keys yet, found some", str(folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = KeyRing(folder, origin, passphrase, identity)
    commit = ring.make(COMMIT_KEY, first=True)
    assert isinstance(commit, Ed25519Signer)
    ring.add(commit)
    salt, nonce, secrets = _new_salt(), os.urandom(NONCE_BYTES), os.urandom(64)
    sealer = AESGCM(_stretch(passphrase, salt))
    write_private(folder / "secrets.bin", salt + nonce + sealer.encrypt(nonce, secrets, _SECRETS))
    return _assemble(ring, secrets, _Reseal(folder / "secrets.bin", salt, sealer))


def first_keys(secrets: LogSecrets, identity: IdentityPlace = _FOLDER) -> FirstKeys:
    """Make the other keys of a new log (the identity key only where the settings name none) and sign their list."""
    ring = secrets.ring
    signer = ring.identity_at(identity) if identity.where else ring.make(IDENTITY_KEY, first=True)
    post_quantum = ring.make(POST_QUANTUM_KEY, first=True)
    assert isinstance(signer, Ed25519Signer)
    made = ((COMMIT_KEY, ring.commit), (IDENTITY_KEY, signer), (POST_QUANTUM_KEY, post_quantum))
    listed = by_age([ListedKey(purpose, key.vkey, 0) for purpose, key in made])
    text = format_list(KeyList(ring.origin, 1, listed))
    keys = tuple((key.key_id, key.vkey, purpose) for purpose, key in made)
    # By the commit key as well: whoever pinned that one alone learns the identity key by this list.
    return FirstKeys(keys, signer.sign_note(text) + ring.commit.sign_line(text))


def load_keys(folder: Path, origin: str, passphrase: str, identity: IdentityPlace = _FOLDER) -> LogSecrets:
    """The keys of a log; `BrokenInput` for a missing file, a wrong passphrase or a file others may read.

    Later commit keys are read when the log is seen to be signed by one: the first may be gone by then.
    """
    check_private(folder / "secrets.bin")
    ring = KeyRing(folder, origin, passphrase, identity)
    first = folder / "commit.pem"
    if first.exists() or not list(folder.glob("commit-*.pem")):
        ring.add(Ed25519Signer(origin, read_ed25519(first, passphrase)))
    try:
        data = (folder / "secrets.bin").read_bytes()
        salt, nonce, sealed = data[:SALT_BYTES], data[SALT_BYTES : SALT_BYTES + NONCE_BYTES], data[28:]
        sealer = AESGCM(_stretch(passphrase, salt))
        secrets = sealer.decrypt(nonce, sealed, _SECRETS)
    except (ValueError, InvalidTag) as error:
        raise BrokenInput("expected the passphrase of these keys, found another", str(folder)) from error
    return _assemble(ring, secrets, _Reseal(folder / "secrets.bin", salt, sealer))


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


def _assemble(ring: KeyRing, secrets: bytes, reseal: _Reseal) -> LogSecrets:
    """`secrets` is key-encryption key || mac key, or the mac key alone once epoch 0 has ended."""
    first, mac_key = (secrets[:32], secrets[32:]) if len(secrets) == 64 else (None, secrets)
    files = EpochFiles(reseal.path.parent, ring.origin, mac_key, reseal)
    return LogSecrets(ring, Vault(ring.origin, epoch_keys(files, first)), mac_key)


def _new_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(passphrase.encode())
