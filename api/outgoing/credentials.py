"""Credentials of connectors: a connector names one, the value lies in a file that its owner alone may read.

A file `NAME` in the folder of secrets holds it on one line: a token, an API key, or `user:password`. It is read for
every call, so that a new one is in use at once, and it stands in no value, entry, log or message.
"""

import base64
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import BrokenInput

CREDENTIAL_BYTES_MAX = 8_000
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Handed(NamedTuple):
    """What goes with a request: headers and query, and the secrets themselves, to be looked for in what comes back."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()


NOTHING = Handed()


def credential(folder: Path | None, name: str) -> str:
    """The text of a credential; `BrokenInput` names the file, never what stands in it."""
    if folder is None:
        raise BrokenInput("expected a folder of secrets", "MUNIMENT_SECRETS_DIR")
    path = folder / name
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(CREDENTIAL_BYTES_MAX + 1)
    except OSError as error:
        raise BrokenInput("expected a file with a credential, found none to read", str(path)) from error
    if mode & OTHERS:
        raise BrokenInput("expected a file that its owner alone may read (mode 0600)", str(path))
    text = data.decode("ascii", "replace").strip()
    if not text or not text.isascii() or not text.isprintable() or len(data) > CREDENTIAL_BYTES_MAX:
        raise BrokenInput("expected one line of printable ASCII", str(path))
    return text


def handed(connector: Mapping[str, Any], folder: Path | None) -> Handed:
    """How the credential of a connector goes with its requests; nothing where it says no way."""
    authentication = connector.get("authentication")
    if authentication is None or authentication["scheme"] == "webhook":
        return NOTHING
    secret = credential(folder, connector["credential"])
    scheme = authentication["scheme"]
    if scheme == "bearer":
        return Handed((("Authorization", f"Bearer {secret}"),), (), (secret,))
    if scheme == "basic":
        user, _, password = secret.partition(":")
        packed = base64.b64encode(secret.encode()).decode()
        return Handed((("Authorization", f"Basic {packed}"),), (), (secret, password or user, packed))
    if authentication["in"] == "header":
        return Handed(((authentication["name"], secret),), (), (secret,))
    return Handed((), ((authentication["name"], secret),), (secret,))
