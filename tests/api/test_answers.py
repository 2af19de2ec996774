"""Every answer the console reads is the one that is described: a drifted one fails here."""

from typing import Any

import pytest

from api.notifications.notifying import Notifier
from api.running import notifier_links
from examples.organisation.files import artefact_files
from tests.api import releasing
from tests.api.agents import PROFILE
from tests.api.described import DOCUMENT, TYPE, differences, operation_of
from tests.api.organisation import WORD, House
from tests.api.passkeys import Holder
from tests.api.test_leases import make_calls
from tests.api.work import decide, start, stated, task_of
from tests.ledger.authenticator import ORIGIN, Authenticator

NOT_HERE = {
    "/v1/tour",  # a demo alone gives it
    "/v1/persons/{id}/passkeys",  # no role of the example holds `credential: revoke`
}
DECIDER, READER, KEEPER = "budget-owner-1", "auditor", "process-owner"


class Checked:
    """A house whose answers are held against the document; remembers which operations were visited."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.visited: set[str] = set()

    def get(self, path: str, who: str = READER) -> Any:
        answer = self.house.get(path, who)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return self.held("GET", path, answer)

    def post(self, path: str, who: str, body: Any) -> Any:
        answer = self.house.post(path, who, body)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return self.held("POST", path, answer)

    def held(self, method: str, path: str, answer: Any) -> Any:
        """The answer's value, as described."""
        value = answer.json()
        assert differences(method, path, value) == []
        self.visited.add(f"{method} {operation_of(method, path)[0]}")
        return value


@pytest.fixture(scope="module")
def checked(house: House) -> Checked:
    return Checked(house)


def _answers_about_work(checked: Checked) -> None:
    house = checked.house
    done, held, odd = start(house), start(house), start(house, mismatches=["quantity"])
    assert decide(house, task_of(house, done)).status_code == 200
    task = task_of(house, held)["id"]
    for query in (
        "",
        "?explained=1&counts=1",
        "?list=mine",
        "?list=delegated",
        "?list=team&sort=due",
        "?list=done",
        "?list=any",
        "?mine=1",
    ):
        checked.get(f"/v1/tasks{query}", DECIDER)
    read = checked.get(f"/v1/tasks/{task}", DECIDER)
    checked.post(f"/v1/tasks/{task}/release", DECIDER, {"expected_revision": read["revision"]})
    checked.post(f"/v1/tasks/{task}/claim", DECIDER, {})
    assert checked.get(f"/v1/tasks/{task}/draft", DECIDER)["version"] == 0
    assert checked.get(f"/v1/tasks/{task}/candidates", DECIDER)["items"]
    colleague = {"to": house.person("finance-director"), "reason": "prepare it"}
    checked.post(f"/v1/tasks/{task}/delegate", DECIDER, colleague)
    checked.post(f"/v1/tasks/{task}/return", "finance-director", {"outcome": "approve"})
    read = checked.get(f"/v1/tasks/{task}", DECIDER)
    for about in (f"/v1/tasks/{task}", f"/v1/process-instances/{held}"):
        person = house.person(DECIDER)
        checked.post(f"{about}/comments", DECIDER, {"text": "all lines match", "mentions": [person]})
        checked.get(f"{about}/comments", DECIDER)
        headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {house.token(DECIDER)}"}
        attached = house.client.post(f"{about}/attachments?name=a.txt", content=b"words", headers=headers)
        checked.held("POST", f"{about}/attachments", attached)
        checked.get(f"{about}/attachments", DECIDER)
    _answers_about_being_told(checked, task, held)
    said = {"outcome": "approve", "reason": "within budget", "shown_digest": read["shown_digest"]}
    checked.post(f"/v1/tasks/{task}/statement", DECIDER, said)
    checked.post(f"/v1/tasks/{task}/completion", DECIDER, stated(house, read))
    for query in ("", "?sort=updated", "?status=ended", "?step=approval&overdue=1", "?key=D-"):
        checked.get(f"/v1/process-instances{query}")
    for instance in (done, held, odd):
        checked.get(f"/v1/process-instances/{instance}")
        checked.get(f"/v1/process-instances/{instance}/history")
        checked.get(f"/v1/process-instances/{instance}/diagram")
    clerk, director = "accounts-payable-clerk", "finance-director"
    values = {"values": {"invoice_number": "I-9"}, "reason": "misread"}
    checked.post(f"/v1/process-instances/{odd}/correction", clerk, values)
    assert checked.get(f"/v1/process-instances/{odd}/acts", director)["proposals"]
    assert checked.get("/v1/act-proposals", director)["items"]
    assert checked.get(f"/v1/process-instances/{odd}/migration?number=1", director)["places"]
    bulk = checked.post("/v1/process-instances/bulk", director, {"act": "suspend", "items": [odd]})["bulk"]
    checked.get(f"/v1/process-instances/bulk/{bulk}", director)
    checked.post(f"/v1/process-instances/{odd}/cancellation", director, {"reason": "not ours"})
    checked.get("/v1/overview")
    checked.get("/v1/overview?blueprint=invoice-approval")
    again = start(house)
    decide(house, task_of(house, again))
    make_calls(house, fails="finance.post_invoice")
    (held, *_) = checked.get("/v1/incidents", "accounts-payable-clerk")["items"]
    assert checked.get(f"/v1/incidents/{held['id']}/candidates", "accounts-payable-clerk")["items"]
    assert checked.get("/v1/incidents/causes", "accounts-payable-clerk")["items"]
    checked.get("/v1/schedules", KEEPER)  # with some in it: test_schedules.py
    checked.get("/v1/decisions")
    assert len(checked.get(f"/v1/decisions/{done}.3")["decision"]["usage"]) >= 1


