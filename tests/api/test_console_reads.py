"""What the console's screens ask, on both databases: lists that filter, sort and count truly, figures that lead to what
they count, drawings that tell how far things are, a search that says what it may not."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import instance_lists
from api.paging import LIMIT_MAX
from api.reading_as import reading_as
from api.settings import Settings
from ledger import entry_lists
from ledger.canonical import SAFE_INTEGER, from_b64url
from ledger.clock import Instant
from ledger.entry import parse_entry
from orchestrator.figures import Asked, overview
from orchestrator.instance_lists import InstancesAsked, instance_list
from orchestrator.pages import Candidate
from orchestrator.task_counts import counts
from orchestrator.task_lists import TasksAsked, task_list
from tests.api import releasing
from tests.api.conftest import DAY
from tests.api.organisation import House, copied, make, person_actor, running
from tests.api.test_leases import make_calls
from tests.api.work import decide, intake, start, task_of
from tests.postgres import PostgresServer

DECIDER, OTHER, READER, CLERK = "budget-owner-1", "budget-owner-2", "auditor", "accounts-payable-clerk"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def house(
    request: pytest.FixtureRequest, founded: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Instances in every state a screen tells apart."""
    folder: Path = tmp_path_factory.mktemp("reads") / "data"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql")
        settings = Settings(data_dir=str(folder), log="acme", database_url=server.create_database())
        make(settings)
    else:
        settings = copied(founded, folder)
    with running(settings) as house:
        for kind, source in (("reason-code-list", releasing.LIST), ("blueprint", releasing.SPENDING)):
            releasing.release(house, kind, source)
        failed = start(house)
        decide(house, task_of(house, failed))
        make_calls(house, fails="finance.post_invoice")
        posted = start(house)
        decide(house, task_of(house, posted))
        refused = start(house)
        decide(house, task_of(house, refused), outcome="refuse")
        task_of(house, start(house))
        start(house, mismatches=["quantity"])
        cancelled = start(house)
        ended = house.post(f"/v1/process-instances/{cancelled}/cancellation", "finance-director", {"reason": "r"})
        assert ended.status_code == 200, ended.text
        for _ in range(3):
            start(house)
        releasing.spend(house, intake(house))
        yield house


def everything(house: House, address: str, who: str = READER, limit: int = 3) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(LIMIT_MAX):
        sign = "&" if "?" in address else "?"
        answer = house.get(f"{address}{sign}limit={limit}{cursor}", who)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["cursor"] is None:
            return found
        cursor = f"&cursor={answer.json()['cursor']}"
    raise AssertionError("the list has no end")


def entries(house: House) -> list[dict[str, Any]]:
    return everything(house, "/v1/ledger/entries", limit=LIMIT_MAX)


@pytest.mark.parametrize("query", ["", "?blueprint=invoice-approval", "?domain=finance", "?from=1&to=2"])
def test_each_figure_leads_to_the_list_it_counts(house: House, query: str) -> None:
    figures = house.get(f"/v1/overview{query}", READER).json()
    for name, address in figures["links"].items():
        assert len(everything(house, address)) == figures[name], name
    for group in ("tasks", "jobs", "calls", "messages"):
        for one in figures["waiting"][group]:
            assert len(everything(house, one["href"])) == one["count"], one
    for one in figures["waiting"]["steps"] or ():
        assert len(everything(house, one["href"])) == one["count"], one
        assert len(everything(house, f"{one['href']}&overdue=1")) == one["overdue"], one
    for one in figures["incidents"]:
        assert len(everything(house, one["href"], CLERK)) == one["count"], one
    assert (figures["waiting"]["steps"] is None) == ("blueprint" not in query)


def test_the_figures_equal_a_count_over_the_entries(house: House) -> None:
    counted: Counter[str] = Counter()
    open_incidents: set[tuple[str, int]] = set()
    for item in entries(house):
        entry = parse_entry(from_b64url(item["bytes"]))
        for one in entry.payload.get("transitions", ()):
            counted[one["t"]] += 1
            counted["due"] += one["t"] == "task.offered" and one.get("due", 0) > 0
            if one["t"] == "incident.raised":
                open_incidents.add((entry.subject, one["incident"]))
            if one["t"] == "incident.resolved":
                open_incidents.discard((entry.subject, one["incident"]))
    figures = house.get("/v1/overview", READER).json()
    assert figures["started"] == counted["instance.started"]
    assert (figures["completed"], figures["cancelled"]) == (counted["instance.ended"], counted["instance.cancelled"])
    assert figures["active"] == figures["started"] - figures["completed"] - figures["cancelled"]
    assert figures["tasks_with_deadline"] == counted["due"]
    assert sum(one["count"] for one in figures["incidents"]) == len(open_incidents) == 1


