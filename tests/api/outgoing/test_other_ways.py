"""E-mail, files and SQL: the same contract as over HTTP, against a real relay, real folders and real databases."""

import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.egress import Called, CallFault
from api.outgoing.calling import Live, Rehearsal, outside
from api.settings import Settings
from ledger.clock import SystemClock
from ledger.errors import BrokenInput
from tests.api.outgoing.relays import relayed
from tests.postgres import PostgresServer
from versioning.kinds.connector import read_connector

MAIL = """\
connector: letters
via: e-mail
from: notices@bank.example
operations:
  tell:
    to: "{recipient}"
    subject: "Your application {application}"
    text: "Dear {name}, {amount} is yours.\\n.\\nGoodbye"
    time_out: 300 milliseconds
    takes:
      recipient: {type: string, required: true}
      application: {type: string, required: true}
      name: {type: string}
      amount: {type: number, class: internal}
"""
TOLD = {"recipient": "jo@example.com", "application": "A-1", "name": "{recipient} é", "amount": "12.50"}


def live(**settings: str) -> Live:
    return Live(Settings(**settings), SystemClock())


def call(source: str, arguments: Mapping[str, Any], key: str = "pi_1.2", **settings: str) -> Called | CallFault:
    connector = read_connector(source)
    (operation,) = connector["operations"]
    ways = live(**settings)
    try:
        return ways.call(connector, operation, arguments, key)
    finally:
        ways.close()


def fault(said: Called | CallFault) -> tuple[str, bool]:
    assert isinstance(said, CallFault), said
    return said.code, said.can_retry


# E-mail


def test_a_message_goes_to_one_address_and_is_known_again() -> None:
    with relayed() as relay:
        first, again = (call(MAIL, TOLD, smtp_url=relay.url) for _ in range(2))
    assert first == again == Called({"message_id": "<pi_1.2@bank.example>"})
    sender, to, data = relay.taken[0]
    message = message_from_bytes(data)
    assert (sender, to, message["Subject"]) == ("notices@bank.example", "jo@example.com", "Your application A-1")
    text = message.get_payload(decode=True)
    assert isinstance(text, bytes)
    # What an argument holds is not filled in again, and a line with one dot ends nothing.
    assert text.decode().splitlines() == ["Dear {recipient} é, 12.50 is yours.", ".", "Goodbye"]


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient": "jo@example.com\r\nBcc: all@example.com"},
        {"recipient": "jo@example.com, all@example.com"},
        {"recipient": "nobody"},
        {"recipient": None},
        {"application": "A-1\nX-Evil: 1"},
        {"amount": "much"},
        {"more": "x"},
    ],
)
def test_an_argument_that_would_be_more_than_it_is_goes_nowhere(changed: dict[str, Any]) -> None:
    with relayed() as relay:
        assert fault(call(MAIL, {**TOLD, **changed}, smtp_url=relay.url)) == ("ARGUMENT_INVALID", False)
    assert relay.taken == []


@pytest.mark.parametrize(
    ("refuses", "expected"),
    [
        ({"RCPT": b"550 no such person"}, ("SMTP_550", False)),
        ({"RCPT": b"450 later"}, ("SMTP_450", True)),
        ({"MAIL": b"554 no"}, ("SMTP_554", False)),
        ({"DATA": b"451 later"}, ("SMTP_451", True)),
    ],
)
def test_what_a_relay_refuses_for_good_is_not_tried_again(refuses: Any, expected: tuple[str, bool]) -> None:
    with relayed(refuses=refuses) as relay:
        assert fault(call(MAIL, TOLD, smtp_url=relay.url)) == expected


def test_a_relay_that_drips_ends_at_the_time_out() -> None:
    over = threading.Event()
    with relayed(drips=over) as relay:
        try:
            assert fault(call(MAIL, TOLD, smtp_url=relay.url)) == ("TIME_OUT", True)
        finally:
            over.set()


def test_a_relay_that_is_silent_down_or_not_named() -> None:
    done = threading.Event()
    with relayed(silent=done) as relay:
        assert fault(call(MAIL, TOLD, smtp_url=relay.url)) == ("TIME_OUT", True)
        done.set()
    assert fault(call(MAIL, TOLD, smtp_url=relay.url)) == ("UNREACHABLE", True)
    assert fault(call(MAIL, TOLD)) == ("NO_RELAY", False)
    with pytest.raises(BrokenInput, match="expected `smtp://host:25`"):
        live(smtp_url="http://relay.example.com")


# Files

