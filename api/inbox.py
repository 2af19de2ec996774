"""Whose tasks are asked for: what a person holds, and what their roles and authority let them take."""

from api.context import Service
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.service import View
from orchestrator.pages import Candidate
from orchestrator.service import is_offered


def candidate(service: Service, view: View, actor: Actor, domains: tuple[str, ...]) -> Candidate:
    """The person with their roles in these domains and the decision kinds of the grants they hold now."""
    from api.wiring import engine_of

    rooms = service.rooms
    roles = {role for domain in domains for role in rooms.access.roles(view, view.now, actor, domain)}
    register = rooms.authorities.register(view)
    person = actor.person or ""
    kinds = {
        power.decision_kind
        for grant in register.newest_grants()
        if register.in_force(grant, view.now) and register.holds(person, grant.grantee, view.now)
        for power in grant.powers
    }
    engine, rows = engine_of(rooms), reading_as(view, actor)
    return Candidate(person, tuple(sorted(roles)), tuple(sorted(kinds)), lambda task: is_offered(engine, rows, task))