def test_lists_of_instances_filter_and_sort(house: House) -> None:
    whole = everything(house, "/v1/process-instances")
    assert [one["id"] for one in whole] == sorted((one["id"] for one in whole), reverse=True)
    by_touch = everything(house, "/v1/process-instances?sort=updated")
    assert {one["id"] for one in by_touch} == {one["id"] for one in whole}
    assert [one["updated_index"] for one in by_touch] == sorted((one["updated_index"] for one in whole), reverse=True)
    one = whole[4]
    for query, kept in (
        ("blueprint=spending", lambda it: it["blueprint"] == "spending"),
        ("version=1", lambda it: it["number"] == 1),
        ("version=2", lambda _: False),
        ("status=ended", lambda it: it["status"] == "ended"),
        ("step=approval", lambda it: "approval" in it["steps"]),
        ("step=appro", lambda _: False),
        ("key=S-", lambda it: it["business_key"].startswith("S-")),
        ("key=s-", lambda _: False),
        ("key=%25", lambda _: False),
        (f"started_from={one['started_at']}", lambda it: it["started_at"] >= one["started_at"]),
        (f"started_to={one['started_at']}", lambda it: it["started_at"] < one["started_at"]),
    ):
        found = {it["id"] for it in everything(house, f"/v1/process-instances?{query}")}
        assert found == {it["id"] for it in whole if kept(it)}, query
    for wrong in ("status=lost", "sort=size", "overdue=yes", "waits_for=job", "waits_for=person:x", "version=x"):
        house.refused(house.get(f"/v1/process-instances?{wrong}", READER), 400, "MALFORMED")


@pytest.mark.parametrize("looked", [0, 6, 2_000])
def test_what_was_touched_last_is_in_order_however_few_entries_are_read_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch, looked: int
) -> None:
    monkeypatch.setattr("orchestrator.instance_lists.READ_AT_ONCE", 3)
    monkeypatch.setattr("orchestrator.instance_lists.LOOKED_AT_MAX", looked)
    for query in ("", "&blueprint=spending", "&step=approval", "&key=S-"):
        listed = everything(house, f"/v1/process-instances?sort=id{query}")
        by_touch = everything(house, f"/v1/process-instances?sort=updated{query}")
        assert by_touch, query
        assert [one["id"] for one in by_touch] == [
            one["id"] for one in sorted(listed, key=lambda one: one["updated_index"], reverse=True)
        ]


def test_a_file_holds_exactly_the_filtered_rows_and_says_when_it_was_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    body: dict[str, Any] = {"blueprint": "spending", "business_key": '=HYPERLINK("x")', "domain": "finance"}
    body["data"] = {"amount": {"amount": "1.00", "currency": "GBP"}}
    assert house.post("/v1/process-instances", intake(house), body).status_code == 200
    address = "/v1/process-instances?blueprint=spending"
    given = house.get(f"{address}&format=csv", READER)
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [one["id"] for one in everything(house, address)]
    assert given.headers["muniment-cut-off"] == "false"
    assert rows[0]["business_key"] == '\'=HYPERLINK("x")'  # no formula
    monkeypatch.setattr("api.routes.process_instances.CSV_ROWS_MAX", 1)
    cut = house.get(f"{address}&format=csv", READER)
    assert cut.headers["muniment-cut-off"] == "true"
    assert "first-1.csv" in cut.headers["content-disposition"]
    assert len(cut.text.splitlines()) == 2
    assert instance_lists.CSV_ROWS_MAX == 10_000


