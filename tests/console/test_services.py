"""Agents, connectors and schedules in a real browser: what is told of each is what the service counted."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.cli_agent import calibrated
from api.settings import Settings
from examples.services import agents as server
from ledger.actor import SYSTEM
from orchestrator.breaker import Limits
from orchestrator.commands import FailCall, LeaseCalls, PlanStarts, StartCall
from tests.api.agents import PROFILE, asked, employ, open_task
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import CALENDAR, release, retire
from tests.api.test_connectors import HOOK
from tests.api.test_schedules import REPORT
from tests.api.work import decide, start, task_of
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go

pytestmark = pytest.mark.browser

CLERK, OWNER, DIRECTOR = "accounts-payable-clerk", "process-owner", "finance-director"
HANDLER = "incident-handler"  # reads the register, and what is confidential


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An agent that was asked twice, once past its gate and once reviewed and corrected; a blueprint by the clock."""
    folder: Path = tmp_path_factory.mktemp("services") / "data"
    running = server.start()
    try:
        with serving(copied(founded, folder)) as house:
            employ(house, running, "reader")
            asked(house, running)
            task = open_task(house, asked(house, running, "doubtful"), CLERK)
            claimed = house.post(f"/v1/tasks/{task['id']}/claim", CLERK, {})
            assert claimed.status_code == 200, claimed.text
            read = house.get(f"/v1/tasks/{task['id']}", CLERK).json()
            done = {"outcome": "reject", "reason": "too low", "shown_digest": read["shown_digest"]}
            answer = house.post(f"/v1/tasks/{task['id']}/completion", CLERK, {**done, "data": {}})
            assert answer.status_code == 200, answer.text
            soon = (datetime.now(UTC) + timedelta(hours=2)).strftime('["%H:%M"]')
            release(house, "connector", HOOK)
            release(house, "blueprint", REPORT.replace("TIMES", soon))
            house.run(PlanStarts("daily-report"), SYSTEM)
            for who in (CLERK, OWNER, DIRECTOR, HANDLER):
                house.token(who)
            yield house
    finally:
        running.stop()


def fail_a_call(house: House) -> None:
    """A call of the finance connector that nobody answered in time, as the runner records it."""
    decide(house, task_of(house, start(house)))
    (call,) = house.run(LeaseCalls("test", limits=(Limits("finance"),)), SYSTEM).outcome.result["calls"]
    house.run(StartCall(call["call"], call["lease"]), SYSTEM)
    done = house.run(FailCall(call["call"], call["lease"], "TIME_OUT", retryable=True), SYSTEM)
    assert done.outcome.result["status"]


def at(window: OpenWindow, place: str, **looks: str | int) -> Person:
    """The process owner's window at a place."""
    person = window(**looks)
    person.sign_in(OWNER, WORD)
    go(person, place)
    return person


def test_an_agent_tells_its_profile_and_what_became_of_its_answers(served: House, window: OpenWindow) -> None:
    told = served.get("/v1/agents/reader", OWNER).json()
    assert (told["figures"]["asked"], told["figures"]["passed"], told["figures"]["rejected"]) == (2, 1, 1)
    person = at(window, "agents")
    row = person.page.get_by_role("row").filter(has_text="reader")
    expect(row).to_contain_text("0 corrected, 1 rejected")
    row.get_by_text("Reads the report").click()
    pane = person.page.get_by_role("region", name="Reads the report")
    expect(pane).to_contain_text("by-rules, version 1")
    expect(pane).to_contain_text("data up to confidential")
    expect(pane).to_contain_text("nothing shows on what outcomes a threshold rests")
    gates = pane.get_by_role("grid", name="Gates, by the step that asks it").get_by_role("row").last
    for said in ("Grading", "Scored spending", "4 required", "confidence >= 0.80", "no gate", "accounts-payable"):
        expect(gates).to_contain_text(said)
    figures = pane.get_by_role("grid", name="What became of its answers, by version").get_by_role("row").last
    expect(figures).to_contain_text("100")
    pane.get_by_text("Prompt", exact=True).click()
    expect(pane.get_by_text("Grade the report.")).to_be_visible()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (HANDLER, "1 outcome saved"),
        (OWNER, "No outcome could be saved"),  # who may not read the class gets no confidence
    ],
)
def test_labelled_outcomes_are_saved_as_the_file_that_calibration_takes(
    served: House, window: OpenWindow, who: str, said: str
) -> None:
    person = window()
    person.sign_in(who, WORD)
    go(person, "agents?name=reader")
    pane = person.page.get_by_role("region", name="Reads the report")
    with person.page.expect_download() as saved:
        pane.get_by_role("button", name="Save labelled outcomes").click()
    text = Path(saved.value.path()).read_text()
    answer = served.get("/v1/agents/reader/outcomes?format=jsonl", who)
    assert text == answer.text
    expect(pane.get_by_role("status").filter(has_text="outcome")).to_contain_text(said)
    expect(pane).to_contain_text(answer.headers["etag"].strip('"')[:8])
    withheld = pane.get_by_text("Of 1 review the confidence is not told")
    expect(withheld).to_have_count(0 if who == HANDLER else 1)


def test_a_calibration_is_told_by_its_figures(served: House, window: OpenWindow) -> None:
    before = served.get("/v1/agents/reader", OWNER).json()
    source = PROFILE.replace("NAME", "reader").replace("ENDPOINT", before["endpoint"])
    outcomes = "\n".join(f'{{"confidence": 0.9, "correct": {str(n > 1).lower()}}}' for n in range(200))
    evidence = calibrated(outcomes, source, Decimal("0.95"), "0.95")
    release(served, "agent", f"{source}calibration: {json.dumps(evidence)}\n", before["version"])
    pane = at(window, "agents?name=reader").page.get_by_role("region", name="Reads the report")
    expect(pane).to_contain_text("198 of 200 labelled outcomes right")
    low = evidence["threshold"]["low"]
    expect(pane).to_contain_text(f"From confidence 0.9 on 198 of 200 right: at least {low} at the level 0.95")
    expect(pane).to_contain_text("In use, 0 of 1 reviewed were accepted as they were")
    expect(pane).to_contain_text(evidence["digest"][:8])