def _answers_about_being_told(checked: Checked, task: str, instance: str) -> None:
    house = checked.house
    until, away = house.clock.wall() + 3_600_000_000, house.person("finance-director")
    recorded = {"substitute": away, "valid_until": until, "reason": "on leave"}
    made = checked.post("/v1/substitutions", DECIDER, recorded)["substitution"]
    assert checked.get(f"/v1/substitutions?person={away}", "finance-director")["items"]
    checked.post(f"/v1/substitutions/{made}/lifting", DECIDER, {"reason": "back again"})
    wanted = {"mail": True, "address": "a@b.example"}
    chosen = "/v1/me/notification-preferences"
    checked.held("PUT", chosen, house.call("PUT", chosen, DECIDER, json=wanted))
    assert checked.get(chosen, DECIDER)["mail"]
    notifier = Notifier(notifier_links(house.settings, house.service.rooms, house.service.reader, house.submit))
    notifier.round()
    for about in (f"/v1/tasks/{task}/watch", f"/v1/process-instances/{instance}/watch"):
        for method in ("PUT", "DELETE", "PUT"):
            checked.held(method, about, house.call(method, about, DECIDER))
        assert checked.get(about, DECIDER)["is_watched"]
    checked.post(f"/v1/tasks/{task}/comments", "finance-director", {"text": "so it is"})
    notifier.round()
    (told,) = checked.get("/v1/notifications", DECIDER)["items"]
    checked.post("/v1/notifications/read", DECIDER, {"upto": told["cause"]})


def _answers_about_design(checked: Checked) -> None:
    house = checked.house
    for kind, source in (
        ("reason-code-list", releasing.LIST),
        ("calendar", releasing.CALENDAR),
        ("agent", PROFILE.replace("NAME", "reader").replace("ENDPOINT", "https://models.example.com/v1")),
        ("blueprint", releasing.SPENDING),
    ):
        releasing.release(house, kind, source)
    source = releasing.SPENDING.replace("Decide what is spent", "Decide what may be spent")
    body = {"kind": "blueprint", "source": source, "title": "t", "reason": "r", "base_version": 1}
    made = checked.post("/v1/change-requests", KEEPER, body)
    at = f"/v1/change-requests/{made['change_request']}"
    assert checked.get(f"{at}/draft", KEEPER)["version"] == 0
    assert checked.get("/v1/change-drafts/new", KEEPER)["version"] == 0
    review = {"verdict": "approve", "digest": made["digest"]}
    nonce = checked.post(f"{at}/statement", "change-reviewer", review)["nonce"]
    signed = {"statement_nonce": nonce, "password": WORD, "expected_revision": made["revision"]}
    checked.post(f"{at}/reviews", "change-reviewer", {**review, **signed})
    for path in ("", "/diff", "/checks", "/diagram", "/standing"):
        checked.get(f"{at}{path}")
    checked.post("/v1/source-checks", KEEPER, {"kind": "blueprint", "source": f"{source}more: 1"})
    checked.post(f"{at}/release", "change-reviewer", {})
    checked.get("/v1/change-requests?status=released")
    checked.get("/v1/change-requests?list=mine&counts=1", KEEPER)
    checked.get("/v1/blueprints/spending/versions/2/comparison?base=1")
    assert checked.get("/v1/connectors/finance", "change-reviewer")["operations"]
    for name in ("", "/reader", "/reader/outcomes"):
        checked.get(f"/v1/agents{name}", "change-reviewer")
    for name in ("connectors", "rule-tables", "reason-code-lists", "calendars", "blueprints"):
        assert checked.get(f"/v1/{name}", "change-reviewer" if name == "connectors" else READER)["items"]
    checked.get("/v1/calendars/always")
    checked.get("/v1/blueprints/spending")
    assert len(checked.get("/v1/blueprints/spending/versions")["items"]) == 2
    checked.get("/v1/blueprints/spending/versions/1")
    for form in ("diagram", "words"):
        checked.get(f"/v1/blueprints/spending/versions/2/{form}")
    told = checked.house.get("/v1/blueprints/spending/versions/2/source", READER)
    assert told.text == source