def test_an_inbox_counts_truly_and_says_what_stands_against_each_task(house: House) -> None:
    def asked(query: str, who: str) -> list[dict[str, Any]]:
        return everything(house, f"/v1/tasks?explained=1&{query}", who)

    mine, team = asked("list=mine", DECIDER), asked("list=team", DECIDER)
    assert [one["is_mine"] for one in mine] == [True]
    offered = [one for one in asked("list=open", DECIDER) if one["decision_kind"] == "approve-invoice"]
    assert {one["id"] for one in team} == {one["id"] for one in offered if not one["holder"]}
    assert len(team) > 3
    assert all(one["barred"] is None for one in (*mine, *team) if one["step"] == "approval")
    told = house.get("/v1/tasks?counts=1", DECIDER).json()
    counted = told["counts"]
    assert told["domains"] == ["finance"]
    assert counted == {"mine": len(mine), "team": len(team), "overdue": 0, "mine_overdue": 0, "delegated": 0}
    both = asked("list=candidate&sort=due", DECIDER)
    assert sorted(one["id"] for one in both) == sorted(one["id"] for one in (*mine, *team))
    without = asked("list=candidate&no_due=1", DECIDER)
    assert {one["id"] for one in without} == {one["id"] for one in both if one["due_at"] is None}
    dues = [one["due_at"] for one in both]
    assert dues == sorted(dues, key=lambda due: (due is None, due or 0))
    [held] = [one for one in asked("list=open", OTHER) if one["holder"]]
    assert held["barred"]["reason"] == "CLAIMED_BY_OTHER"
    assert held["holder_name"] == DECIDER  # the reference: a budget owner may not read names
    assert {one["offered_to"] for one in team if one["step"] == "approval"} == {"approve invoice"}
    [form] = [one for one in asked("list=open", DECIDER) if one["step"] == "exception"]
    assert (form["kind"], form["barred"]["reason"]) == ("task", "NO_RULE")
    assert form["offered_to"] == "Clears mismatches and failed postings"
    assert {one["state"] for one in asked("list=done", DECIDER)} == {"completed"}
    assert len(asked("list=any", DECIDER)) > len(asked("list=open", DECIDER))
    house.refused(house.get("/v1/tasks?list=all", DECIDER), 400, "MALFORMED")
    read = house.get(f"/v1/tasks/{held['id']}", OTHER).json()
    assert {one["barred"]["reason"] for one in read["choices"]} == {"CLAIMED_BY_OTHER"}
    assert {one["outcome"]: one["next"]["step"] for one in read["choices"]} == {
        "approve": "post",
        "refuse": "tell-supplier",
    }
    assert read["choices"][0]["next"]["words"].startswith("Post. ")


