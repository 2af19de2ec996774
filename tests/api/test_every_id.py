"""Every route that takes an id, with one of another organisation in the same service: told as if there were none.

The document is walked. What an id is, the part of the path before it says (`KINDS`): a route with a part of a kind that
is not named here fails, and so does one that finds nothing at home, since it would prove nothing abroad.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import test_nothing_crosses
from tests.api.agents import PROFILE
from tests.api.every_write import READS, WRITES, Operation, body_of, operations
from tests.api.passkeys import Holder
from tests.api.releasing import CALENDAR, LIST, SPENDING, release
from tests.api.side_by_side import Organisation
from tests.api.test_connectors import HOOK
from tests.api.test_nothing_crosses import ASKING, done
from tests.api.work import decide, intake, start, waiting_task
from tests.ledger.authenticator import ORIGIN, Authenticator

pair = test_nothing_crosses.pair

OWNER, DIRECTOR, OFFICER, AUDITOR = "budget-owner-1", "finance-director", "compliance-officer", "auditor"
KINDS = {
    "agents": "agent", "attachments": "attachment", "authority-grants": "grant", "blueprints": "blueprint",
    "bulk": "bulk", "calendars": "calendar", "change-drafts": "draft", "change-requests": "change",
    "connectors": "connector", "data-subjects": "instance", "dead-letters": "number", "decisions": "decision",
    "entries": "index", "evidence-packs": "pack", "feeds": "feed", "holds": "hold", "hooks": "connector",
    "incidents": "task", "jobs": "task", "passkeys": "passkey", "persons": "person", "process-instances": "instance",
    "proposals": "proposal", "receipts": "index", "substitutions": "substitution", "tasks": "task",
    "versions": "number",
}  # fmt: skip  # by the part of a path before it
# What nobody here finds at home: there is no such incident, letter, data subject or draft, or its reader is a service.
NOT_AT_HOME = ("/v1/incidents/", "/v1/feeds/{id}/", "/v1/data-subjects/", "/v1/change-drafts/")
# With what, under which version; one's own; a permission nobody has.
ASKS_MORE = ("/comparison", "/migration", "/draft", "/persons/{id}/passkeys")
FEED = """\
feed: acme-events
title: Events of this organisation
format: cloudevents
sink: {pull: {readers: [svc:siem]}}
kinds: [change.released]
start: 0
"""
EVERYBODY = (*filter(None, ASKING), OWNER, OFFICER, "accounts-payable-clerk")


@pytest.fixture(scope="module")
def known(pair: tuple[Organisation, Organisation]) -> dict[str, str]:
    """Of each kind one id that the first organisation has and the second has not."""
    acme, _ = pair
    named = {
        "list": ("reason-code-list", LIST),
        "blueprint": ("blueprint", SPENDING.replace("blueprint: spending", "blueprint: acme-spending")),
        "calendar": ("calendar", CALENDAR.replace("calendar: always", "calendar: acme-hours")),
        "connector": ("connector", HOOK.replace("connector: crm", "connector: acme-crm")),
        "agent": ("agent", PROFILE.replace("NAME", "acme-reader").replace("ENDPOINT", "http://127.0.0.1:9100/v1")),
        "feed": ("feed", FEED),
    }
    ids = {}
    for kind, (artefact, source) in named.items():
        release(acme, artefact, source)
        ids[kind] = source.partition("\n")[0].partition(": ")[2]
    ids["change"] = acme.get("/v1/change-requests?limit=1", AUDITOR).json()["items"][0]["id"]
    instance = ids["instance"] = start(acme)
    task = ids["task"] = acme.get(f"/v1/process-instances/{instance}", AUDITOR).json()["tasks"][0]["id"]
    done(acme.post(f"/v1/tasks/{task}/claim", OWNER, {}))
    decided = waiting_task(acme)
    ids["decision"] = decided["id"]
    assert decide(acme, decided).status_code == 200
    at = f"/v1/process-instances/{instance}"
    file = {"content": b"a note", "headers": {"Content-Type": "text/plain"}}
    ids["attachment"] = done(acme.call("POST", f"{at}/attachments", OWNER, **file))["attachment"]
    bulk = {"act": "suspend", "items": [start(acme)]}
    ids["bulk"] = done(acme.post("/v1/process-instances/bulk", DIRECTOR, bulk))["bulk"]
    said = {"values": {"supplier": {"name": "Another", "tax_number": "T-2"}}, "reason": "misread"}
    ids["proposal"] = done(acme.post(f"{at}/correction", "accounts-payable-clerk", said))["proposal"]
    pack = {"instances": [instance], "purpose": "Audit", "recipient": "An auditor"}
    ids["pack"] = done(acme.post("/v1/evidence-packs", AUDITOR, pack))["pack"]
    hold = {"about": start(acme), "instrument": "court order 7", "reason": "a claim"}
    ids["hold"] = done(acme.post("/v1/holds", OFFICER, hold))["hold"]
    away = {"substitute": acme.person(DIRECTOR), "valid_until": acme.clock.wall() + 3_600_000_000, "reason": "away"}
    ids["substitution"] = done(acme.post("/v1/substitutions", OWNER, away))["substitution"]
    ids["grant"] = next(one["id"] for one in acme.get("/v1/authority-grants", AUDITOR).json()["items"])
    ids["person"] = acme.person(OWNER)
    acme.client.app.state.public_url = ORIGIN  # passkeys are of an address
    ids["passkey"] = Holder(acme, OWNER).enrol(Authenticator())
    return {**ids, "draft": "of-nobody", "number": "1", "index": str(acme.size - 1)}


def taking() -> Iterator[tuple[Operation, tuple[str, ...]]]:
    """The operations that take an id, and of which kind each of theirs is."""
    for operation in operations(*READS, *WRITES):
        parts = operation.path.split("/")
        before = tuple(parts[place - 1] for place, part in enumerate(parts) if part.startswith("{"))
        if before and not operation.is_open:
            yield operation, tuple(KINDS.get(noun, f"no kind for {noun}") for noun in before)


def filled(operation: Operation, ids: dict[str, str], kinds: tuple[str, ...]) -> str:
    given = iter(kinds)
    return "/".join(ids[next(given)] if part.startswith("{") else part for part in operation.path.split("/"))


def nowhere(ids: dict[str, str]) -> dict[str, str]:
    """Ids of the same forms that there are in no organisation; a version or a letter is a plain number."""
    made = {kind: f"{one.partition('.')[0][:-6]}000000{one[len(one.partition('.')[0]) :]}" for kind, one in ids.items()}
    return {**made, "number": ids["number"], "index": f"{ids['index']}0000"}


def answered(one: Organisation, operation: Operation, ids: dict[str, str], who: str, kinds: tuple[str, ...]) -> Any:
    """What is told, without the ids that were asked for."""
    body = body_of(operation, ids[kinds[0]])
    more = {} if body is None else {"json": body}
    answer = one.call(operation.method, filled(operation, ids, kinds), who, **more)
    is_problem = answer.headers.get("content-type", "") == "application/problem+json"
    told = str({name: answer.json().get(name) for name in ("reason", "detail", "location")} if is_problem else "")
    for kind in kinds:
        told = told.replace(ids[kind], "ID")
    return answer.status_code, told


def test_every_id_of_the_interface_is_of_a_kind_that_is_crossed() -> None:
    unknown = [(one.path, kinds) for one, kinds in taking() if any(kind.startswith("no kind") for kind in kinds)]
    assert unknown == []
    nouns = {part for one in operations(*READS, *WRITES) for part in one.path.split("/")}
    assert set(KINDS) <= nouns, "kinds of ids that no route takes"


def test_no_route_knows_an_id_of_another_organisation(
    pair: tuple[Organisation, Organisation], known: dict[str, str]
) -> None:
    acme, globex = pair
    assert int(known["index"]) >= globex.size
    sizes, none, asked = acme.size, nowhere(known), 0
    for operation, kinds in taking():
        for who in (*EVERYBODY, intake(globex)):
            foreign, nothing = (answered(globex, operation, ids, who, kinds) for ids in (known, none))
            assert foreign == nothing, f"{operation.method} {operation.path} tells {who} of {known[kinds[0]]}"
            asked += 1
    assert acme.size == sizes, "something of the other organisation was written"
    assert asked > 600


def test_every_id_that_is_crossed_is_found_at_home(
    pair: tuple[Organisation, Organisation], known: dict[str, str]
) -> None:
    acme, _ = pair
    unfound = set()
    for operation, kinds in taking():
        if (
            operation.method == "GET"
            and not operation.path.startswith(NOT_AT_HOME)
            and not operation.path.endswith(ASKS_MORE)
        ):
            statuses = {answered(acme, operation, known, who, kinds)[0] for who in EVERYBODY}
            if 200 not in statuses:
                unfound.add((operation.path, *sorted(statuses)))
    assert unfound == set()
