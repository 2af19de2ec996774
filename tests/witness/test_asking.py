"""Witnesses that lie, drip, are down or strange: an alarm in bounded time, and never a line that does not verify."""

import logging
import time
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.witnesses import Address, WitnessClient, clients
from ledger.checking import CHECKS
from ledger.cosignature import cosign
from ledger.errors import BrokenInput
from ledger.note import NOTE_BYTES_MAX, parse_note
from ledger.policy import NONE, Policy, TrustedWitness
from ledger.publication import Publication
from ledger.witnessing import (
    SIZE_TYPE,
    Asked,
    Elsewhere,
    Expected,
    Inconsistent,
    Lines,
    Useless,
    add_checkpoint_body,
    parse_add_checkpoint,
    read_answer,
)
from tests.conftest import SetClock
from tests.migrated import migrated_sqlite
from tests.witness.logs import grown, make_witness
from tests.witness.publishing import House, open_house
from tests.witness.stub import Came, Raw, Stub, stub
from witness.service import Reply, Witness

SECONDS = 0.4  # the bound in these tests


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    made = open_house(database, tmp_path, clock)
    made.grow("toy_1", "toy_2", "toy_3")
    yield made
    made.reader.close()


@pytest.fixture
def witness(house: House, tmp_path: Path, clock: SetClock) -> Iterator[Witness]:
    made = make_witness(tmp_path / "w", clock, house.vkey)
    yield made
    made.book.close()


@pytest.fixture
def at() -> Iterator[Stub]:
    with stub() as made:
        yield made


@pytest.fixture
def client(house: House, witness: Witness, at: Stub, clock: SetClock) -> Iterator[WitnessClient]:
    keys = tuple(one.key for one in witness.keys.keys)
    made = WitnessClient("audit", keys, Address(at.url, SECONDS), house.log, clock)
    yield made
    made.close()


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever, each well within any time-out of a read."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\n")
    for _ in range(1000):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        handler.wfile.write(b"x-%d: y\r\n" % number)
        handler.wfile.flush()
        time.sleep(0.05)


def silence(_: BaseHTTPRequestHandler) -> None:
    time.sleep(10 * SECONDS)


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\xff no HTTP at all\r\n\r\n")
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
    handler.close_connection = True


