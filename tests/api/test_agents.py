"""Agents at the door: proposed, asked over HTTP, reviewed in a task, counted, and found sound by verification."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from api.cli_agent import calibrated
from examples.services import agents as server
from tests.api.agents import PROFILE, SCORED, asked, employ, open_task
from tests.api.described import differences
from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.test_verification import PATH, ended

CLERK = "accounts-payable-clerk"
OWNER = "budget-owner-1"
KEEPER = "change-reviewer"


@pytest.fixture(scope="module")
def agents(house: House) -> Iterator[tuple[House, server.Running]]:
    running = server.start()
    try:
        employ(house, running, "reader", "other")
        yield house, running
    finally:
        running.stop()


def held(house: House, path: str, who: str = KEEPER) -> Any:
    """An answer that is the described one."""
    answer = house.get(path, who)
    assert answer.status_code == 200, answer.text
    assert differences("GET", path, answer.json()) == []
    return answer.json()


def completed(house: House, task: dict[str, Any], outcome: str, who: str = CLERK, **more: Any) -> Any:
    at = f"/v1/tasks/{task['id']}"
    assert house.post(f"{at}/claim", who, {}).status_code == 200
    return house.post(f"{at}/completion", who, {"outcome": outcome, "shown_digest": task["shown_digest"], **more})


def test_what_passes_the_gates_needs_nobody(agents: tuple[House, server.Running]) -> None:
    house, running = agents
    instance = asked(house, running)
    task = open_task(house, instance, OWNER)
    assert (task["step"], task["kind"], task["proposal"]) == ("seen", "task", None)
    history = held(house, f"/v1/process-instances/{instance}/history", OWNER)
    assert "It passed every gate." in str(history)


def test_a_review_is_a_task_with_input_output_and_ground_and_a_correction_goes_on(
    agents: tuple[House, server.Running],
) -> None:
    house, running = agents
    instance = asked(house, running, "doubtful")
    task = held(house, f"/v1/tasks/{open_task(house, instance, CLERK)['id']}", CLERK)
    assert (task["kind"], task["outcomes"]) == ("review", ["accept", "correct", "reject"])
    assert task["shown"]["report"] == {"score": 800, "defaults": 0}
    proposal = task["proposal"]
    assert (proposal["agent"], proposal["gate"], proposal["into"]) == ("reader", "condition", "risk")
    assert proposal["output"]["confidence"] == "0.31"
    fields = {one["path"]: (one["type"], one["required"]) for one in task["fields"]}
    assert fields["grade"] == ("integer", True)
    assert fields["findings"] == ("list", True)
    assert [one["outcome"] for one in task["choices"]] == ["accept", "correct", "reject"]
    assert task["choices"][0]["next"]["step"] == "seen"
    assert task["choices"][2]["next"] is None
    wrong = house.post(f"/v1/tasks/{task['id']}/completion", CLERK, {"outcome": "approve"})
    house.refused(wrong, 409, "NOT_CLAIMED")
    corrected = {**proposal["output"], "grade": 3}
    answer = completed(house, task, "correct", data=corrected)
    assert answer.status_code == 200, answer.text
    assert differences("POST", f"/v1/tasks/{task['id']}/completion", answer.json()) == []
    following = open_task(house, instance, OWNER)
    assert (following["step"], following["shown"]["risk"]["grade"]) == ("seen", 3)
    listed = held(house, "/v1/tasks?list=any&limit=100", CLERK)["items"]
    assert [one["kind"] for one in listed if one["id"] == task["id"]] == ["review"]


def test_who_may_not_read_the_class_sees_commitments(agents: tuple[House, server.Running]) -> None:
    house, running = agents
    task = open_task(house, asked(house, running, "doubtful"), CLERK)
    told = held(house, f"/v1/tasks/{task['id']}", KEEPER)
    assert told["shown"]["report"]["$commitment"]
    assert told["proposal"]["output"]["$commitment"]
    assert told["shown_digest"] == task["shown_digest"]


def test_figures_stand_at_the_agent_and_its_versions(agents: tuple[House, server.Running]) -> None:
    house, running = agents
    before = held(house, "/v1/agents/reader")["figures"]
    for outcome, more in (("accept", {}), ("reject", {"reason": "not from the report"})):
        task = open_task(house, asked(house, running, "doubtful"), CLERK)
        assert completed(house, task, outcome, **more).status_code == 200
    read = held(house, "/v1/agents/reader")
    figures = read["figures"]
    assert (figures["accepted"], figures["rejected"]) == (before["accepted"] + 1, before["rejected"] + 1)
    assert figures["agreement_per_mille"] + figures["override_per_mille"] in (999, 1_000)
    assert figures["time_on_task_ms"] >= 0
    assert (read["endpoint"], read["sees"], read["worker"]) == (running.address, "confidential", None)
    (version,) = read["versions"]
    assert (version["version"], version["made"]) == (1, figures["made"])
    items = {one["name"]: one for one in held(house, "/v1/agents")["items"]}
    assert items["reader"]["figures"] == figures
    assert items["other"]["figures"]["agreement_per_mille"] is None
    house.refused(house.get("/v1/agents/nobody", KEEPER), 404, "NOT_FOUND")
    assert house.get("/v1/agents").status_code == 401


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("agent: reader", "agent: reeder", "reference"),
        ("agent: reader", "agent: grade-report", ""),
        ("    into: risk\n", "    into: risk\n    judge: reader\n", "agent.judge"),
        ("    into: risk\n", "    into: risk\n    judge: other\n", ""),
        ("    into: risk\n", "    into: risk\n    gate rules: nowhere\n", "reference"),
        ("    into: risk\n", "    into: risk\n    gate rules: match-outcome\n", "agent.rules"),
        ("report: {class: confidential", "report: {class: personal", "agent.class"),
        ("role accounts-payable", "role nobody", "reference"),
    ],
)
def test_what_a_step_names_is_checked_when_it_is_proposed(
    agents: tuple[House, server.Running], old: str, new: str, rule: str
) -> None:
    house, _ = agents
    assert old in SCORED
    body = {"kind": "blueprint", "source": SCORED.replace(old, new)}
    checked = house.post("/v1/source-checks", "process-owner", body).json()
    errors = [one["rule"] for one in checked["findings"] if one["severity"] == "error"]
    assert set(errors) - {"shows.class"} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ENDPOINT\n", "ENDPOINT\nworker: w\n", "one of `endpoint` and `worker`"),
        ("temperature: 0", "stream: true", "no parameter `stream`"),
        ("sees: confidential", "sees: all", "expected one of public"),
        ("task: grade-report", "task: grade-report, when: = amount <", "a condition that can be read"),
        ("sees: conf", "tools: [finance.post_invoice]\nsees: conf", "does not only read"),
        ("sees: conf", "tools: [finance.nothing]\nsees: conf", "no connector in force"),
        ("sees: conf", "calibration: abc\nsees: conf", "digest of a calibration"),
    ],
)
def test_a_profile_that_says_what_cannot_be_is_refused(
    agents: tuple[House, server.Running], old: str, new: str, words: str
) -> None:
    house, running = agents
    assert old in PROFILE
    source = PROFILE.replace(old, new).replace("NAME", "third").replace("ENDPOINT", running.address)
    checked = house.post("/v1/source-checks", "process-owner", {"kind": "agent", "source": source}).json()
    assert words in str(checked["findings"])


LOOKED_UP = """\
connector: registry
base_url: https://registry.example.com
operations:
  find: {method: GET, path: /find, takes: {name: {in: query, type: string, class: internal}}}
