"""What persons are called in answers that name them by id: their reference, and their name for who may read it."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from api.allowing import opened, readable
from ledger.actor import Actor
from ledger.service import View
from rbac.pages import persons_of
from rbac.permission import DataClass


def people(request: Request, view: View, actor: Actor, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Each of these ids that is a person, by reference: {id, ref, name}.

    `name` is null for a reader who may not read personal values, and where it was erased.
    """
    may = DataClass.PERSONAL in readable(request, view, actor)
    return [
        {"id": one.id, "ref": one.ref, "name": _text(opened(view, one.place, one.name, may))}
        for one in persons_of(view, ids)
    ]


def _text(name: Any) -> str | None:
    return name if type(name) is str else None