def for_ever(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def bomb(handler: BaseHTTPRequestHandler) -> None:
    import gzip

    body = gzip.compress(bytes(10_000_000))
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize("raw", [drip, drip_headers, silence, nonsense, cut, for_ever, bomb])
def test_what_is_no_answer_costs_bounded_time(house: House, client: WitnessClient, at: Stub, raw: Raw) -> None:
    at.answer = lambda _: raw
    begun = time.monotonic()
    assert len(house.ask([client])) == 1
    assert time.monotonic() - begun < SECONDS + 5  # a loaded machine; without the bound some of these take 50 seconds
    assert house.lines() == []


def test_an_answer_is_not_read_beyond_its_limit(house: House, client: WitnessClient, at: Stub) -> None:
    client._address.seconds = 30.0  # the size ends it, not the time
    at.answer = lambda _: for_ever
    assert house.ask([client]) == ["the witness answered too much"]


def test_a_witness_that_is_down_is_told_once(
    house: House, client: WitnessClient, at: Stub, witness: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    at.says(503, b"")
    with caplog.at_level(logging.WARNING, "muniment"):
        for _ in range(3):
            assert len(house.ask([client])) == 1
        at.is_witness(witness)
        assert house.ask([client]) == []
        assert house.ask([client]) == []
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "503" in caplog.records[0].getMessage()


def test_nobody_listens_there(house: House, clock: SetClock, witness: Witness) -> None:
    keys = (witness.keys.keys[0].key,)
    client = WitnessClient("audit", keys, Address("http://127.0.0.1:1", SECONDS), house.log, clock)
    (why,) = house.ask([client])
    assert "cannot be reached" in why
    client.close()


def lines_of(witness: Witness, publication: Publication, seconds: int, which: int = 0) -> str:
    one = witness.keys.keys[which]
    return cosign(one.key, one.sign, publication.text, seconds)


def test_every_lie_is_an_alarm_and_never_a_line(
    house: House, client: WitnessClient, at: Stub, witness: Witness, tmp_path: Path, clock: SetClock
) -> None:
    made = house.publish()
    now = clock.at // 1_000_000
    good = lines_of(witness, made, now)
    stranger = make_witness(tmp_path / "stranger", clock, house.vkey)
    other = Publication(2, made.text.replace("\n3\n", "\n2\n"), "")
    forged = bytearray(parse_note(f"{made.text}\n{good}").signatures[0].signature)
    forged[100] ^= 1
    key = witness.keys.keys[0].key
    written = f"\u2014 {key.name} {b64encode(key.key_id + bytes(forged)).decode()}\n"
    lies: list[tuple[int, str, str]] = [
        (200, "text/plain", ""),
        (200, "text/plain", "\n"),
        (200, "text/plain", "garbage\n"),
        (200, "text/plain", good[:-1]),
        (200, "text/plain", f"\n{good}"),
        (200, "text/plain", f"{good}\n{good}"),
        (200, "text/plain", f"{good}{good}"),
        (200, "text/plain", f"{good}{written}"),
        (200, "text/plain", written),
        (200, "text/plain", f"{other.text}\n{good}"),
        (200, "text/plain", lines_of(witness, other, now)),
        (200, "text/plain", lines_of(witness, made, 0)),
        (200, "text/plain", lines_of(witness, made, now + 4000)),
        (200, "text/plain", lines_of(stranger, made, now)),
        (200, "text/plain", made.note.partition("\n\n")[2]),  # our own line back
        (409, "text/plain", "2\n"),
        (409, SIZE_TYPE, "2"),
        (409, SIZE_TYPE, "02\n"),
        (409, SIZE_TYPE, "-1\n"),
        (409, SIZE_TYPE, "\n"),
        (409, SIZE_TYPE, "9" * 5000 + "\n"),
        (409, SIZE_TYPE, "0\n"),  # what we said
        (409, SIZE_TYPE, "\u0662\n"),
        (422, "text/plain", ""),  # though nothing was cosigned yet
        (302, "text/plain", ""),
        (307, "text/plain", ""),
        (201, "text/plain", good),
        (100_000 // 250, "text/plain", good),
        (500, "text/plain", good),
    ]
    for status, kind, body in lies:
        at.says(status, body.encode(), kind)
        assert len(house.ask([client])) == 1, (status, body[:80])
        assert client.standing.failing
        assert house.lines() == [], (status, body[:80])
    assert not any(one.path.endswith("elsewhere") for one in at.came)
    assert client.standing.contradiction == ""
    at.says(200, (lines_of(stranger, made, now) + good).encode())
    assert house.ask([client]) == []
    assert house.lines() == [(3, "cosignature")]  # the stranger's line is passed over


def test_both_keys_lines_are_kept_where_both_are_known(
    house: House, client: WitnessClient, at: Stub, witness: Witness
) -> None:
    at.is_witness(witness)
    assert house.ask([client]) == []
    assert house.lines() == [(3, "cosignature")] * 2


def test_a_size_that_nobody_signed_is_a_word_alone(house: House, client: WitnessClient, at: Stub) -> None:
    at.says(409, b"900\n", SIZE_TYPE)
    (why,) = house.ask([client])
    assert "by its word alone" in why
    assert client.standing.contradiction


def test_a_witness_that_moves_is_asked_twice_and_no_more(house: House, client: WitnessClient, at: Stub) -> None:
    def answer(_: Came) -> Reply:
        return Reply(409, SIZE_TYPE, b"%d\n" % (1 + len(at.came) % 2))

    at.answer = answer
    assert len(house.ask([client])) == 1
    assert len(at.came) == 2


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_reads_back(old: int, proof: list[bytes]) -> None:
    asked = Asked(old, tuple(proof), grown(3).note())
    assert parse_add_checkpoint(add_checkpoint_body(asked)) == asked


@given(st.binary(max_size=300))
def test_any_octets_are_a_request_or_refused(body: bytes) -> None:
    try:
        asked = parse_add_checkpoint(body)
    except BrokenInput:
        return
    assert add_checkpoint_body(asked) == body


KINDS = ["", SIZE_TYPE, f"{SIZE_TYPE}; charset=x"]


@given(st.sampled_from([200, 409, 422, 404]), st.sampled_from(KINDS), st.binary(max_size=200))
def test_any_answer_is_read_without_raising(status: int, kind: str, body: bytes) -> None:
    told = read_answer(status, kind, body, Expected((), "a\n1\n" + "A" * 43 + "=\n", 1), CHECKS)
    assert isinstance(told, Useless | Elsewhere | Inconsistent)
    assert not isinstance(told, Lines)


def test_an_answer_longer_than_a_note_is_a_lie() -> None:
    told = read_answer(200, "", b"x" * NOTE_BYTES_MAX, Expected((), "a\n", 1), CHECKS)
    assert isinstance(told, Useless)
    assert told.is_lie


@pytest.mark.parametrize(
    "url",
    [
        "",
        "audit.example.com",
        "ftp://audit.example.com",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@audit.example.com",
        "http://audit.example.com/?a=b",
        "http://audit.example.com/#a",
        "http://audit.example.com:99999",
        "http://audit.example.com:x",
        "http://[::1",
        "http://\u212a.example",
    ],
)
def test_an_address_that_is_none_is_refused(house: House, witness: Witness, clock: SetClock, url: str) -> None:
    policy = Policy((), (TrustedWitness("audit", witness.keys.keys[0].key, url),), (), NONE)
    if not url:
        assert clients(policy, house.log, clock) == []
        return
    with pytest.raises(BrokenInput):
        clients(policy, house.log, clock)


def test_one_address_is_asked_once_for_all_its_keys(house: House, witness: Witness, clock: SetClock, at: Stub) -> None:
    one, two = (key.key for key in witness.keys.keys)
    policy = Policy((), (TrustedWitness("a", one, at.url), TrustedWitness("b", two, f"{at.url}/")), (), NONE)
    at.is_witness(witness)
    (client,) = clients(policy, house.log, clock)
    assert house.ask([client]) == []
    assert len(at.came) == 1
    assert len(house.lines()) == 2
    client.close()
