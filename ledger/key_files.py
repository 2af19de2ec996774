"""Private keys in files: one encrypted PEM file for each, in the log's key folder, mode 0600.

    <purpose>.pem               the first key of a purpose, made with the log
    <purpose>-<key id>.pem      every later one

PKCS #8, encrypted with the passphrase (RFC 5958, PBES2). A file is durable, its name in the folder included, before
`write_key` returns: then no entry can name a key that a crash took away.
"""

import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.errors import BrokenInput


def write_key(path: Path, key: Ed25519PrivateKey | MLDSA44PrivateKey, passphrase: str) -> None:
    """Make the file of a new key; never overwrites one."""
    encryption = BestAvailableEncryption(passphrase.encode())
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


def read_ed25519(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """The key of a file; `BrokenInput` for a missing or open file, a wrong passphrase or a key of another kind."""
    key = _read(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise BrokenInput("expected an Ed25519 key", str(path))
    return key


def read_ml_dsa_44(path: Path, passphrase: str) -> MLDSA44PrivateKey:
    """As `read_ed25519`, for ML-DSA-44."""
    key = _read(path, passphrase)
    if not isinstance(key, MLDSA44PrivateKey):
        raise BrokenInput("expected an ML-DSA-44 key", str(path))
    return key


def _read(path: Path, passphrase: str) -> Any:
    check_private(path)
    try:
        return load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (ValueError, TypeError) as error:  # a file without encryption is as wrong as one with another passphrase
        raise BrokenInput("expected the passphrase of these keys, found another", str(path.parent)) from error


def check_private(path: Path) -> None:
    """`BrokenInput` unless the file is there and only its owner may read it."""
    if not path.exists():
        raise BrokenInput("expected a key file, found none", str(path))
    if path.stat().st_mode & 0o077:
        raise BrokenInput("expected a key file that only its owner may read (mode 0600)", str(path))


def write_private(path: Path, data: bytes) -> None:
    """Create with mode 0600 and flush file and folder; never overwrites a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
