"""What is put before a person, and its digest. Pure; the same function when it is read and when it is signed.

The view holds for each path of `shows` what is recorded there: the value, or the commitment in its place. Its digest
therefore says nothing about a classed value, and it is the same for every reader, whatever they may open.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from ledger.canonical import b64url
from ledger.skeleton import encode
from orchestrator.paths import value_at


def view(shows: tuple[str, ...], recorded: Callable[[str], Any]) -> dict[str, Any]:
    """The recorded value of each shown path; `recorded` gives a variable by name as it stands in its row."""
    shown = {}
    for path in shows:
        if "." in path:
            root, _, rest = path.partition(".")
            shown[path] = value_at(recorded(root), rest)
        else:
            shown[path] = recorded(path)
    return shown


def shown_digest(shown: dict[str, Any]) -> str:
    """base64url(SHA-256(canonical JSON of [[path, value], ...] in the order of `shows`))."""
    return b64url(sha256(encode([[path, value] for path, value in shown.items()])).digest())


def differences(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    """The paths at which two views differ, in order."""
    return tuple([path for path in {**before, **now} if before.get(path) != now.get(path)])
