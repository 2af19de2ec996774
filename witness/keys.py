"""A witness's keys: one of type 0x06 (ML-DSA-44), one of type 0x04 (Ed25519), under one name.

Files in the witness's folder, all mode 0600: `ml-dsa-44.pem` and `ed25519.pem`, PKCS #8, encrypted with the passphrase
(RFC 5958, PBES2); `name`, the name. Nothing here prints or keeps the passphrase.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ledger.cosignature import cosign
from ledger.errors import BrokenInput
from ledger.key_files import write_key, write_private
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, VerifierKey, format_vkey, verifier_key

NAME_BYTES_MAX = 255  # a cosignature of type 0x06 states its length in one byte
_FILES = {ML_DSA_44_COSIGNATURE: "ml-dsa-44.pem", ED25519_COSIGNATURE: "ed25519.pem"}  # in the order of their lines
_KINDS: dict[int, type[MLDSA44PrivateKey] | type[Ed25519PrivateKey]] = {
    ML_DSA_44_COSIGNATURE: MLDSA44PrivateKey,
    ED25519_COSIGNATURE: Ed25519PrivateKey,
}


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A public key and who signs with the private one."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    def __repr__(self) -> str:
        return f"WitnessKey({self.key.name}, {self.key.key_id.hex()})"


@dataclass(frozen=True, slots=True)
class WitnessKeys:
    """The keys of one witness; each signs a line of its own."""

    name: str
    keys: tuple[WitnessKey, ...]

    @property
    def vkeys(self) -> tuple[str, ...]:
        """The verifier keys, ML-DSA-44 first."""
        return tuple(format_vkey(one.key) for one in self.keys)

    def cosign(self, text: str, seconds: int) -> str:
        """The lines under the checkpoint of this text."""
        return "".join([cosign(one.key, one.sign, text, seconds) for one in self.keys])


def create_witness_keys(folder: Path, name: str, passphrase: str) -> WitnessKeys:
    """Make the keys of a new witness; `BrokenInput` for a name that cannot be one, or keys that are there."""
    if len(name.encode()) > NAME_BYTES_MAX:
        raise BrokenInput(f"expected a name of at most {NAME_BYTES_MAX} bytes", "--name")
    if any((folder / file).exists() for file in (*_FILES.values(), "name")):
        raise BrokenInput("expected no keys yet, found some", str(folder))
    made = [(kind, _KINDS[kind].generate()) for kind in _FILES]
    keys = WitnessKeys(name, tuple(_usable(name, kind, private) for kind, private in made))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for kind, private in made:
        write_key(folder / _FILES[kind], private, passphrase)
    write_private(folder / "name", name.encode() + b"\n")
    return keys


def load_witness_keys(folder: Path, passphrase: str) -> WitnessKeys:
    """The keys; `BrokenInput` for a missing file, a wrong passphrase or a file others may read."""
    name = read_private(folder / "name").decode().rstrip("\n")
    keys = []
    for kind, file in _FILES.items():
        try:
            private = load_pem_private_key(read_private(folder / file), passphrase.encode())
        except (ValueError, TypeError) as error:  # a file without encryption is as wrong as another passphrase
            raise BrokenInput("expected the passphrase of these keys, found another", str(folder / file)) from error
        if not isinstance(private, MLDSA44PrivateKey | Ed25519PrivateKey) or not isinstance(private, _KINDS[kind]):
            raise BrokenInput("expected a key of another type", str(folder / file))
        keys.append(_usable(name, kind, private))
    return WitnessKeys(name, tuple(keys))


def read_private(path: Path) -> bytes:
    """The bytes of a file that only its owner may read."""
    if not path.exists():
        raise BrokenInput("expected a file of the witness, found none; run `muniment witness init`", str(path))
    if path.stat().st_mode & 0o077:
        raise BrokenInput("expected a file that only its owner may read (mode 0600)", str(path))
    return path.read_bytes()


def _usable(name: str, kind: int, private: MLDSA44PrivateKey | Ed25519PrivateKey) -> WitnessKey:
    return WitnessKey(verifier_key(name, kind, private.public_key().public_bytes_raw()), private.sign)
