"""A typed call: what goes out is what was declared, and what comes back is judged before it is anything."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from api.egress import Called, CallFault, Egress
from ledger import webhook
from ledger.clock import SECOND, SystemClock
from tests.api.outgoing.servers import Answer, Asked, Outside, json_answer, redirect, served
from versioning.kinds.connector import read_connector

SECRET = "k3y-of-the-bank"

SOURCE = """\
connector: bank
base_url: {base}
{more}
operations:
  book:
    method: POST
    path: "/branches/{{branch}}/loans"
    time_out: 500 milliseconds
    response_bytes_max: 1000
    takes:
      branch: {{in: path, type: string, required: true}}
      loan_ids: {{in: query, name: loanIds, type: list, items: {{type: integer}}}}
      tags: {{in: query, type: list, items: {{type: string}}, joined: ","}}
      unit: {{in: header, name: X-Unit, type: string}}
      amount: {{in: body, type: number, required: true}}
      holder: {{in: body, type: object, properties: {{full_name: {{name: fullName, type: string, required: true}}}}}}
      day: {{in: body, type: date}}
    answer:
      type: object
      properties:
        loan_id: {{name: loanId, type: string, required: true}}
        rate: {{type: number}}
        state: {{type: string, one_of: [booked, held]}}
  read: {{method: GET, path: /read, redirects: 2, time_out: 2 seconds, takes: {{q: {{in: query, type: string}}}}}}
  plain: {{method: GET, path: /plain}}