def test_explaining_many_tasks_asks_no_more_than_explaining_few(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.get("/v1/tasks?list=team&explained=1", DECIDER)  # fills the caches of what is immutable
    asked: Counter[int] = Counter()
    with house.service.reader.view() as view:
        kind = type(view._connection)
    for name in ("query", "load"):
        real = getattr(kind, name)

        def counting(self: Any, *given: Any, real: Any = real) -> Any:
            asked[limit] += 1
            return real(self, *given)

        monkeypatch.setattr(kind, name, counting)
    for limit in (1, 4):
        answer = house.get(f"/v1/tasks?list=team&explained=1&limit={limit}", DECIDER)
        assert len(answer.json()["items"]) == limit
    assert asked[1] == asked[4]


def test_the_drawing_of_an_instance_tells_how_far_it_is(house: House) -> None:
    told: dict[str, set[str]] = {}
    for one in everything(house, "/v1/process-instances?blueprint=invoice-approval"):
        drawn = house.get(f"/v1/process-instances/{one['id']}/diagram", READER).json()
        released = house.get("/v1/blueprints/invoice-approval/versions/1/diagram", READER).json()
        assert drawn["diagram"] == released["diagram"]
        assert drawn["is_whole"]
        assert {step["step"] for step in drawn["steps"] if step["live"]} == set(one["steps"])
        for step in drawn["steps"]:
            told.setdefault(step["status"], set()).add(step["step"])
            assert (step["status"] == "untouched") == (step["visits"] == 0)
            assert (step["since"] is not None) == bool(step["live"])
            for live in step["live"]:
                assert live["id"] == "" or house.get(f"/v1/tasks/{live['id']}", READER).json()["step"] == step["step"]
                assert live["due_at"] is None or step["due_at"] <= live["due_at"]
    assert "approval" in told["waiting"] & told["active"] & told["done"] & told["stopped"]
    assert told["failed"] == {"post"}
    assert "exception" in told["untouched"]
    unknown = house.get("/v1/process-instances/pi_none/diagram", READER)
    house.refused(unknown, 404, "NOT_FOUND")


def test_a_change_is_drawn_over_what_it_changes(house: House) -> None:
    source = releasing.SPENDING.replace("[approve, refuse]\n    auth", "[approve, refuse, defer]\n    auth")
    source = source.replace("refuse: done}", "refuse: done, defer: later}").replace(
        "  done: {end", "  later: {end: deferred}\n  done: {end"
    )
    body = {"kind": "blueprint", "source": source, "title": "Defer", "reason": "r", "base_version": 1}
    made = house.post("/v1/change-requests", "process-owner", body).json()
    drawn = house.get(f"/v1/change-requests/{made['change_request']}/diagram", READER).json()
    marks = {node["id"]: node["mark"] for node in drawn["diagram"]["nodes"]}
    assert (marks["later"], marks["decision"], marks["done"]) == ("added", "changed", "")
    assert any("defer" in line for line in drawn["words"])
    assert {(row["step"], row["what"]) for row in drawn["fields"]} >= {("decision", "field"), ("later", "step")}
    first = house.get("/v1/change-requests?kind=blueprint&status=released", READER).json()["items"][-1]
    whole = house.get(f"/v1/change-requests/{first['id']}/diagram", READER).json()
    assert {node["mark"] for node in whole["diagram"]["nodes"]} == {"added"}
    other = house.get("/v1/change-requests?kind=reason-code-list", READER).json()["items"][0]
    nothing = house.get(f"/v1/change-requests/{other['id']}/diagram", READER).json()
    assert (nothing["diagram"], nothing["why_not"]) == (None, "NOT_A_BLUEPRINT")


def test_entries_are_picked_and_a_page_looks_at_a_bounded_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = entries(house)
    person, at = house.person(DECIDER), whole[len(whole) // 2]["entry"]["recorded_at"]
    for query, kept in (
        ("kind=task.completed", lambda it: it["kind"] == "task.completed"),
        (f"actor={person}", lambda it: it["actor"].get("person") == person),
        (f"from={at}", lambda it: it["recorded_at"] >= at),
        (f"to={at}&kind=change.released", lambda it: it["recorded_at"] < at and it["kind"] == "change.released"),
    ):
        wanted = [one["index"] for one in whole if kept(one["entry"])]
        assert wanted, query
        found = everything(house, f"/v1/ledger/entries?{query}", limit=50)
        assert [one["index"] for one in found] == wanted, query
        newest = everything(house, f"/v1/ledger/entries?order=newest&{query}", limit=50)
        assert [one["index"] for one in newest] == wanted[::-1], query
    monkeypatch.setattr(entry_lists, "LOOKED_AT_MAX", 40)
    short = house.get("/v1/ledger/entries?kind=task.completed", READER).json()
    assert short["items"] == []
    assert short["cursor"] is not None
    found = everything(house, "/v1/ledger/entries?kind=task.completed")
    assert [one["index"] for one in found] == [
        one["index"] for one in whole if one["entry"]["kind"] == "task.completed"
    ]


def test_versions_tell_who_wrote_approved_and_released_each(house: House) -> None:
    [version] = house.get("/v1/blueprints/spending/versions", READER).json()["items"]
    assert version["authors"] == [house.person("process-owner")]
    assert [one["person"] for one in version["approvals"]] == [house.person("change-reviewer")] == version["approvers"]
    assert version["released_by"] == house.person("change-reviewer")
    assert version["proposed_at"] <= version["approvals"][0]["recorded_at"] <= version["released_at"]
    entry = house.get(f"/v1/ledger/entries/{version['entry_index']}", READER).json()["entry"]
    assert (entry["kind"], entry["subject"]) == ("change.released", version["change_request"])


def told(house: House, instance: str, kind: str, who: str = READER) -> dict[str, Any]:
    """The newest item of this kind in the history of an instance."""
    items = everything(house, f"/v1/process-instances/{instance}/history", who)
    return next(one for one in items if one["kind"] == kind)


def test_a_history_tells_who_why_and_what_followed_as_its_reader_may_see_it(house: House) -> None:
    case = everything(house, "/v1/process-instances?step=post")[0]["id"]
    decided = told(house, case, "task.completed")
    assert (decided["who"], decided["reason"]) == (DECIDER, "within budget")
    assert decided["decision"]["outcome"] == "approve"
    started = told(house, case, "instance.started")
    laid = {one["detail"]["path"]: one["detail"]["value"] for one in started["followed"] if "path" in one["detail"]}
    assert (laid["order_number"], laid["supplier"]["name"]) == ("PO-1", "Supplier")
    hidden = told(house, case, "task.completed", "process-owner")
    assert hidden["reason"]["reason"] == "CLASS_NOT_READABLE"
    [cancelled] = everything(house, "/v1/process-instances?status=cancelled")
    assert told(house, cancelled["id"], "instance.cancelled")["reason"] == "r"
    drawn = house.get(f"/v1/process-instances/{case}/diagram", READER).json()
    visits = {one["activation"]: one["step"] for one in drawn["visits"]}
    offered = [one for one in started["followed"] if one["type"] == "task.offered"]
    assert [visits[one["activation"]] for one in offered] == ["approval"]


def test_lists_of_instances_name_their_steps_and_the_next_deadline(house: House) -> None:
    for one in everything(house, "/v1/process-instances?status=active"):
        tasks = house.get(f"/v1/process-instances/{one['id']}", READER).json()["tasks"]
        assert one["due_at"] == min((task["due_at"] for task in tasks if task["due_at"]), default=None)
        assert len(one["step_titles"]) == len(one["steps"])


def test_incidents_are_counted_by_cause_and_over_only_when_their_step_is(house: House) -> None:
    [cause] = house.get("/v1/incidents/causes", CLERK).json()["items"]
    found = everything(house, f"/v1/incidents?code={cause['code']}&step={cause['step']}", CLERK)
    assert (cause["count"], cause["code"], cause["step_title"]) == (len(found), "NO_SUCH_ACCOUNT", "Post")
    assert cause["barred"] is None
    assert found[0]["ways"] == ["retry", "correct", "skip", "other"]
    other = house.get("/v1/incidents", "finance-director").json()["items"][0]
    assert (other["barred"]["reason"], other["id"]) == ("NO_RULE", found[0]["id"])
    resolve = f"/v1/incidents/{found[0]['id']}/resolution"
    assert house.post(resolve, CLERK, {"how": "retry", "reason": "again"}).status_code == 200

    def since() -> list[str]:
        listed = everything(house, f"/v1/incidents?state=any&instance={found[0]['instance']}", CLERK)
        return [one["since"] for one in listed]

    assert since() == ["under way"]
    make_calls(house, fails="finance.post_invoice")
    assert since() == ["held again", ""]
    again = everything(house, f"/v1/incidents?order=newest&instance={found[0]['instance']}", CLERK)[0]["id"]
    assert house.post(f"/v1/incidents/{again}/resolution", CLERK, {"how": "retry"}).status_code == 200
    make_calls(house)
    assert since() == ["finished", "finished"]
    assert told(house, found[0]["instance"], "incident.resolved", CLERK)["who"] == CLERK


def test_what_is_late_is_listed_and_counted_alike(house: House) -> None:
    with house.service.reader.view() as view:
        view.now = Instant(view.now + 30 * DAY)
        rows = reading_as(view, person_actor(house.person(READER)))
        figures = overview(rows, Asked(("finance",), "invoice-approval", 0, SAFE_INTEGER))
        asked = TasksAsked(("finance",), "any", blueprint="invoice-approval", late=True)
        late = task_list(rows, asked, None, LIMIT_MAX)
        overdue = task_list(rows, TasksAsked(("finance",), due_before=view.now), None, LIMIT_MAX)
        held = instance_list(rows, InstancesAsked(("finance",), overdue=True), None, LIMIT_MAX)
        counted = counts(rows, ("finance",), Candidate(house.person(DECIDER), (), ("approve-invoice",), lambda _: True))
    assert figures["tasks_late"] == len(late) == len(overdue) > 3
    assert {one.row.instance for one in overdue} == {one.id for one in held}
    assert sum(one["overdue"] for one in figures["waiting"]["steps"]) == len(held)
    assert counted.overdue == len([one for one in overdue if one.row.decision_kind])
