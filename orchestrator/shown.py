"""What is put before a person, and its digest. Pure; the same function when it is read and when it is signed.

The view holds for each path of `shows` what is recorded there: the value, or the commitment in its place. Its digest
therefore says nothing about a classed value, and it is the same for every reader, whatever they may open.
"""

from collections.abc import Callable
from typing import Any

from ledger.canonical import digest
from orchestrator.paths import root_of, value_at


def view(shows: tuple[str, ...], recorded: Callable[[str], Any]) -> dict[str, Any]:
    """The recorded value of each shown path; `recorded` gives a variable by name as it stands in its row."""
    shown = {}
    for path in shows:
        root = root_of(path)
        shown[path] = value_at(recorded(root), path[len(root) + 1 :])
    return shown


def shown_digest(shown: dict[str, Any]) -> str:
    """base64url(SHA-256(canonical JSON of [[path, value], ...] in the order of `shows`))."""
    return digest([[path, value] for path, value in shown.items()])


def differences(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    """The paths at which two views differ, in order."""
    return tuple([path for path in {**before, **now} if before.get(path) != now.get(path)])