FILE = """\
connector: payments
via: files
folder: out/today
operations:
  instruct:
    file: "{payment}.json"
    takes: {payment: {type: string, required: true}, amount: {type: number}, holder: {type: string, name: Holder}}
"""
CONTENT = '{"Holder":"Jo","amount":12.50}\n'
PAYMENT = {"payment": "P-1", "amount": "12.50", "holder": "Jo"}


def test_a_file_is_put_down_whole_and_once(tmp_path: Path) -> None:
    first, again = (call(FILE, PAYMENT, files_dir=str(tmp_path)) for _ in range(2))
    assert first == again == Called({"file": "P-1.json", "bytes": len(CONTENT)})
    folder = tmp_path / "out" / "today"
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [("P-1.json", CONTENT)]
    assert fault(call(FILE, {**PAYMENT, "amount": "13"}, files_dir=str(tmp_path))) == ("FILE_EXISTS", False)
    assert (folder / "P-1.json").read_text() == CONTENT
    assert len(list(folder.iterdir())) == 1  # and no draft is left


@pytest.mark.parametrize("name", ["../P-1", "a/b", ".hidden", "", "a\x00b", "x" * 200])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert fault(call(FILE, {**PAYMENT, "payment": name}, files_dir=str(tmp_path))) == ("ARGUMENT_INVALID", False)
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_way_leads_nowhere(tmp_path: Path) -> None:
    base, elsewhere = tmp_path / "base", tmp_path / "elsewhere"
    base.mkdir()
    elsewhere.mkdir()
    (base / "out").symlink_to(elsewhere)
    assert fault(call(FILE, PAYMENT, files_dir=str(base))) == ("NOT_ALLOWED", False)
    assert list(elsewhere.iterdir()) == []
    (base / "out").unlink()
    (base / "out" / "today").mkdir(parents=True)
    (base / "out" / "today" / "P-1.json").symlink_to(elsewhere / "x")
    assert fault(call(FILE, PAYMENT, files_dir=str(base))) == ("FILE_EXISTS", False)
    assert list(elsewhere.iterdir()) == []
    assert fault(call(FILE, PAYMENT)) == ("NO_FOLDER", False)


# SQL

QUERY = """\
connector: warehouse
via: sql
credential: warehouse
operations:
  find:
    statement: "{statement}"
    rows_max: 3
    time_out: 300 milliseconds
    response_bytes_max: 200
"""
FIND = "SELECT id, name, balance FROM customer WHERE name = :name"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, balance REAL)")
        rows = [(1, "Jo", 12.5), (2, "Al", None), *[(n, "Many", 1) for n in range(3, 9)], (9, "Long" * 99, 1)]
        database.executemany("INSERT INTO customer VALUES (?, ?, ?)", rows)
    secret = tmp_path / "warehouse"
    secret.write_text(f"sqlite:///{path}")
    secret.chmod(0o600)
    return tmp_path


def ask(house: Path, statement: str, arguments: Mapping[str, Any], **settings: str) -> Called | CallFault:
    return call(QUERY.replace("{statement}", statement), arguments, secrets_dir=str(house), **settings)


def test_arguments_are_bound_and_never_written_into_a_statement(house: Path) -> None:
    found = ask(house, FIND, {"name": "Jo"})
    assert found == Called({"rows": [{"id": 1, "name": "Jo", "balance": {"$decimal": "12.5"}}]})
    assert ask(house, FIND, {"name": "x' OR '1'='1"}) == Called({"rows": []})
    assert fault(ask(house, FIND, {})) == ("ARGUMENT_INVALID", False)


@pytest.mark.parametrize(
    ("statement", "arguments", "expected"),
    [
        ("SELECT id FROM customer WHERE name = :name", {"name": "Many"}, ("TOO_LARGE", False)),
        ("SELECT name FROM customer WHERE id = 9", {}, ("TOO_LARGE", False)),
        ("SELECT nothing FROM customer", {}, ("QUERY_REFUSED", False)),
        ("WITH x AS (SELECT 1) DELETE FROM customer", {}, ("QUERY_REFUSED", False)),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
            {},
            ("TIME_OUT", True),
        ),
    ],
)
def test_a_question_has_bounds_and_changes_nothing(
    house: Path, statement: str, arguments: dict[str, Any], expected: tuple[str, bool]
) -> None:
    before = (house / "warehouse.sqlite").read_bytes()
    assert fault(ask(house, statement, arguments)) == expected
    assert (house / "warehouse.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM customer", "SELECT 1; DELETE FROM customer", "PRAGMA query_only=OFF", "SELECT ':name'", ""],
)
def test_what_is_no_question_is_not_read(statement: str) -> None:
    with pytest.raises(BrokenInput):
        read_connector(QUERY.replace("{statement}", statement))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1"])
