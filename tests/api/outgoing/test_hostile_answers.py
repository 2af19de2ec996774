"""Answers made to do harm: packed over and over, pointing to no name, or with the credential written otherwise."""

import base64
import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from api.egress import Called, CallFault
from api.outgoing.requests import request_of
from api.outgoing.values import Misfit
from tests.api.outgoing.servers import Answer, redirect, served
from tests.api.outgoing.test_calls import Calling

USER, PASSWORD = "settle/ment", 'k3y/of"the\\bank'
BASIC = "credential: bank\nauthentication: {scheme: basic}"
LIMIT = 65_536  # of an operation that says none


def packed(body: bytes, encoding: str = "gzip") -> Answer:
    return Answer(200, body, (("Content-Encoding", encoding),))


def called(answer: Answer, folder: Path, more: str = "") -> Called | CallFault:
    with served(answer) as outside:
        return Calling(outside, folder, more=more)("read", q="1")


def fault(found: Called | CallFault) -> tuple[str, bool]:
    assert isinstance(found, CallFault), found
    return found.code, found.can_retry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "bank"
    file.write_text(f"{USER}:{PASSWORD}\n")
    file.chmod(0o600)
    return tmp_path


def test_a_packed_answer_is_taken_as_it_was(tmp_path: Path) -> None:
    assert called(packed(gzip.compress(b'{"rate": 1}')), tmp_path) == Called({"rate": 1})


@pytest.mark.parametrize("layers", [1, 2])
def test_what_is_packed_takes_no_more_room_than_an_answer_may(tmp_path: Path, layers: int) -> None:
    """Packed twice, forty million bytes come in less than a thousand; unpacked they would fill the process."""
    bomb = b"0" * 40_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(bomb) < LIMIT
    called(packed(gzip.compress(b"{}")), tmp_path)  # what is loaded once counts for nothing
    tracemalloc.start()
    try:
        found = called(packed(bomb, ", ".join(["gzip"] * layers)), tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fault(found) == (("TOO_LARGE", False) if layers == 1 else ("BAD_ANSWER", False))
    assert most < 4_000_000


@pytest.mark.parametrize("body", [gzip.compress(b"{}")[:-3], b"no gzip", gzip.compress(b"{}") + b"more"])
def test_what_cannot_be_unpacked_is_a_bad_answer(tmp_path: Path, body: bytes) -> None:
    assert fault(called(packed(body), tmp_path)) == ("BAD_ANSWER", False)


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "b\u00fccher.example", "a b"])
def test_a_redirect_to_what_is_no_name_is_refused(tmp_path: Path, host: str) -> None:
    assert fault(called(redirect(f"http://{host}/"), tmp_path)) == ("BAD_REDIRECT", False)


@pytest.mark.parametrize(
    "said",
    [
        f"{USER}:{PASSWORD}",
        PASSWORD,
        base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    ],
)
@pytest.mark.parametrize("place", ["value", "member", "list"])
def test_the_credential_is_found_however_it_is_written(folder: Path, said: str, place: str) -> None:
    """JSON may write a slash as `\\/` and any letter as `\\u....`; what counts is the value, not its bytes."""
    escaped = "".join(f"\\u{ord(one):04x}" for one in said)
    body = {
        "value": f'{{"echo": "we got {escaped}"}}',
        "member": f'{{"{escaped}": 1}}',
        "list": json.dumps({"headers": [["Authorization", said]]}).replace("/", "\\/"),
    }[place]
    assert fault(called(Answer(200, body.encode()), folder, BASIC)) == ("SECRET_IN_ANSWER", False)


def test_the_user_alone_is_no_secret(folder: Path) -> None:
    found = called(Answer(200, json.dumps({"user": USER}).encode()), folder, BASIC)
    assert found == Called({"user": USER})


@pytest.mark.parametrize("given", [{"account": ".."}, {"account": "."}, {"account": ""}, {"account": None}, {}])
def test_an_argument_leads_to_no_other_path(given: dict[str, Any]) -> None:
    """Also of an operation whose arguments nobody has described."""
    spec = {"method": "GET", "path": "/accounts/{account}/balance", "arguments": ["account"]}
    with pytest.raises(Misfit):
        request_of(spec, given)
