"""Tokens by client credentials: fetched once, used until they end, fetched anew when refused, and told to nobody."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from api.egress import Called, CallFault, Egress
from ledger.errors import BrokenInput
from tests.api.outgoing.servers import Answer, Asked, Outside, json_answer, redirect, served
from tests.conftest import SetClock
from versioning.kinds.connector import read_connector

SECRET = "w0rd of the client"
SOURCE = """\
connector: bank
base_url: {base}/v1
credential: bank
authentication: {{scheme: client credentials, token_url: "{base}/token"{more}}}
operations:
  read: {{method: GET, path: /read, time_out: 2 seconds}}
  book: {{method: POST, path: /loans, time_out: 2 seconds}}
"""


@dataclass
class Bank:
    """Gives tokens and takes them; a token that is not among `good` is refused."""

    asked: list[Asked] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    brings: Callable[[str], Answer] | None = None
    lasts: Any = 3600

    def __call__(self, asked: Asked) -> Answer:
        if asked.target == "/token":
            self.asked.append(asked)
            token = f"t{len(self.asked)}"
            self.good = {token}
            if self.brings is not None:
                return self.brings(token)
            return json_answer({"access_token": token, "token_type": "Bearer", "expires_in": self.lasts})
        token = asked.headers["authorization"].removeprefix("Bearer ")
        self.calls.append(token)
        return json_answer({"of": "the bank"}) if token in self.good else json_answer({}, 401)


@dataclass
class Calling:
    bank: Bank
    outside: Outside
    egress: Egress
    clock: SetClock
    connector: dict[str, Any]

    def __call__(self, operation: str = "read") -> Called | CallFault:
        return self.egress.call(self.connector, operation, {}, "pi_1.2")


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[Calling]:
    yield from _calling(tmp_path)


def _calling(tmp_path: Path, more: str = "", allow: bool = True) -> Iterator[Calling]:
    file = tmp_path / "bank"
    file.write_text(f"our client:{SECRET}\n")
    file.chmod(0o600)
    bank, clock = Bank(), SetClock()
    with served(bank) as outside:
        egress = Egress(outside.allowed if allow else "", tmp_path, clock)
        yield Calling(bank, outside, egress, clock, read_connector(SOURCE.format(base=outside.base, more=more)))
        egress.close()


def test_one_token_serves_until_it_ends(calling: Calling) -> None:
    for _ in range(3):
        assert isinstance(calling(), Called)
    assert calling.bank.calls == ["t1"] * 3
    calling.clock.running += 3_571 * 1_000_000  # half a minute before its end it is used no more
    assert isinstance(calling(), Called)
    assert (len(calling.bank.asked), calling.bank.calls[-1]) == (2, "t2")
    (asked, _) = calling.bank.asked
    assert (asked.method, parse_qs(asked.body.decode())) == ("POST", {"grant_type": ["client_credentials"]})
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "our+client:w0rd+of+the+client"
    assert "idempotency-key" not in asked.headers


def test_scope_and_client_in_the_body(tmp_path: Path) -> None:
    for calling in _calling(tmp_path, ', scope: "loans:read loans:write", client: body'):
        assert isinstance(calling(), Called)
        (asked,) = calling.bank.asked
        assert parse_qs(asked.body.decode()) == {
            "grant_type": ["client_credentials"], "scope": ["loans:read loans:write"],
            "client_id": ["our client"], "client_secret": [SECRET],
        }  # fmt: skip
        assert "authorization" not in asked.headers


def test_one_that_is_refused_is_fetched_once_more_and_the_call_is_the_same(calling: Calling) -> None:
    calling("book")
    calling.bank.good.clear()
    assert isinstance(calling("book"), Called)
    assert calling.bank.calls == ["t1", "t1", "t2"]
    calls = [one for one in calling.outside.asked if one.target == "/v1/loans"]
    assert {one.headers["idempotency-key"] for one in calls} == {"pi_1.2"}


def test_who_refuses_every_token_is_asked_twice_and_no_more(calling: Calling) -> None:
    calling.bank.brings = lambda token: json_answer({"access_token": "stale", "token_type": "bearer"})
    fault = calling()
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry, len(calling.bank.asked)) == ("HTTP_401", False, 2)
    assert fault.request


@pytest.mark.parametrize(
    ("brings", "code", "can_retry"),
    [
        (json_answer({"error": "invalid_client", "hint": SECRET}, 401), "TOKEN_REFUSED", False),
        (json_answer({}, 503), "TOKEN_REFUSED", True),
        (redirect("/elsewhere"), "TOKEN_REFUSED", False),
        (Answer(200, b"<html>"), "TOKEN_INVALID", False),
        (json_answer([]), "TOKEN_INVALID", False),
        (json_answer({"access_token": "t", "token_type": "mac"}), "TOKEN_INVALID", False),
        (json_answer({"access_token": "t\nx: y", "token_type": "bearer"}), "TOKEN_INVALID", False),
        (json_answer({"access_token": "", "token_type": "bearer"}), "TOKEN_INVALID", False),
        (json_answer({"access_token": "t", "token_type": "bearer", "expires_in": -1}), "TOKEN_INVALID", False),
        (Answer(200, b" " * 70_000), "TOO_LARGE", False),
    ],
)
def test_no_token_is_a_fault_and_nothing_goes_out(calling: Calling, brings: Answer, code: str, can_retry: bool) -> None:
    calling.bank.brings = lambda token: brings
    fault = calling()
    assert isinstance(fault, CallFault)
    assert (fault.code, fault.can_retry, calling.bank.calls) == (code, can_retry, [])
    assert SECRET not in repr(fault)


@pytest.mark.parametrize("lasts", [20, "20", None])
def test_a_token_that_hardly_lasts_is_used_for_one_call(calling: Calling, lasts: Any) -> None:
    calling.bank.lasts = lasts
    if lasts is None:  # one whose end nobody tells is kept for a while
        calling.bank.brings = lambda token: json_answer({"access_token": token, "token_type": "bearer"})
    assert isinstance(calling(), Called)
    assert isinstance(calling(), Called)
    assert len(calling.bank.asked) == (1 if lasts is None else 2)


def test_the_address_of_tokens_is_held_to_the_same_rules(tmp_path: Path) -> None:
    for calling in _calling(tmp_path, allow=False):
        fault = calling()
        assert isinstance(fault, CallFault)
        assert (fault.code, calling.outside.asked) == ("NOT_ALLOWED", [])


def test_neither_token_nor_secret_is_logged_told_or_counted(
    calling: Calling, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    calling.bank.brings = lambda token: json_answer({"access_token": f"s3cret-{token}", "token_type": "bearer"})
    calling.bank.good = {"s3cret-t1", "s3cret-t2"}
    first = calling()
    assert isinstance(first, CallFault)  # the bank knows neither
    assert not any(word in caplog.text for word in (SECRET, "s3cret", "w0rd"))
    assert "s3cret" not in repr(first)
    assert [file.name for file in tmp_path.iterdir()] == ["bank"]
    calling.bank.brings = None
    again, more = calling(), calling()
    assert isinstance(again, Called)
    assert isinstance(more, Called)
    assert again.request == more.request == first.request  # whatever the token was


def test_an_answer_with_the_secret_or_the_token_in_it_is_not_taken(calling: Calling) -> None:
    for echoed in ("t1", SECRET):
        calling.outside.answer = lambda asked, echoed=echoed: (  # type: ignore[misc]
            calling.bank(asked) if asked.target == "/token" else Answer(200, json.dumps({"it": echoed}).encode())
        )
        fault = calling()
        assert isinstance(fault, CallFault)
        assert fault.code == "SECRET_IN_ANSWER"


def test_a_credential_that_is_no_pair_stops_the_call(calling: Calling, tmp_path: Path) -> None:
    (tmp_path / "bank").write_text("only-one-word")
    fault = calling()
    assert isinstance(fault, CallFault)
    assert (fault.code, calling.outside.asked) == ("NO_CREDENTIAL", [])


@pytest.mark.parametrize(
    "more",
    [', scope: "a  b"', ', scope: "a\\"b"', ", client: query", ", in: header", ', token_uri: "x"'],
)
def test_what_a_source_may_not_say(more: str) -> None:
    with pytest.raises(BrokenInput):
        read_connector(SOURCE.format(base="https://id.example.com", more=more))
    with pytest.raises(BrokenInput):
        read_connector(SOURCE.format(base="https://u:p@id.example.com", more=""))
