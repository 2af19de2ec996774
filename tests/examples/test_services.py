"""The outside systems: one effect per key whatever happens on the wire, faults on demand, bad requests refused."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import pytest

from examples.services.payments import BODY_BYTES_MAX, Running, bureau_answer, start

MONEY = {"amount": "120.00", "currency": "GBP"}
PAYMENT = {"invoice_number": "INV-1", "supplier": "Supplier 1", "amount": MONEY}


@pytest.fixture
def service() -> Iterator[Running]:
    running = start()
    yield running
    running.stop()


def call(running: Running, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlparse(running.address).netloc, timeout=10)
    headers = {"Idempotency-Key": key} if key else {}
    try:
        connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_the_same_key_is_one_effect_and_one_answer(service: Running) -> None:
    first = call(service, "POST", "/payments", PAYMENT, "k1")
    assert first == (201, {"payment_id": "payment-1", "status": "confirmed"})
    assert call(service, "POST", "/payments", PAYMENT, "k1") == first
    assert call(service, "POST", "/payments", PAYMENT, "k2")[1]["payment_id"] == "payment-2"
    assert service.counts() == {"pay": {"requests": 3, "effects": 2, "repeats": 1, "faults": 0}}
    assert call(service, "GET", "/counts")[1] == service.counts()
    assert call(service, "GET", "/effects/pay")[1] == ["k1", "k2"]
    assert call(service, "GET", "/payments/payment-2") == (200, {"payment_id": "payment-2", "status": "confirmed"})
    assert call(service, "GET", "/payments/payment-3")[0] == 404


def test_a_key_with_other_content_is_refused_without_effect(service: Running) -> None:
    call(service, "POST", "/payments", PAYMENT, "k1")
    assert call(service, "POST", "/payments", {**PAYMENT, "supplier": "Supplier 2"}, "k1")[0] == 422
    assert service.counts()["pay"]["effects"] == 1


def test_one_key_at_once_from_many_callers_is_one_effect(service: Running) -> None:
    answers: list[tuple[int, Any]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(call(service, "POST", "/payments", PAYMENT, "k")))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert service.counts()["pay"]["effects"] == 1


@pytest.mark.parametrize(("after", "effects"), [(False, 0), (True, 1)])
def test_a_status_fault_is_heard_before_or_after_the_effect(service: Running, after: bool, effects: int) -> None:
    call(service, "POST", "/faults", {"operation": "pay", "times": 2, "status": 503, "after": after})
    assert [call(service, "POST", "/payments", PAYMENT, "k")[0] for _ in range(2)] == [503, 503]
    assert service.counts()["pay"]["effects"] == effects
    assert call(service, "POST", "/payments", PAYMENT, "k") == (201, {"payment_id": "payment-1", "status": "confirmed"})
    assert service.counts()["pay"] == {"requests": 3, "effects": 1, "repeats": 2 * effects, "faults": 2}


def test_a_dropped_answer_leaves_one_effect(service: Running) -> None:
    call(service, "POST", "/faults", {"operation": "post_invoice", "times": 1, "drop": True, "after": True})
    posting = {**PAYMENT, "order_number": "PO-1"}
    with pytest.raises((http.client.HTTPException, OSError)):
        call(service, "POST", "/ledger-postings", posting, "k")
    assert call(service, "POST", "/ledger-postings", posting, "k")[1] == {"posting_id": "posting-1", "status": "posted"}
    assert service.counts()["post_invoice"]["effects"] == 1


def test_a_delay_answers_late_but_right(service: Running) -> None:
    call(service, "POST", "/faults", {"operation": "pay", "times": 1, "delay_ms": 20})
    assert call(service, "POST", "/payments", PAYMENT, "k")[0] == 201
    assert service.counts()["pay"]["faults"] == 1


def test_the_bureau_and_the_screening_can_be_foretold(service: Running) -> None:
    person = {"name": "Applicant 7", "date_of_birth": "1980-01-07"}
    status, report = call(service, "POST", "/reports", person, "k")
    assert (status, report) == (201, {"report_id": "report-1", **bureau_answer(**person)})
    assert call(service, "GET", "/reports/report-1") == (200, report)
    assert call(service, "POST", "/screenings", {"name": "Listed Applicant 8"}, "k")[1]["listed"] is True
    assert call(service, "POST", "/screenings", {"name": "Applicant 9"}, "l")[1]["listed"] is False


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        ("/payments", PAYMENT, None, 400),
        ("/payments", b"{", "k", 400),
        ("/payments", [], "k", 422),
        ("/payments", {**PAYMENT, "x": 1}, "k", 422),
        ("/payments", {**PAYMENT, "amount": 1.5}, "k", 422),
        ("/payments", {**PAYMENT, "amount": {"amount": 1.5, "currency": "GBP"}}, "k", 422),
        ("/payments", {**PAYMENT, "supplier": ""}, "k", 422),
        ("/payments", b" " * (BODY_BYTES_MAX + 1), "k", 413),
        ("/nothing", {}, "k", 404),
        ("/faults", {"operation": "steal", "times": 1}, None, 422),
        ("/faults", {"operation": "pay", "times": -1}, None, 422),
        ("/faults", {"operation": "pay", "status": 200}, None, 422),
        ("/faults", {"operation": "pay", "delay_ms": True}, None, 422),
    ],
)
def test_bad_requests_are_refused_without_effect(
    service: Running, path: str, body: Any, key: str | None, status: int
) -> None:
    assert call(service, "POST", path, body, key)[0] == status
    assert all(count["effects"] == 0 for count in service.counts().values())


def test_stop_frees_the_port() -> None:
    first = start()
    port = urlparse(first.address).port or 0
    first.stop()
    second = start(port)
    assert call(second, "GET", "/healthz") == (200, {"status": "ok"})
    second.stop()
