"""What actors are called where a record names their id: persons by the organisation's reference, machines by their id.

References are not personal data of their own: what a person's name is stays sealed and is not read here.
"""

from typing import Any

from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.service import View
from rbac.service import person_ref


class Names:
    """The names of one answer; each is looked up once."""

    def __init__(self, view: View, actor: Actor) -> None:
        self._rows = reading_as(view, actor)
        self._found: dict[str, str] = {}

    def __call__(self, actor: Any) -> str:
        """The reference of a person's id, else the text as it is; empty for none."""
        if not actor:
            return ""
        text = str(actor)
        if text not in self._found:
            self._found[text] = person_ref(self._rows, text) or text
        return self._found[text]
