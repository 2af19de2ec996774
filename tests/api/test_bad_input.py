"""Bad input gets a problem with a reason, a location and no effect: the log has the size it had before."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.organisation import House
from tests.api.work import FINANCE, claimed, intake, invoice, start, stated, task_of
from tests.conftest import CASES

RECORD = {"source": "legacy", "key": "K-1", "activity": "Received", "occurred_at": "2026-01-01T00:00:00.000000Z"}


@pytest.fixture
def untouched(house: House) -> Iterator[House]:
    """The house, whose log must not grow during the test. Whoever is needed has signed in before."""
    for who in ("process-owner", "budget-owner-1", "auditor"):
        house.token(who)
    intake(house)
    before = house.size
    yield house
    assert house.size == before


def text(value: Any, **changes: Any) -> bytes:
    return json.dumps({**value, **changes}).encode()


MALFORMED = [
    (b"{", "line 1, column 2"),
    (b"", "line 1, column 1"),
    (b"\xff{}", "byte 0"),
    (b"[]", "body"),
    (b'"text"', "body"),
    (b'{"a": NaN}', "body"),
    (b'{"source": "a", "source": "b"}', "body"),
    (b'{"s\xc3\xa9": 1}', "body"),
    (b'{"source": "\\ud800"}', "body"),
    (b'{"source": ' + b"1" * 41 + b"}", "body"),
]


@pytest.mark.parametrize("path", ["/v1/records", "/v1/process-instances", "/v1/change-requests", "/v1/messages"])
@pytest.mark.parametrize(("body", "location"), MALFORMED)
def test_malformed_json(untouched: House, path: str, body: bytes, location: str) -> None:
    answer = untouched.post(path, intake(untouched), content=body)
    assert answer.status_code in (400, 413)
    problem = untouched.refused(answer, answer.status_code, answer.json()["reason"])
    assert problem["reason"] in ("MALFORMED", "TOO_LARGE")
    assert problem["location"] == location
    assert "receipt" not in problem


@pytest.mark.parametrize(
    ("path", "body", "location"),
    [
        ("/v1/records", text(RECORD, extra=1), "body.extra"),
        ("/v1/records", text(RECORD, key=1), "body.key"),
        ("/v1/records", text(RECORD, occurred_at="yesterday"), "body.occurred_at"),
        ("/v1/records", text(RECORD, data_class="secret"), "body"),
        ("/v1/records", text(RECORD, source=""), "body"),
        ("/v1/records", text({"records": []}), "body.records"),
        ("/v1/records", text({"records": [RECORD, {**RECORD, "key": 2}]}), "body.records.1.key"),
        ("/v1/records", text({"records": [RECORD, {**RECORD, "key": ""}]}), "body.records.1"),
        ("/v1/records", text({"records": [RECORD], "record": 1}), "body.record"),
        ("/v1/process-instances", text({"blueprint": "invoice-approval"}), "body.business_key"),
        ("/v1/process-instances", text({"blueprint": "x", "business_key": "y", "data": []}), "body.data"),
        ("/v1/change-requests", text({"kind": "person", "title": "t", "reason": "r"}), "body.source"),
        ("/v1/change-requests", text({"kind": "no", "title": "t", "reason": "r", "source": "x"}), "kind"),
        ("/v1/jobs/activation", text({"type": "t", "worker": "w", "limit": 101}), "body.limit"),
        ("/v1/jobs/activation", text({"type": "t", "worker": "w", "limit": True}), "body.limit"),
        ("/v1/messages", text({"name": "m"}), "body.key"),
    ],
)  # fmt: skip
def test_unknown_members_and_wrong_types(untouched: House, path: str, body: bytes, location: str) -> None:
    who = "process-owner" if "change" in path else intake(untouched)
    problem = untouched.refused(untouched.post(path, who, content=body), 400, "MALFORMED")
    assert problem["location"] == location


def test_oversized_bodies(untouched: House) -> None:
    key = intake(untouched)
    huge = text(RECORD, data={"text": "x" * (5 * 1024 * 1024)})
    untouched.refused(untouched.post("/v1/records", key, content=huge), 413, "TOO_LARGE")
    deep = b'{"records": ' + b"[" * 200 + b"]" * 200 + b"}"
    untouched.refused(untouched.post("/v1/records", key, content=deep), 413, "TOO_LARGE")
    untouched.refused(untouched.post("/v1/records", key, content=b"[" * 100_000), 413, "TOO_LARGE")
    many = {"records": [RECORD] * 1_001}
    untouched.refused(untouched.post("/v1/records", key, many), 400, "MALFORMED")


def test_a_body_that_grows_past_its_word_is_cut_off(untouched: House) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(6):
            yield b" " * 1024 * 1024

    untouched.refused(untouched.post("/v1/records", intake(untouched), content=chunks()), 413, "TOO_LARGE")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/tasks/a/b/c", "/v1/records/"])
def test_unknown_routes(untouched: House, path: str) -> None:
    untouched.refused(untouched.get(path, "auditor"), 404, "NO_ROUTE")


def test_wrong_methods_say_which_are_right(untouched: House) -> None:
    answer = untouched.call("DELETE", "/v1/records", "auditor")
    untouched.refused(answer, 405, "NO_ROUTE")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/process-instances/pi_none", "/v1/process-instances/pi_none/history", "/v1/tasks/pi_none.1", "/v1/tasks/x",
        "/v1/change-requests/cr_none", "/v1/change-requests/cr_none/diff", "/v1/blueprints/none",
        "/v1/blueprints/invoice-approval/versions/9", "/v1/blueprints/none/versions", "/v1/authority-grants/ag_none",
        "/v1/blueprints/invoice-approval/versions/9/diagram", "/v1/blueprints/none/versions/1/diagram",
        "/v1/decisions/pi_none.1", "/v1/ledger/entries/999999", "/v1/ledger/receipts/999999",
    ],
)  # fmt: skip
def test_unknown_ids(untouched: House, path: str) -> None:
    untouched.refused(untouched.get(path, "auditor"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/tasks/pi_none.1/claim", {}),
        ("/v1/tasks/pi_none.1/completion", {"outcome": "approve"}),
        ("/v1/tasks/none/completion", {"outcome": "approve"}),
        ("/v1/process-instances/pi_none/cancellation", {}),
        ("/v1/process-instances", {"blueprint": "none", "business_key": "k"}),
        ("/v1/jobs/pi_none.1/completion", {"lease": "l"}),
        ("/v1/incidents/pi_none.1/resolution", {"how": "retry"}),
        ("/v1/incidents/none/resolution", {"how": "retry"}),
    ],
)
def test_commands_about_unknown_things_leave_nothing(untouched: House, path: str, body: dict[str, Any]) -> None:
    untouched.refused(untouched.post(path, "budget-owner-1", body), 404, "NOT_FOUND")


def test_a_message_nobody_waits_for(house: House) -> None:
    key = house.key("svc:loan-portal", "loan-intake", domain="lending")
    before = house.size
    answer = house.post("/v1/messages", key, {"name": "none", "key": "k", "domain": "lending"})
    house.refused(answer, 404, "NOT_FOUND")
    assert house.size == before


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "limit=-1", "cursor=!", "cursor=e30", "cursor=" + "A" * 500,
        "cursor=WzFd", "status=unknown",
    ],
)  # fmt: skip
def test_pages_that_cannot_be(untouched: House, query: str) -> None:
    problem = untouched.refused(untouched.get(f"/v1/process-instances?{query}", "auditor"), 400, "MALFORMED")
    assert problem["location"].startswith("query.")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/ledger/proofs/inclusion", "/v1/ledger/proofs/inclusion?index=99999999",
        "/v1/ledger/proofs/inclusion?index=3&size=3", "/v1/ledger/proofs/inclusion?index=1&size=99999999",
        "/v1/ledger/proofs/consistency?old=0", "/v1/ledger/proofs/consistency?old=9&new=3",
        "/v1/ledger/entries/1e3", "/v1/ledger/entries/" + "9" * 40, "/v1/overview?from=5&to=5",
    ],
)  # fmt: skip
def test_questions_that_cannot_be_asked(untouched: House, path: str) -> None:
    untouched.refused(untouched.get(path, "auditor"), 400, "MALFORMED")


def test_a_machine_must_name_its_command(untouched: House) -> None:
    headers = {"Authorization": f"Bearer {intake(untouched)}"}
    answer = untouched.client.post("/v1/records", json=RECORD, headers=headers)
    untouched.refused(answer, 400, "NO_COMMAND_ID")
    answer = untouched.client.post("/v1/records", json=RECORD, headers={**headers, "Idempotency-Key": "x" * 81})
    assert untouched.refused(answer, 400, "MALFORMED")["location"] == "Idempotency-Key"


def test_a_refused_read_leaves_nothing(untouched: House) -> None:
    untouched.refused(untouched.get("/v1/ledger/entries", "budget-owner-1"), 403, "NO_RULE")
    untouched.refused(untouched.get("/v1/access/policies", "budget-owner-1"), 403, "NO_RULE")


def test_data_that_does_not_fit_the_blueprint(untouched: House) -> None:
    data = invoice(untouched, duplicate="no")
    body = {"blueprint": "invoice-approval", "business_key": "D-bad", "data": data, "domain": FINANCE}
    untouched.refused(untouched.post("/v1/process-instances", intake(untouched), body), 422, "INVALID_DATA")
    body["data"] = {**invoice(untouched), "unknown": 1}
    untouched.refused(untouched.post("/v1/process-instances", intake(untouched), body), 422, "INVALID_DATA")


def test_the_same_command_id_with_another_body(house: House) -> None:
    key = house.key("svc:history-import", "record-intake")
    headers = {"Idempotency-Key": "one-record"}
    first = house.post("/v1/records", key, RECORD, headers=headers)
    assert first.status_code == 200, first.text
    before = house.size
    again = house.post("/v1/records", key, RECORD, headers=headers)
    assert again.json()["receipt"]["index"] == first.json()["receipt"]["index"]
    assert [one.headers.get("Idempotent-Replayed") for one in (first, again)] == [None, "true"]
    other = house.post("/v1/records", key, {**RECORD, "key": "K-2"}, headers=headers)
    house.refused(other, 422, "COMMAND_ID_REUSED")
    assert house.size == before


PUBLISHED = sorted((CASES / "json-parsing").rglob("*.json")) if CASES.is_dir() else []


@pytest.mark.cases
def test_published_parsing_cases(untouched: House) -> None:
    """n_ are refused, y_ are read: what stops them then is our domain (a closed body), named by its own reason."""
    key = intake(untouched)
    seen = 0
    for path in PUBLISHED:
        answer = untouched.post("/v1/records", key, content=path.read_bytes())
        problem = untouched.refused(answer, answer.status_code, answer.json().get("reason"))
        assert answer.status_code in (400, 413), path.name
        syntax = "expected JSON" in problem["detail"] or problem["detail"] == "expected UTF-8"
        if path.name.startswith("n_"):
            assert syntax or problem["reason"] == "TOO_LARGE" or "expected a number" in problem["detail"], path.name
        if path.name.startswith("y_"):
            assert not syntax, path.name
        seen += 1
    assert seen > 100


def test_refusals_on_record_carry_a_receipt_and_change_nothing_else(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    body = stated(house, task)
    before = house.get(f"/v1/process-instances/{instance}", "auditor").json()

    def refused(changes: dict[str, Any], status: int, reason: str, who: str = "budget-owner-1") -> dict[str, Any]:
        answer = house.post(f"/v1/tasks/{task['id']}/completion", who, {**body, **changes})
        return house.refused(answer, status, reason)

    assert "receipt" in refused({"expected_revision": 99}, 409, "STALE_REVISION")
    assert "receipt" in refused({"outcome": "perhaps"}, 422, "UNKNOWN_OUTCOME")
    assert "receipt" in refused({"statement_nonce": "st_none"}, 409, "STATEMENT_EXPIRED")
    assert "receipt" in refused({"password": ""}, 422, "SIGNATURE_MISSING")
    assert "receipt" in refused({"reason": "another one"}, 409, "SHOWN_CHANGED")
    assert "receipt" in refused({}, 403, "NO_RULE", "auditor")
    assert "receipt" in refused({}, 403, "NOT_A_PERSON", intake(house))
    assert house.get(f"/v1/process-instances/{instance}", "auditor").json() == before
    done = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-1", body)
    assert done.status_code == 200, done.text
    assert "receipt" in refused({}, 409, "WRONG_STATE")


def test_a_wrong_password_signs_nothing_and_counts_as_a_failed_sign_in(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance, "budget-owner-2")
    body = {**stated(house, task, "budget-owner-2"), "password": "not the password at all"}
    for _ in range(5):
        answer = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-2", body)
        house.refused(answer, 422, "SIGNATURE_WRONG")
    entries = house.get(f"/v1/ledger/entries?subject={house.person('budget-owner-2')}&limit=1", "auditor").json()
    assert entries["items"][0]["entry"]["kind"] == "sign_in.failed"
    assert entries["items"][0]["entry"]["payload"]["failures"] == 5
    right = stated(house, task, "budget-owner-2")
    locked = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-2", right)
    house.refused(locked, 401, "LOCKED_OUT")


def test_what_was_shown_must_be_what_is_recorded(house: House) -> None:
    task = task_of(house, start(house))
    answer = house.post(
        f"/v1/tasks/{task['id']}/statement", "budget-owner-1", {"outcome": "approve", "shown_digest": "A" * 43}
    )
    problem = house.refused(answer, 409, "SHOWN_CHANGED")
    assert problem["details"]["shown_digest"] == task["shown_digest"]


def test_an_amount_above_the_limit_and_a_duty(house: House) -> None:
    problem = house.refused(claimed(house, start(house, amount="10000.01")), 403, "LIMIT_CASE")
    assert problem["details"]["measure"] == "10000.01 GBP"
    assert "receipt" in problem
    house.refused(claimed(house, start(house, currency="EUR")), 403, "CURRENCY_UNCONVERTIBLE")


def test_one_decision_is_taken_once_whoever_repeats_it(house: House) -> None:
    task = task_of(house, start(house))
    body = stated(house, task)
    headers = {"Idempotency-Key": f"once-{task['id']}"}
    first = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-1", body, headers=headers)
    assert first.status_code == 200, first.text
    size = house.size
    again = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-1", body, headers=headers)
    assert (again.status_code, again.json()["outcome"]) == (200, "approve")
    assert again.json()["receipt"]["index"] == first.json()["receipt"]["index"]
    assert house.size == size


def test_a_second_instance_with_the_same_business_key(house: House) -> None:
    data = invoice(house)
    body = {"blueprint": "invoice-approval", "business_key": "D-same", "data": data, "domain": FINANCE}
    first = house.post("/v1/process-instances", intake(house), body)
    assert first.status_code == 200, first.text
    problem = house.refused(house.post("/v1/process-instances", intake(house), body), 409, "BUSINESS_KEY_TAKEN")
    assert problem["details"]["instance"] == first.json()["instance"]