def test_a_connector_tells_where_it_leads_and_what_it_can_do(served: House, window: OpenWindow) -> None:
    told = served.get("/v1/connectors/finance", OWNER).json()
    person = at(window, "connectors")
    person.page.get_by_role("row").filter(has_text="finance").first.click()
    pane = person.page.get_by_role("region", name=told["title"])
    expect(pane).to_contain_text(told["leads_to"])
    for one in told["operations"]:
        expect(pane.get_by_role("grid", name="Operations")).to_contain_text(one["name"])
    expect(pane).to_contain_text("None lately")


def test_what_comes_in_is_told_apart_from_what_goes_out(served: House, window: OpenWindow) -> None:
    person = at(window, "connectors")
    out = person.page.get_by_role("row").filter(has_text="finance")
    expect(out).to_contain_text("Goes out")
    expect(out).to_contain_text("Calls go out")
    row = person.page.locator('.table-row[data-key="crm"]')
    expect(row).to_contain_text("Comes in")
    expect(row).to_contain_text("Signed hook")
    expect(row).not_to_contain_text("Calls go out")
    row.get_by_text("Customers").click()
    pane = person.page.get_by_role("region", name="Customers")
    expect(pane).to_contain_text("POST /v1/hooks/crm")
    expect(pane).to_contain_text("svc:loan-portal in lending")
    expect(pane).to_contain_text("deal-won")
    expect(pane).not_to_contain_text("After failures")


def test_a_failing_connector_tells_what_failed_and_leads_to_its_incidents(served: House, window: OpenWindow) -> None:
    fail_a_call(served)
    told = served.get("/v1/connectors/finance", OWNER).json()["breaker"]
    assert (told["failures"], told["failed_with"]) == (1, "TIME_OUT")
    person = at(window, "connectors")
    row = person.page.get_by_role("row").filter(has_text="finance")
    expect(row).to_contain_text("TIME_OUT")
    expect(row).to_contain_text("1 failing call lately")
    may = served.get("/v1/me", OWNER).json()["may"]
    link = row.get_by_role("link", name="Incidents with this code")
    expect(link).to_have_count(1 if "incident:read" in may else 0)
    if "incident:read" in may:
        assert link.get_attribute("href") == "/console/incidents?code=TIME_OUT"


def test_a_schedule_tells_when_it_begins_next_and_what_becomes_of_the_missed(served: House, window: OpenWindow) -> None:
    (told,) = served.get("/v1/schedules", OWNER).json()["items"]
    person = at(window, "schedules")
    pane = person.page.get_by_role("region", name="Daily report")
    expect(pane).to_contain_text(f"each day at {told['times'][0]} (Etc/UTC)")
    expect(pane).to_contain_text(told["next_occurrences"][0]["words"])
    expect(pane).to_contain_text("The latest missed one is started late")
    pane.get_by_text("And 4 more").click()
    expect(pane.get_by_text(told["next_occurrences"][4]["words"])).to_be_visible()


def test_why_then_is_told_in_the_readers_language(served: House, window: OpenWindow) -> None:
    (told,) = served.get("/v1/schedules", OWNER).json()["items"]
    day = date.fromisoformat(told["next_occurrences"][0]["local"][:10])
    person = at(window, "schedules", language="de-DE")
    pane = person.page.get_by_role("region", name="Daily report")
    weekday = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")[day.weekday()]
    expect(pane.locator(".server-words").first).to_contain_text(f"{weekday}, {day.day}. ")
    assert pane.locator("[lang=en]").count() == 0


def test_a_schedule_that_is_held_says_why_and_what_to_do(served: House, window: OpenWindow) -> None:
    calendar = release(served, "calendar", CALENDAR)
    source = REPORT.replace("daily-report", "held-report").replace("Daily report", "Held report")
    source = source.replace("every: day, at: TIMES, zone: Etc/UTC", 'every: business day, at: "09:00"')
    release(served, "blueprint", source.replace("data:\n", "calendar: always\ndata:\n", 1))
    served.run(PlanStarts("held-report"), SYSTEM)
    person = at(window, "schedules")
    pane = person.page.get_by_role("region", name="Held report")
    expect(pane).to_contain_text("Planned")
    retire(served, "calendar", "always", calendar["version"])
    served.run(PlanStarts("held-report"), SYSTEM)
    person = at(window, "schedules")
    pane = person.page.get_by_role("region", name="Held report")
    expect(pane).to_contain_text("Held")
    expect(pane).to_contain_text("Its calendar is not in force: release it.")
    expect(pane).to_contain_text("None is known")
    assert (person.violations(), person.overflow()) == ([], 0)


def test_who_may_not_read_the_register_is_told(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, "agents")
    assert person.page.get_by_role("link", name="Agents", exact=True).count() == 0
    assert person.page.get_by_role("grid").count() == 0
    assert [one for one in person.faults if "403" not in one] == []
    person.faults.clear()  # the refusal that was meant


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", ["agents?name=reader", "connectors?name=finance", "connectors?name=crm", "schedules"])
def test_the_screens_keep_the_rules_of_access(served: House, window: OpenWindow, place: str, width: int) -> None:
    person = at(window, place, width=width)
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
