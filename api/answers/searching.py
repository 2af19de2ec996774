"""Search: what was found, by kind of thing, and what the caller may not search."""

from typing import Literal

from api.answers.values import Answer, Microseconds, RefusedValue


class FoundItem(Answer):
    """One thing found: its name, what it is called, and where it is read.

    `text` says more in English; `about` and `status` are its parts, for whoever says it in another language: the title
    of an instance's blueprint, kind and name of an artefact, the kind of an entry; the code of a status, the number of
    a version, or when an entry was recorded.
    """

    id: str
    title: str
    text: str
    href: str
    about: str
    status: str


class FoundGroup(Answer):
    """The things of one kind; `refused` says why the caller may not search them, null where they may.

    `is_partial`: only the newest were looked through, or there are more than are told.
    """

    kind: Literal["instances", "tasks", "blueprints", "change-requests", "persons", "entries"]
    items: list[FoundItem]
    is_partial: bool
    refused: RefusedValue | None


class SearchAnswer(Answer):
    """What was found for `q`, group by group, each at most ten."""

    q: str
    groups: list[FoundGroup]
    as_of: Microseconds
