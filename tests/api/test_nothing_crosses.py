"""What is of another organisation answers just like what does not exist: every request, with every kind of id."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.settings import Settings
from ledger import webhook
from ledger.clock import SECOND
from tests.api.every_write import READS, WRITES, Operation, body_of, operations
from tests.api.organisation import copied, make
from tests.api.releasing import release
from tests.api.side_by_side import Organisation, both
from tests.api.test_connectors import HOOK, event
from tests.api.work import FINANCE, intake, invoice

DIRECTOR, OWNER, AUDITOR = "finance-director", "budget-owner-1", "auditor"
ASKING = (DIRECTOR, "process-owner", AUDITOR, "register-keeper", "")  # the last is the service that takes invoices in
# A question about a hypothesis, or a register that is asked for by an id and answers with a list or a rule.
ANSWERED = ("/v1/who-could",)
KINDS = {
    "process-instances": "pi_", "tasks": "pi_", "jobs": "pi_", "incidents": "pi_", "bulk": "bk_", "attachments": "at_",
    "comments": "pi_", "change-": "cr_", "evidence": "pk_", "packs": "pk_", "substitutions": "su_",
    "persons": "person:",
    "grants": "ag_", "decisions": "pi_", "receipts": "pi_", "holds": "person:",
}  # fmt: skip  # by a noun of a path
OWN = ("/v1/me/", "/v1/sign-")  # one's own sign-in, which names nothing
ID = re.compile(r"(?:person:[0-9a-z]{26}|\b[a-z]{1,3}_[0-9a-hjkmnp-tv-z]{26}(?:\.\d+)?)")


@pytest.fixture(scope="module")
def pair(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Organisation, Organisation]]:
    settings = copied(founded, tmp_path_factory.mktemp("crossing") / "data")
    make(replace(settings, log="globex"))
    with both(settings) as (acme, globex):
        yield acme, globex


def test_what_is_of_another_organisation_is_as_if_it_were_not(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    ids = theirs(acme)
    assert {"pi", "pe", "bk", "cr", "pk", "at", "su"} <= {one[:2] for one in ids}, sorted(ids)
    size, asked = acme.size, 0
    for operation in operations(*READS, *WRITES):
        is_own = "{" not in operation.path and operation.path.startswith(OWN)
        if operation.is_open or operation.path.startswith(ANSWERED) or is_own:
            continue
        for known in fitting(operation, ids):
            who = ASKING[asked % len(ASKING)] or intake(globex)
            foreign, none = answered(globex, operation, known, who), answered(globex, operation, nothing(known), who)
            assert foreign == none, f"{operation.method} {operation.path} tells {who} of {known}"
            asked += 1
    assert asked > 250
    assert acme.size == size, "something of the other organisation was written"


def fitting(operation: Operation, ids: set[str]) -> list[str]:
    """The ids that this request may be about; of an instance and of a person any may be."""
    kinds = [kind for noun, kind in KINDS.items() if noun in operation.path]
    return [one for one in sorted(ids) if one.startswith(tuple(kinds or ("pi_", "person:")))]


def theirs(one: Organisation) -> set[str]:
    """An id of each kind that there is in this organisation, which has done some of everything."""
    body = {"blueprint": "invoice-approval", "business_key": "D-1", "data": invoice(one), "domain": FINANCE}
    instance = done(one.post("/v1/process-instances", intake(one), body))["instance"]
    at = f"/v1/process-instances/{instance}"
    text = f"{instance} {instance}.1"
    text += one.get(at, AUDITOR).text
    text += str(done(one.post(f"{at}/comments", OWNER, {"text": "seen"})))
    file = {"content": b"a note", "headers": {"Content-Type": "text/plain", "Content-Disposition": 'filename="a.txt"'}}
    text += one.call("POST", f"{at}/attachments", OWNER, **file).text
    text += str(done(one.post("/v1/process-instances/bulk", DIRECTOR, {"act": "suspend", "items": [instance]})))
    pack = {"instances": [instance], "purpose": "Audit", "recipient": "An auditor"}
    text += str(done(one.post("/v1/evidence-packs", AUDITOR, pack)))
    away = {"substitute": one.person(DIRECTOR), "valid_until": one.clock.wall() + 3_600_000_000, "reason": "away"}
    text += one.post("/v1/substitutions", OWNER, away).text
    for path in ("/v1/change-requests", "/v1/decisions", "/v1/authority-grants", "/v1/tasks"):
        text += one.get(path, AUDITOR).text
    kinds = {one[:3]: one for one in sorted(ID.findall(text)) if "." not in one}
    return {*kinds.values(), f"{instance}.1"}


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def nothing(known: str) -> str:
    """An id of the same form that there is nowhere."""
    begin, dot, rest = known.partition(".")
    return f"{begin[:-8]}00000000{dot}{rest}"


def answered(one: Organisation, operation: Operation, known: str, who: str) -> Any:
    """What is told, with the id that was asked for left out of it."""
    body = body_of(operation, known)
    more = {} if body is None else {"json": body}
    answer = one.call(operation.method, operation.filled(known), who, **more)
    is_problem = answer.headers.get("content-type", "") == "application/problem+json"
    told = {name: answer.json().get(name) for name in ("reason", "detail", "location")} if is_problem else {}
    return answer.status_code, str(told).replace(known, "ID")


def test_an_event_is_for_the_hook_of_its_own_organisation_alone(pair: tuple[Organisation, Organisation]) -> None:
    """Both have a hook of one name that names its secret alike; what is signed for one is nothing to the other."""
    keys: dict[str, bytes] = {}
    for one in pair:
        release(one, "connector", HOOK)
        secret = replace(one.settings, logs="acme,globex").secrets_folder / "crm"
        secret.parent.mkdir(parents=True, exist_ok=True)
        keys[one.settings.log] = one.settings.log.encode() * 8
        secret.write_text(webhook.secret_text(keys[one.settings.log]))
        secret.chmod(0o600)
    for mine, other in (pair, pair[::-1]):
        sizes = mine.size, other.size
        sent = event("D-9")
        for log in (f"?log={other.settings.log}", "?log=initech", ""):
            mine.refused(posted(mine, f"/v1/hooks/crm{log}", keys[mine.settings.log], sent), 401, "BAD_CREDENTIALS")
        assert (mine.size, other.size) == sizes
        # A credential beside it says nothing of where an event goes, whichever log it begins with.
        beside = {"Authorization": f"Bearer {other.settings.log}_st_x_y"}
        moved = posted(mine, f"/v1/hooks/crm?log={mine.settings.log}", keys[mine.settings.log], sent, **beside)
        assert moved.json()["receipt"]["log"] == mine.settings.log
        assert other.size == sizes[1]
        here = f"/v1/hooks/crm?log={mine.settings.log}"
        kept = posted(mine, here, keys[mine.settings.log], sent)
        assert kept.status_code == 200, kept.text
        assert posted(mine, here, keys[mine.settings.log], sent).json()["receipt"]["index"] == mine.size - 1, (
            "sent again, it is one"
        )
        assert (mine.size, other.size) == (sizes[0] + 1, sizes[1])


def posted(one: Organisation, path: str, key: bytes, body: bytes, **more: str) -> Any:
    signed = webhook.sign([key], "m-1", one.service.rooms.clock.wall() // SECOND, body)
    headers = {"webhook-id": "m-1", "webhook-timestamp": signed.timestamp, "webhook-signature": signed.signature}
    headers |= more
    return one.client.post(path, content=body, headers=headers)
