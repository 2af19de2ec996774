"""What an act on many is about where nobody names it: the instances or incidents that a filter finds at a moment."""

from collections.abc import Sequence
from typing import NamedTuple

from api.refusal_texts import why
from ledger.errors import BrokenInput
from ledger.work import UnitOfWork
from orchestrator.bulk import ITEMS_MAX
from orchestrator.incident_lists import IncidentsAsked, incident_list
from orchestrator.instance_lists import InstancesAsked, instance_list
from rbac.permission import Action, Object

_INSTANCES, _INCIDENTS = (Object.INSTANCE, Action.READ), (Object.INCIDENT, Action.READ)
READ_FOR_MANY = {"suspend": _INSTANCES, "resume": _INSTANCES, "cancel": _INSTANCES, "resolve": _INCIDENTS}
"""By the act: what somebody has to be able to read to have it found."""


class Many(NamedTuple):
    """An act and a filter; empty texts ask for nothing. `code` is that of incidents."""

    act: str
    blueprint: str
    step: str
    code: str


def found_for_many(rows: UnitOfWork, domains: Sequence[str], wanted: Many) -> tuple[str, ...]:
    """The ids of the active instances, or of the open incidents, in these domains. More than one act may reach is said
    (`BrokenInput`), and nothing is left out unseen."""
    most = ITEMS_MAX + 1
    if wanted.act == "resolve":
        asked = IncidentsAsked(domains, "open", wanted.blueprint, wanted.code, wanted.step)
        found = [str(one.value["id"]) for one in incident_list(rows, asked, ("", 0), most)]
    else:
        about = InstancesAsked(domains, blueprint=wanted.blueprint, status="active", step=wanted.step)
        found = [one.id for one in instance_list(rows, about, None, most)]
    if len(found) > ITEMS_MAX:
        raise BrokenInput(why("filter-too-wide", most=ITEMS_MAX), "body")
    return tuple(found)