"""


@pytest.mark.parametrize(("sees", "warned"), [("internal", False), ("confidential", True)])
def test_who_reads_a_profile_is_told_which_tool_it_will_do_without(
    agents: tuple[House, server.Running], sees: str, warned: bool
) -> None:
    house, running = agents
    if house.get("/v1/connectors/registry", KEEPER).status_code == 404:
        release(house, "connector", LOOKED_UP)
    source = PROFILE.replace("NAME", "third").replace("ENDPOINT", running.address)
    source = source.replace("sees: confidential", f"tools: [registry.find]\nsees: {sees}")
    checked = house.post("/v1/source-checks", "process-owner", {"kind": "agent", "source": source}).json()
    told = [(one["rule"], one["severity"]) for one in checked["findings"] if one["rule"] == "agent.tool"]
    assert told == [("agent.tool", "warning")] * warned


def test_the_whole_log_is_sound(agents: tuple[House, server.Running]) -> None:
    """State is the fold, every act is judged again, and the agents' entries are among them."""
    house, running = agents
    asked(house, running)
    assert house.post(PATH, "auditor", {}).status_code == 200
    report = ended(lambda: house.get(PATH, "auditor").json())["report"]
    assert (report["sound"], report["finding"]) == (True, None)


def test_an_agent_tells_its_gates_by_step_and_what_its_calibration_says(agents: tuple[House, server.Running]) -> None:
    house, running = agents
    (gates,) = held(house, "/v1/agents/reader")["gates"]
    assert (gates["blueprint"], gates["step"], gates["asked_as"]) == ("scored-spending", "grading", "named")
    assert gates["required"] == ["grade", "summary", "confidence", "findings"]
    assert gates["condition"] == "confidence >= 0.80 and count(findings) = 0"
    assert (gates["table"], gates["judge"], gates["sample_per_cent"]) == (None, None, None)
    assert gates["review_by"] == "accounts-payable"
    assert held(house, "/v1/agents/other")["gates"] == []
    # Another step asks for the type of task both serve, with the other as the judge, and draws a lot.
    by_task = (
        SCORED.replace("blueprint: scored-spending", "blueprint: judged-spending")
        .replace("    agent: reader\n", "    agent: grade-report\n    judge: other\n    sample: 2.5%\n")
        .replace("title: Scored spending", "title: Judged spending")
    )
    release(house, "blueprint", by_task)
    judged = {one["asked_as"]: one for one in held(house, "/v1/agents/other")["gates"]}
    assert set(judged) == {"task", "judge"}
    assert (judged["judge"]["judge"], judged["judge"]["sample_per_cent"]) == ("other", "2.50")
    # Evidence in the profile is told by its figures; a digest alone has none.
    assert held(house, "/v1/agents/reader")["evidence"] is None
    source = PROFILE.replace("NAME", "reader").replace("ENDPOINT", running.address)
    outcomes = "\n".join(f'{{"confidence": 0.9, "correct": {str(n > 1).lower()}}}' for n in range(200))
    evidence = calibrated(outcomes, source, Decimal("0.95"), "0.95")
    release(house, "agent", f"{source}calibration: {json.dumps(evidence)}\n", 1)
    told = held(house, "/v1/agents/reader")
    assert (told["calibration"], told["evidence"]["digest"]) == (evidence["digest"], evidence["digest"])
    assert (told["evidence"]["all"]["count"], told["evidence"]["all"]["correct"]) == (200, 198)
    assert told["evidence"]["threshold"]["confidence"] == "0.9"
