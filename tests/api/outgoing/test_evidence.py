"""What a call was stands in the ledger as digests, from which the very request can be built and held against them."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from api.egress import Called, Egress
from api.outgoing.requests import request_of
from ledger.canonical import b64url, encode
from orchestrator import tables
from orchestrator.commands import CallEvidence
from orchestrator.runner import CallAnswer, CallFailure
from orchestrator.sealing import opened
from tests.api.outgoing.servers import Answer, Outside, json_answer, redirect, served
from tests.orchestrator.house import BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_work import runner
from tests.orchestrator.toy import HERE, end
from versioning import blueprint as b
from versioning.kinds.connector import read_connector

SOURCE = """\
connector: x
base_url: {base}
operations:
  y: {{method: POST, path: /y, takes: {{who: {{in: body, type: any}}, amount: {{in: body, type: integer}}}}}}
"""


class Over:
    """Calls a connector as the runner's own connectors do."""

    def __init__(self, outside: Outside) -> None:
        self.value = read_connector(SOURCE.format(base=outside.base))
        self.egress = Egress(outside.allowed)

    def call(self, operation: str, arguments: Mapping[str, Any], key: str) -> Any:
        called = self.egress.call(self.value, "y", arguments, key)
        evidence = CallEvidence("digest-of-x", called.request, called.answer)
        if isinstance(called, Called):
            return CallAnswer(called.value, evidence)
        return CallFailure(called.code, called.can_retry, evidence)


def call(source: str, into: str | None) -> b.CallStep:
    arguments = (("who", source),) if source == "secret" else (("amount", source),)
    return b.CallStep("k", HERE, operation="x.y", arguments=arguments, into=into, next="done")


def made(step: b.CallStep, answer: Any, status: int = 200) -> tuple[Office, str, dict[str, Any], bytes, Over]:
    """The transition that ended a call, and the answer's bytes."""
    office = Office(step, end())
    instance = office.start(amount=7, secret={"name": "Jo Doe"})
    told = json_answer(answer, status)
    with served(told) as outside:
        over = Over(outside)
        assert runner(office, over).round() == 1
        over.egress.close()
    office.check()
    kinds = ("call.succeeded", "call.failed")
    (transition,) = [t for e in office.log.entries for t in e.payload["transitions"] if t["t"] in kinds]
    return office, instance, dict(transition), told.body, over


def test_a_request_is_built_again_from_the_ledger_and_is_the_one_that_went_out() -> None:
    office, instance, ended, body, over = made(call("secret", "risk"), {"grade": 3})
    assert ended["connector"] == "digest-of-x"
    view = MemoryUow(office.log, BOB)
    (requested,) = [
        t for entry in office.log.entries for t in entry.payload["transitions"] if t["t"] == "call.requested"
    ]
    arguments = {name: opened(view, instance, f"#1.with.{name}", item) for name, item in requested["arguments"].items()}
    again = request_of(over.value["operations"]["y"], arguments)
    assert again.body == b'{"who":{"name":"Jo Doe"}}'
    assert opened(view, instance, "#1.request", ended["request"]) == again.digest
    assert opened(view, instance, "#1.answer", ended["answer"]) == b64url(sha256(body).digest())


def test_no_digest_of_confidential_data_stands_in_clear() -> None:
    """Neither of a request with personal arguments, nor of an answer to one, which may repeat them."""
    for step in (call("secret", None), call("secret", "secret"), call("secret", "risk")):
        office, _, ended, body, over = made(step, {"name": "Jo Doe"} if step.into != "risk" else {"grade": 3})
        request = request_of(over.value["operations"]["y"], {"who": {"name": "Jo Doe"}})
        assert set(ended["request"]) >= {"$commitment"} <= set(ended["answer"])
        entries = b"".join(encode(dict(entry.payload)) for entry in office.log.entries)
        for digest in (request.digest, b64url(sha256(body).digest())):
            assert digest.encode() not in entries


def test_digests_of_open_data_stand_in_clear() -> None:
    _, _, ended, body, over = made(call("amount", "risk"), {"grade": 3})
    assert ended["request"] == request_of(over.value["operations"]["y"], {"amount": 7}).digest
    assert ended["answer"] == b64url(sha256(body).digest())


def test_a_failed_try_leaves_its_evidence_too() -> None:
    _, _, ended, body, _ = made(call("amount", "risk"), {"error": "no"}, 404)
    assert (ended["t"], ended["code"]) == ("call.failed", "HTTP_404")
    assert ended["request"]
    assert ended["answer"] == b64url(sha256(body).digest())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (Answer(200, b"<!doctype html><p>Sign in"), "BAD_ANSWER"),
        (json_answer({"grade": "high"}), "ANSWER_INVALID"),
        (json_answer({"grade": 3, "x": "y" * 70_000}), "TOO_LARGE"),
        (redirect("http://169.254.169.254/"), "HTTP_302"),
    ],
)
def test_an_answer_that_is_wrong_is_an_incident_and_nothing_is_stored(told: Answer, code: str) -> None:
    office = Office(call("amount", "risk"), end())
    instance = office.start(amount=7)
    with served(told) as outside:
        over = Over(outside)
        over.value["operations"]["y"]["answer"] = {"type": "object", "properties": {"grade": {"type": "integer"}}}
        assert runner(office, over).round() == 1
        over.egress.close()
    incident = office.only(tables.INCIDENT, state="open")
    assert (incident.code, incident.instance) == (code, instance)
    assert office.row(tables.VARIABLE, instance, "risk") is None
    office.check()


def test_a_digest_covers_everything_that_goes_out() -> None:
    spec = read_connector(SOURCE.format(base="http://a"))["operations"]["y"]
    base = request_of(spec, {"amount": 1})
    others = [request_of(spec, {"amount": 2}), request_of({**spec, "path": "/z"}, {"amount": 1})]
    others.append(request_of({**spec, "method": "PUT"}, {"amount": 1}))
    in_query = {**spec, "takes": {"amount": {"in": "query", "type": "integer"}}}
    in_header = {**spec, "takes": {"amount": {"in": "header", "type": "integer"}}}
    others += [request_of(one, {"amount": 1}) for one in (in_query, in_header)]
    assert len({one.digest for one in (base, *others)}) == 6