def _answers_about_the_ledger(checked: Checked) -> None:
    size = checked.house.size
    for path in (
        "/v1/ledger/entries", "/v1/ledger/entries?start=100&limit=200", f"/v1/ledger/entries?start={size - 90}",
        "/v1/ledger/entries?order=newest&kind=task.completed", "/v1/ledger/entries/3",
        "/v1/ledger/proofs/inclusion?index=3", "/v1/ledger/proofs/consistency?old=3",
        "/v1/ledger/receipts/3", "/v1/ledger/receipts/3?proof=1&entry=1", "/v1/ledger/verification",
    ):  # fmt: skip
        checked.get(path)
    subject = checked.get("/v1/ledger/entries/3")["entry"]["subject"]
    checked.get(f"/v1/ledger/entries?subject={subject}")
    assert checked.get("/v1/keys", "change-reviewer")["items"]
    assert checked.get("/v1/witnesses")["items"] == []
    assert checked.post("/v1/ledger/verification", READER, {})["state"] == "running"


def _answers_about_access_and_authority(checked: Checked) -> None:
    house = checked.house
    checked.get("/v1/access/policies")
    assert checked.get("/v1/access/rights?actor=auditor")["items"]
    assert checked.get("/v1/access/who-could?object=task&action=decide&domain=finance")["items"]
    assert not checked.get("/v1/access/explain?actor=auditor&object=task&action=decide")["permitted"]
    assert checked.get("/v1/access/explain?actor=auditor&object=ledger&action=read")["permitted"]
    assert checked.get("/v1/roles")["items"]
    assert checked.get("/v1/access/holders")["items"]
    assert checked.get(f"/v1/names?ids={house.person(DECIDER)}")["items"]
    policy = artefact_files("http://127.0.0.1:9100")["access-policy.yaml"]
    wider = policy.replace("question: [read, ask]", "question: [read, ask]\n      person: [read]")
    change = releasing.release(house, "access-policy", wider)["change_request"]
    assert checked.get(f"/v1/change-requests/{change}/effect", "change-reviewer")["groups"]
    assert checked.get("/v1/persons")["items"]
    assert checked.get(f"/v1/persons/{house.person(DECIDER)}")["roles"]
    assert checked.get("/v1/actors")["items"]
    checked.get("/v1/authorities")
    grants = checked.get("/v1/authority-grants")["items"]
    checked.get(f"/v1/authority-grants/{grants[0]['id']}")
    asked = {"person": DECIDER, "domain": "finance", "decision_kind": "approve-invoice", "outcome": "approve"}
    asked |= {"blueprint": "invoice-approval", "step": "approval"}
    for amount, may in (("5000.00", True), ("5000000.00", False)):
        check = {**asked, "measure": {"amount": amount, "currency": "GBP"}}
        assert checked.post("/v1/authority-checks", "compliance-officer", check)["permitted"] is may


def _answers_about_oneself_and_evidence(checked: Checked) -> None:
    checked.get("/v1/me")
    checked.get("/v1/me/sessions")
    checked.get("/v1/me/second-factor")
    checked.house.client.app.state.public_url = ORIGIN
    Holder(checked.house, READER).enrol(Authenticator())
    assert len(checked.get("/v1/me/passkeys")["items"]) == 1
    checked.get("/v1/questions")
    for asked in ("D-", "spending", "auditor", "%2317", "pi_"):
        checked.get(f"/v1/search?q={asked}")
    instance = checked.get("/v1/process-instances")["items"][-1]["id"]
    checked.post("/v1/answers", READER, {"question": "Q01", "instance": instance, "purpose": "a test"})
    body = {"instances": [instance], "purpose": "a test", "recipient": "the supervisor"}
    checked.post("/v1/evidence-packs", READER, body)
    assert checked.get("/v1/evidence-packs")["items"]
    checked.post("/v1/me/sessions/end", "finance-director", {"session": None})


def test_every_answer_is_the_one_that_is_described(checked: Checked) -> None:
    """Every operation that answers JSON alone by a closed description is visited, but for those named."""
    for about in (
        _answers_about_work,
        _answers_about_design,
        _answers_about_the_ledger,
        _answers_about_access_and_authority,
        _answers_about_oneself_and_evidence,
    ):
        about(checked)
    described = {
        f"{method.upper()} {path}"
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if method == "get" and path not in NOT_HERE and not _is_loose(operation)
    }
    assert described - checked.visited == set()


def test_a_member_that_is_not_described_is_found(checked: Checked) -> None:
    answer = checked.get("/v1/overview")
    assert differences("GET", "/v1/overview", {**answer, "more": 1})
    assert differences("GET", "/v1/overview", {**answer, "waiting": {**answer["waiting"], "more": []}})
    assert differences("GET", "/v1/overview", {name: one for name, one in answer.items() if name != "active"})


def _is_loose(operation: dict[str, Any]) -> bool:
    """No JSON, or by a description for anything: to be told apart later."""
    content = operation["responses"]["200"]["content"]
    named = content[TYPE]["schema"]["$ref"].rpartition("/")[2] if TYPE in content else ""
    return named in ("", "ItemAnswer", "PageAnswer", "CommandAnswer")