def test_a_database_within_is_not_reached_unless_it_is_named(house: Path, host: str) -> None:
    (house / "warehouse").write_text(f"postgresql://user:word@{host}:5432/db")
    said = ask(house, FIND, {"name": "Jo"})
    assert fault(said) == ("NOT_ALLOWED", False)
    assert "word" not in repr(said)


@pytest.mark.parametrize("address", ["mysql://a/b", "sqlite:///relative", "nothing", "postgresql:///db?host=/tmp"])
def test_an_address_that_is_not_one_is_a_fault_without_its_text(house: Path, address: str) -> None:
    (house / "warehouse").write_text(address)
    said = ask(house, FIND, {"name": "Jo"})
    assert fault(said)[0] in ("NO_CREDENTIAL", "NOT_ALLOWED")
    assert address not in repr(said)


@pytest.mark.postgresql
def test_postgresql_is_asked_in_a_transaction_that_reads_alone(house: Path, postgresql: PostgresServer) -> None:
    url = postgresql.create_database()
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE TABLE customer (id bigint, name text, balance numeric, since date, ref uuid)")
        row = (1, "Jo", "12.50", "2026-01-02", "68f17094-af97-4f1b-b36b-013b45b6ad3c")
        database.execute("INSERT INTO customer VALUES (%s, %s, %s, %s, %s)", row)
        database.execute("CREATE FUNCTION sneak() RETURNS bigint LANGUAGE sql AS 'DELETE FROM customer RETURNING id'")
    (house / "warehouse").write_text(url)
    allow = f"{postgresql.folder}:5432"
    statement = "SELECT *, '12:30'::text AS at FROM customer WHERE name = :name AND since > CAST(:day AS date)"
    asked = {"name": "Jo", "day": "2026-01-01"}
    found = ask(house, statement, asked, egress_allow=allow)
    row_ = {"id": 1, "name": "Jo", "balance": {"$decimal": "12.50"}, "since": row[3], "ref": row[4], "at": "12:30"}
    assert found == Called({"rows": [row_]})
    assert fault(ask(house, statement, asked)) == ("NOT_ALLOWED", False)
    for wrong, code in (
        ("SELECT sneak()", "QUERY_REFUSED"),
        ("WITH gone AS (DELETE FROM customer RETURNING id) SELECT id FROM gone", "QUERY_REFUSED"),
        ("SELECT nothing", "QUERY_REFUSED"),
        ("SELECT pg_sleep(5)", "TIME_OUT"),
        ("SELECT generate_series(1, 4)", "TOO_LARGE"),
    ):
        assert fault(ask(house, wrong, {}, egress_allow=allow))[0] == code, wrong
    assert ask(house, statement, asked, egress_allow=allow) == found


# Test mode


@pytest.mark.parametrize("source", [MAIL, FILE, QUERY.replace("{statement}", "SELECT 1")])
def test_in_test_mode_no_socket_is_opened_and_no_file_written(
    source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []

    def nothing(*_: Any, **__: Any) -> Any:
        opened.append("a socket")
        raise AssertionError("a socket was opened in test mode")

    monkeypatch.setattr("socket.socket", nothing)
    monkeypatch.setattr("socket.getaddrinfo", nothing)
    monkeypatch.chdir(tmp_path)
    rehearsing = Settings(calls="test", smtp_url="smtp://127.0.0.1:1", files_dir=str(tmp_path), egress_allow="a:1")
    ways = outside(rehearsing)
    assert type(ways) is Rehearsal
    http = "connector: a\nbase_url: http://127.0.0.1:1\noperations: {b: {method: GET, path: /, example: {c: 1}}}"
    assert ways.call(read_connector(http), "b", {}, "k") == Called({"c": 1})
    connector = read_connector(source)
    (operation,) = connector["operations"]
    arguments = {"tell": TOLD, "instruct": PAYMENT}.get(operation, {})
    assert isinstance(ways.call(connector, operation, arguments, "k"), Called)
    assert fault(ways.call(connector, operation, {"more": 1}, "k")) == ("ARGUMENT_INVALID", False)
    assert (opened, list(tmp_path.iterdir())) == ([], [])
    with pytest.raises(BrokenInput, match="expected live or test"):
        Settings(calls="tset")
