"""What was put before a person earlier, found again in the entries by its digest. Pure.

A caller whose view is out of date states its digest alone. The entries of the instance say what every variable was
after each of them, so the view of that digest is one of them, or is none of this task's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator import transitions as t
from orchestrator.paths import lay, root_of
from orchestrator.shown import shown_digest, view
from orchestrator.transition_values import from_value


def view_of(payloads: Iterable[Mapping[str, Any]], shows: tuple[str, ...], digest: str) -> dict[str, Any] | None:
    """The newest view with this digest; `payloads` are those of the instance's entries, oldest first. None: no such
    view was there after any entry."""
    data: dict[str, Any] = {}
    roots = {root_of(path) for path in shows}
    found: dict[str, Any] | None = None
    for payload in payloads:
        is_moved = False
        for value in payload.get("transitions", ()):
            transition = from_value(value)
            if isinstance(transition, t.VariableSet):
                root, _, rest = transition.path.partition(".")
                data[root] = lay(data.get(root), rest, transition.value)
                is_moved = is_moved or root in roots
        if is_moved:
            shown = view(shows, data.get)
            if shown_digest(shown) == digest:
                found = shown
    return found
