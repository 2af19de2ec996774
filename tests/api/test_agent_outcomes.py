"""Labelled outcomes at the door and at the command line: whose they are to read, and that calibration takes them."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from api.cli import run
from api.cli_agent import calibrated
from examples.services import agents as server
from ledger.canonical import b64url
from ledger.errors import BrokenInput
from migrations.upgrade import config
from tests.api.agents import PROFILE, asked, employ, open_task
from tests.api.described import differences
from tests.api.organisation import House, copied
from tests.api.releasing import release
from tests.api.test_agents import CLERK, KEEPER, completed

REVISION = "0035_outcomes"
PATH = "/v1/agents/reader/outcomes"
ABROAD = "credit-officer-1"  # reads tasks of lending, and none of finance
NOBODY = "svc:siem"  # a service that reads feeds and no task


@pytest.fixture(scope="module")
def reviewed(house: House) -> Iterator[tuple[House, server.Running]]:
    """An agent with three reviews: accepted, corrected, rejected; and one proposal that passed by itself."""
    running = server.start()
    try:
        employ(house, running, "reader", "other")
        asked(house, running)
        for outcome in ("accept", "correct", "reject"):
            review(house, running, outcome)
        yield house, running
    finally:
        running.stop()


def review(house: House, running: server.Running, outcome: str) -> None:
    task = open_task(house, asked(house, running, "doubtful"), CLERK)
    more: dict[str, Any] = {"data": {**task["proposal"]["output"], "grade": 3}} if outcome == "correct" else {}
    assert completed(house, task, outcome, reason="not from the report", **more).status_code == 200


def told(house: House, query: str = "", who: str = CLERK) -> Any:
    answer = house.get(f"{PATH}{query}", who)
    assert answer.status_code == 200, answer.text
    assert differences("GET", PATH, answer.json()) == []
    return answer.json()


def file_of(house: House, query: str = "", who: str = CLERK) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    """The first line, the others, and the whole text."""
    answer = house.get(f"{PATH}?format=jsonl{query}", who)
    assert answer.status_code == 200, answer.text
    first, *lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["etag"] == f'"{b64url(hashlib.sha256(answer.content).digest())}"'
    assert first["cut_off"] is (answer.headers["muniment-cut-off"] == "true")
    return first, lines, answer.text


def profile(running: server.Running, *changes: tuple[str, str]) -> str:
    source = PROFILE.replace("NAME", "reader").replace("ENDPOINT", running.address)
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


def test_each_review_is_an_outcome_and_what_passed_is_none(reviewed: tuple[House, server.Running]) -> None:
    house, _ = reviewed
    found = told(house)["items"]
    assert [(one["verdict"], one["correct"], one["confidence"]) for one in found] == [
        ("reject", False, "0.31"),
        ("correct", False, "0.31"),
        ("accept", True, "0.31"),
    ]
    assert {(one["gate"], one["domain"], one["withheld"]) for one in found} == {("condition", "finance", None)}
    paged: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = told(house, f"?limit=1{f'&cursor={cursor}' if cursor else ''}")
        assert len(page["items"]) == 1
        paged, cursor = [*paged, *page["items"]], page["cursor"]
    assert paged == found
    assert told(house, f"?since={found[0]['reviewed_at']}")["items"] == found[:1]
    house.refused(house.get(f"{PATH}?limit=201", CLERK), 400, "MALFORMED")
    house.refused(house.get(f"{PATH}?version=9", CLERK), 404, "NOT_FOUND")
    house.refused(house.get("/v1/agents/nobody/outcomes", CLERK), 404, "NOT_FOUND")


def test_who_may_not_read_the_class_gets_the_label_and_no_confidence(reviewed: tuple[House, server.Running]) -> None:
    house, _ = reviewed
    found = told(house, who=KEEPER)["items"]
    assert [one["correct"] for one in found] == [False, False, True]
    assert {(one["confidence"], one["withheld"]) for one in found} == {(None, "CLASS_NOT_READABLE")}
    first, lines, text = file_of(house, who=KEEPER)
    assert (lines, first["withheld"]) == ([], {"CLASS_NOT_READABLE": 3})
    assert "0.31" not in text


@pytest.mark.parametrize("query", ["", "?format=jsonl"])
def test_who_reads_no_task_of_the_domain_gets_nothing_of_it(reviewed: tuple[House, server.Running], query: str) -> None:
    house, _ = reviewed
    assert house.get(f"{PATH}{query}").status_code == 401
    house.refused(house.get(f"{PATH}{query}", house.key(NOBODY, "feed-reader")), 403, "NO_RULE")
    answer = house.get(f"{PATH}{query}", ABROAD)
    assert answer.status_code == 200
    assert "finance" not in answer.text
    assert "accept" not in answer.text


def test_the_file_is_what_calibration_takes_and_is_of_one_profile(reviewed: tuple[House, server.Running]) -> None:
    house, running = reviewed
    first, lines, text = file_of(house)
    assert [(one["confidence"], one["correct"]) for one in lines] == [(0.31, False), (0.31, False), (0.31, True)]
    assert (first["size"], first["agent"], first["version"], first["domains"]) == (
        house.size,
        "reader",
        1,
        ["finance"],
    )
    evidence = calibrated(text, profile(running), Decimal("0.05"), "0.95")
    assert (evidence["all"]["count"], evidence["all"]["correct"]) == (3, 1)
    assert evidence["outcomes"] == b64url(hashlib.sha256(text.encode()).digest())
    assert evidence["profile"] == first["profile"]
    with pytest.raises(BrokenInput, match="expected outcomes of this profile"):
        calibrated(text, profile(running, ('version: "1"', 'version: "2"')), Decimal("0.05"), "0.95")
    # The very lines and the same log make the same file; the entries are the reviews.
    assert file_of(house)[2] == text
    with house.service.reader.view() as view:
        for one in lines:
            row = view.entry(one["entry"])
            assert row is not None
            assert b'"proposal.reviewed"' in row.bytes
            assert json.loads(row.bytes)["subject"] == one["task"].partition(".")[0]


def test_a_file_says_when_it_was_cut_off(
    reviewed: tuple[House, server.Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = reviewed
    monkeypatch.setattr("api.routes.agents.FILE_OUTCOMES_MAX", 2)
    monkeypatch.setattr("api.agent_outcomes.READ_AT_ONCE", 1)
    first, lines, _ = file_of(house)
    assert (first["cut_off"], [one["verdict"] for one in lines]) == (True, ["reject", "correct"])
    monkeypatch.setattr("api.routes.agents.FILE_OUTCOMES_MAX", 3)
    assert file_of(house)[0]["cut_off"] is False


def test_the_command_line_writes_the_same_file_as_the_person_of_the_token(
    reviewed: tuple[House, server.Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    house, running = reviewed
    _, _, text = file_of(house)
    out, source = tmp_path / "outcomes.jsonl", tmp_path / "reader.yaml"
    monkeypatch.setattr("api.acting.read_settings", lambda: house.settings)
    monkeypatch.setenv("MUNIMENT_TOKEN", house.token(CLERK))
    assert run(["agent", "outcomes", "reader", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert out.read_text() == text
    assert said == {"count": 3, "cut_off": False, "digest": b64url(hashlib.sha256(out.read_bytes()).digest())}
    source.write_text(profile(running))
    assert run(["agent", "calibrate", str(out), "--profile", str(source), "--precision", "0.05", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"] == said["digest"]
    assert run(["agent", "outcomes", "reader", "--since", "2100-01-01"]) == 1
    assert run(["agent", "outcomes", "reader", "--since", "soon"]) == 2
    assert run(["agent", "outcomes", "reader", "--version", "7"]) == 2
    monkeypatch.setenv("MUNIMENT_TOKEN", house.token(KEEPER))
    capsys.readouterr()
    assert run(["agent", "outcomes", "reader"]) == 1
    printed = capsys.readouterr().out
    assert json.loads(printed)["withheld"] == {"CLASS_NOT_READABLE": 3}


def test_the_migration_reads_from_the_entries_what_the_fold_keeps(
    reviewed: tuple[House, server.Running], tmp_path: Path
) -> None:
    house, _ = reviewed
    settings = copied(house.settings, tmp_path / "data")
    url = settings.database().url
    columns = "agent, entry, instance, number, step, profile, gate, verdict, confidence, reviewed_at"
    question = sa.text(f"SELECT {columns} FROM agent_outcome ORDER BY entry")
    made = config(url)
    made.attributes["upgrade"] = True
    before = ScriptDirectory.from_config(made).get_revision(REVISION).down_revision
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        kept = [tuple(row) for row in connection.execute(question)]
        connection.execute(sa.text("DROP TABLE agent_outcome"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": str(before)})
    command.upgrade(made, REVISION)
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(question)] == kept
    engine.dispose()
    assert len(kept) == 3


def test_another_model_is_another_agent_and_evidence_that_is_cited_is_not(
    reviewed: tuple[House, server.Running],
) -> None:
    house, running = reviewed
    _, lines, text = file_of(house)
    evidence = calibrated(text, profile(running), Decimal("0.05"), "0.95")
    release(house, "agent", f"{profile(running)}calibration: {json.dumps(evidence)}\n", 1)
    assert file_of(house)[1] == lines, "the same agent, which now cites what its threshold rests on"
    review(house, running, "accept")
    assert [one["correct"] for one in file_of(house, "&version=1")[1]] == [True, *[one["correct"] for one in lines]]
    release(house, "agent", profile(running, ('version: "1"', 'version: "2"')), 2)
    assert told(house)["items"] == []
    review(house, running, "reject")
    assert [one["correct"] for one in told(house)["items"]] == [False]
    assert len(told(house, "?version=2")["items"]) == 4


def of_model(running: server.Running, version: str) -> str:
    return profile(running, ('version: "1"', f'version: "{version}"'))


def test_of_two_versions_under_way_at_once_each_has_what_was_said_of_its_own(
    reviewed: tuple[House, server.Running],
) -> None:
    house, running = reviewed
    number = house.get("/v1/agents/reader", KEEPER).json()["version"]
    release(house, "agent", of_model(running, "8"), number)
    before = open_task(house, asked(house, running, "doubtful"), CLERK)
    release(house, "agent", of_model(running, "9"), number + 1)
    after = open_task(house, asked(house, running, "doubtful"), CLERK)
    assert completed(house, after, "reject", reason="not from the report").status_code == 200
    assert completed(house, before, "accept", reason="as it says").status_code == 200
    _, of_first, text = file_of(house, f"&version={number + 1}")
    _, of_second, more = file_of(house)
    assert [(one["correct"], one["task"]) for one in of_first] == [(True, before["id"])]
    assert [(one["correct"], one["task"]) for one in of_second] == [(False, after["id"])]
    with pytest.raises(BrokenInput, match="expected `confidence` and `correct`") as fault:
        calibrated(text + more, of_model(running, "8"), Decimal("0.05"), "0.95")
    assert fault.value.location == "line 3"


def test_a_label_is_not_taken_back_and_one_that_is_changed_in_a_file_is_other_evidence(
    reviewed: tuple[House, server.Running],
) -> None:
    house, running = reviewed
    number = house.get("/v1/agents/reader", KEEPER).json()["version"]
    release(house, "agent", of_model(running, "10"), number)
    task = open_task(house, asked(house, running, "doubtful"), CLERK)
    assert completed(house, task, "accept", reason="as it says").status_code == 200
    _, (line,), text = file_of(house)
    again = {"outcome": "reject", "reason": "on second thought"}
    assert house.post(f"/v1/tasks/{task['id']}/completion", CLERK, again).status_code == 409
    assert file_of(house)[1] == [line]
    changed = text.replace('"correct":true', '"correct":false')
    assert changed != text
    made, other = [calibrated(one, of_model(running, "10"), Decimal("0.05"), "0.95") for one in (text, changed)]
    assert (made["all"]["correct"], other["all"]["correct"]) == (1, 0)
    assert made["profile"] == other["profile"]
    assert len({made["outcomes"], other["outcomes"], made["digest"], other["digest"]}) == 4