"""
ARGUMENTS: dict[str, Any] = {"branch": "a/b", "amount": "12.50", "loan_ids": [1, 2], "tags": ["x", "y z"], "unit": "EU"}
GOOD = {"loanId": "L-1", "rate": 1.10, "state": "booked", "more": "is left out"}


class Calling:
    def __init__(self, outside: Outside, folder: Path, more: str = "", allow: str | None = None) -> None:
        self.connector = read_connector(SOURCE.format(base=f"{outside.base}/v1", more=more))
        self.egress = Egress(outside.allowed if allow is None else allow, folder)

    def __call__(self, operation: str = "book", key: str = "pi_1.2", **arguments: Any) -> Called | CallFault:
        try:
            return self.egress.call(self.connector, operation, arguments or ARGUMENTS, key)
        finally:
            self.egress.close()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    file = tmp_path / "bank"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    return tmp_path


def test_arguments_go_where_they_belong(tmp_path: Path) -> None:
    with served(json_answer(GOOD)) as outside:
        called = Calling(outside, tmp_path)(**ARGUMENTS, holder={"full_name": "Jo"}, day="2026-01-02")
    assert called == Called({"loan_id": "L-1", "rate": "1.1", "state": "booked"})
    (asked,) = outside.asked
    assert (asked.method, asked.target) == ("POST", "/v1/branches/a%2Fb/loans?loanIds=1&loanIds=2&tags=x,y%20z")
    assert asked.body == b'{"amount":12.50,"holder":{"fullName":"Jo"},"day":"2026-01-02"}'
    assert (asked.headers["x-unit"], asked.headers["idempotency-key"]) == ("EU", "pi_1.2")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": None}, "expected a value at amount"),
        ({"amount": "much"}, "expected a number at amount"),
        ({"branch": ".."}, "can stand in a path"),
        ({"branch": ""}, "can stand in a path"),
        ({"unit": "a\r\nX-Evil: 1"}, "printable ASCII"),
        ({"day": "tomorrow"}, "a value of type date at day"),
        ({"holder": {}}, "expected a value at holder.full_name"),
        ({"holder": {"full_name": "Jo", "age": 3}}, "no member but those that are declared at holder"),
        ({"loan_ids": ["1"]}, "a value of type integer at loan_ids.1"),
        ({"other": 1}, "no argument `other`"),
    ],
)
def test_an_argument_that_does_not_fit_goes_nowhere(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    with served(json_answer(GOOD)) as outside:
        fault = Calling(outside, tmp_path)(**{**ARGUMENTS, **changed})
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry) == ("ARGUMENT_INVALID", False)
    assert said in fault.message
    assert outside.asked == []


HTML = Answer(200, b"<!doctype html><p>Sign in", (("Content-Type", "text/html"),))


@pytest.mark.parametrize(
    ("answer", "code", "can_retry"),
    [
        (HTML, "BAD_ANSWER", False),
        (Answer(200, b""), "ANSWER_INVALID", False),
        (json_answer([]), "ANSWER_INVALID", False),
        (json_answer({}), "ANSWER_INVALID", False),
        (json_answer({"loanId": 7}), "ANSWER_INVALID", False),
        (json_answer({**GOOD, "state": "else"}), "ANSWER_INVALID", False),
        (json_answer({**GOOD, "rate": "high"}), "ANSWER_INVALID", False),
        (Answer(200, b" " * 1001), "TOO_LARGE", False),
        (json_answer({}, 404), "HTTP_404", False),
        (json_answer({}, 503), "HTTP_503", True),
        (redirect("/v1/elsewhere"), "HTTP_302", False),
    ],
)
def test_an_answer_that_is_wrong_is_a_fault(tmp_path: Path, answer: Answer, code: str, can_retry: bool) -> None:
    with served(answer) as outside:
        fault = Calling(outside, tmp_path)()
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry) == (code, can_retry)
    assert len(outside.asked) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(204, b""), None),
        (Answer(202, b""), None),
        (Answer(200, b""), "ANSWER_INVALID"),
        (Answer(205, b""), "ANSWER_INVALID"),
        (json_answer({}, 202), "ANSWER_INVALID"),
        (Answer(202, b" "), "BAD_ANSWER"),
    ],
)
def test_an_empty_answer_that_is_documented_is_a_success_without_a_result(
    tmp_path: Path, answer: Answer, code: str | None
) -> None:
    with served(answer) as outside:
        calling = Calling(outside, tmp_path)
        calling.connector["operations"]["book"]["empty"] = [202, 204]
        called = calling()
    assert called == Called(None) if code is None else isinstance(called, CallFault) and called.code == code


def test_a_slow_answer_and_none_at_all_can_be_tried_again(tmp_path: Path) -> None:
    done = threading.Event()
    with served(Answer(wait=done)) as outside:
        fault = Calling(outside, tmp_path)()
        done.set()
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry) == ("TIME_OUT", True)
    down = Calling(outside, tmp_path)()
    assert isinstance(down, CallFault)
    assert (down.code, down.can_retry) == ("UNREACHABLE", True)


# The way


def hops(*answers: Answer) -> Any:
    left = list(answers)
    return lambda asked: left.pop(0)


def test_redirects_are_followed_as_often_as_the_operation_says(tmp_path: Path) -> None:
    with served(hops(redirect("/a"), redirect("b?c=1", 307), json_answer("here"))) as outside:
        assert Calling(outside, tmp_path)("read", q="x") == Called("here")
    assert [asked.target for asked in outside.asked] == ["/v1/read?q=x", "/a", "/b?c=1"]
    with served(hops(*[redirect("/a")] * 3)) as outside:
        fault = Calling(outside, tmp_path)("read", q="x")
    assert isinstance(fault, CallFault)
    assert (fault.code, len(outside.asked)) == ("HTTP_302", 3)


@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:{other}/", "http://[::ffff:10.0.0.1]/"]
)
def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path, place: str) -> None:
    with served(json_answer("secret of the house")) as inside:
        with served(redirect(place.format(other=inside.port))) as outside:
            fault = Calling(outside, tmp_path)("read", q="x")
        assert inside.asked == []
    assert isinstance(fault, CallFault)
    assert fault.code == "NOT_ALLOWED"


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://user:word@127.0.0.1/", "http://[", ""])
def test_a_redirect_to_what_is_no_address_is_refused(tmp_path: Path, place: str) -> None:
    with served(redirect(place)) as outside:
        fault = Calling(outside, tmp_path)("read", q="x")
    assert isinstance(fault, CallFault)
    assert fault.code == "BAD_REDIRECT"


def test_a_credential_stays_with_the_host_it_is_for(secrets: Path) -> None:
    more = "credential: bank\nauthentication: {scheme: bearer}"
    with served(json_answer("there")) as there, served(redirect(f"{there.base}/x")) as outside:
        calling = Calling(outside, secrets, more, f"{outside.allowed},{there.allowed}")
        assert calling("read", q="x") == Called("there")
    assert outside.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert "authorization" not in there.asked[0].headers
    assert SECRET not in str(there.asked)


def test_a_name_that_changes_between_check_and_connection_gains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name first leads to an address that may be reached, and ever after to this machine."""
    answers = [("203.0.113.7", 0), ("127.0.0.1", 0)]
    asked: list[str] = []
    connected: list[Any] = []
    true_lookup, true_connect = socket.getaddrinfo, socket.create_connection

    def lookup(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "rebinding.example.com":
            return true_lookup(host, port, *rest, **more)
        asked.append(host)
        place = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place[0], port))]

    def connect(address: Any, *rest: Any, **more: Any) -> Any:
        connected.append(address[0])
        if address[0] != "127.0.0.1":
            raise TimeoutError  # nobody is there
        return true_connect(address, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr("api.egress._is_public", lambda address: str(address) == "203.0.113.7")
    with served(json_answer(GOOD)) as outside:
        calling = Calling(outside, tmp_path, allow="")
        calling.connector["base_url"] = f"http://rebinding.example.com:{outside.port}"
        assert isinstance(calling("plain", x=1), CallFault)
        again = Calling(outside, tmp_path, allow="")
        again.connector["base_url"] = calling.connector["base_url"]
        second = again("plain", x=1)
    assert isinstance(second, CallFault)
    assert second.code == "NOT_ALLOWED"
    assert connected == ["203.0.113.7"]
    assert outside.asked == []


# The credential


@pytest.mark.parametrize(
    ("authentication", "name", "value"),
    [
        ("{scheme: bearer}", "authorization", f"Bearer {SECRET}"),
        ("{scheme: basic}", "authorization", "Basic azN5LW9mLXRoZS1iYW5r"),
        ("{scheme: api key, in: header, name: X-Key}", "x-key", SECRET),
    ],
)
def test_a_credential_goes_as_the_connector_says(secrets: Path, authentication: str, name: str, value: str) -> None:
    with served(json_answer(GOOD)) as outside:
        called = Calling(outside, secrets, f"credential: bank\nauthentication: {authentication}")()
    assert isinstance(called, Called)
    assert outside.asked[0].headers[name] == value


def test_an_api_key_in_the_query_is_not_part_of_the_digest(secrets: Path) -> None:
    more = "credential: bank\nauthentication: {scheme: api key, in: query, name: key}"
    with served(json_answer("x")) as outside:
        called = Calling(outside, secrets, more)("read", q="x")
        (secrets / "bank").write_text("another")
        again = Calling(outside, secrets, more)("read", q="x")
    assert [asked.target for asked in outside.asked] == [f"/v1/read?q=x&key={SECRET}", "/v1/read?q=x&key=another"]
    assert isinstance(called, Called)
    assert isinstance(again, Called)
    assert called.request == again.request != ""


@pytest.mark.parametrize("mode", [0o644, 0o640, None])
def test_a_credential_that_others_may_read_or_that_is_not_there_stops_the_call(secrets: Path, mode: int | None) -> None:
    (secrets / "bank").unlink() if mode is None else (secrets / "bank").chmod(mode)
    with served(json_answer(GOOD)) as outside:
        fault = Calling(outside, secrets, "credential: bank\nauthentication: {scheme: bearer}")()
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry) == ("NO_CREDENTIAL", False)
    assert SECRET not in fault.message
    assert outside.asked == []


def test_an_answer_with_the_credential_in_it_is_not_taken(secrets: Path) -> None:
    def echo(asked: Asked) -> Answer:
        return json_answer({"loanId": asked.headers["authorization"]})

    with served(echo) as outside:
        fault = Calling(outside, secrets, "credential: bank\nauthentication: {scheme: bearer}")()
    assert isinstance(fault, CallFault)
    assert fault.code == "SECRET_IN_ANSWER"
    assert SECRET not in repr(fault)


def test_a_webhook_is_signed_over_the_body_that_goes_out(secrets: Path) -> None:
    key = b"k" * 32
    (secrets / "bank").write_text(webhook.secret_text(key))
    with served(json_answer(GOOD)) as outside:
        called = Calling(outside, secrets, "credential: bank\nauthentication: {scheme: webhook}")()
    assert isinstance(called, Called)
    asked = outside.asked[0]
    signed = webhook.Signed(*[asked.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")])
    assert webhook.verify([key], signed, asked.body, SystemClock().wall() // SECOND)
    assert signed.id == "pi_1-2"  # the same for every try of the call


@pytest.fixture(autouse=True)
def _nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # would take every call elsewhere
