"""What an instance that has ended brings to the step that ran it, as the machine is handed it. Pure."""

from typing import Any, NamedTuple


class Brought(NamedTuple):
    """Values in clear by path of the parent, or why they may not be brought."""

    values: tuple[tuple[str, Any], ...] = ()
    fault: str = ""


NOTHING = Brought()
