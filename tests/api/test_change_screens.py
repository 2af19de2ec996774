"""What the screens of blueprints and change requests ask, on both databases: lists with true counts, what each person
could do before they try, who may review and why, what an edit made stale, versions compared, sources tried."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.api import releasing
from tests.api.organisation import WORD, House, copied, make, running
from tests.api.work import start
from tests.postgres import PostgresServer
from versioning.foreseen import ACTIONS

AUTHOR, REVIEWER, READER, KEEPER = "process-owner", "change-reviewer", "auditor", "register-keeper"
AT = "/v1/change-requests"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def house(
    request: pytest.FixtureRequest, founded: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("changes") / "data"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql")
        settings = Settings(data_dir=str(folder), log="acme", database_url=server.create_database())
        make(settings)
    else:
        settings = copied(founded, folder)
    with running(settings) as house:
        for kind, source in (("reason-code-list", releasing.LIST), ("blueprint", releasing.SPENDING)):
            releasing.release(house, kind, source)
        releasing.release(house, "blueprint", edited("Decide what is spent now"), 1)
        yield house


def edited(title: str) -> str:
    return releasing.SPENDING.replace("Decide what is spent", title)


def propose(house: House, source: str = "", who: str = AUTHOR, **more: Any) -> dict[str, Any]:
    """A change of the blueprint `spending`, in review."""
    source = source or edited("Decide what may be spent")
    body = {"kind": "blueprint", "source": source, "title": "t", "reason": "r", "base_version": 2, **more}
    answer = house.post(AT, who, body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def approve(house: House, made: dict[str, Any], who: str = REVIEWER) -> dict[str, Any]:
    body = {"verdict": "approve", "digest": made["digest"], "expected_revision": made["revision"]}
    answer = house.review(f"{AT}/{made['change_request']}", who, body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def standing(house: House, made: dict[str, Any], who: str) -> dict[str, Any]:
    answer = house.get(f"{AT}/{made['change_request']}/standing", who)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def withdraw(house: House, made: dict[str, Any]) -> None:
    revision = house.get(f"{AT}/{made['change_request']}", AUTHOR).json()["revision"]
    body = {"expected_revision": revision}
    assert house.post(f"{AT}/{made['change_request']}/withdrawal", AUTHOR, body).status_code == 200


def ids(house: House, query: str, who: str) -> list[str]:
    """All of a list, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        answer = house.get(f"{AT}?limit=2&{query}{cursor}", who).json()
        found += [one["id"] for one in answer["items"]]
        if answer["cursor"] is None:
            return found
        cursor = f"&cursor={answer['cursor']}"


def test_each_count_is_the_length_of_its_list(house: House) -> None:
    waits, approved, draft = propose(house), propose(house), propose(house, draft=True)
    others = propose(house, who=KEEPER)
    approve(house, approved)
    for who in (AUTHOR, REVIEWER, KEEPER):
        told = house.get(f"{AT}?counts=1", who).json()["counts"]
        lists = {name: ids(house, f"list={name}", who) for name in told}
        assert {name: len(found) for name, found in lists.items()} == told, who
        assert all(found == sorted(found, reverse=True) for found in lists.values())
        assert (waits["change_request"] in lists["review"]) == (who != AUTHOR)
        assert approved["change_request"] not in lists["review"]
        assert draft["change_request"] not in lists["review"]
        assert (draft["change_request"] in lists["mine"]) == (who == AUTHOR)
        assert (others["change_request"] in lists["mine"]) == (who == KEEPER)
        assert lists["release"] == [approved["change_request"]]
    named = house.get(f"{AT}?list=open&name=spending", REVIEWER).json()
    assert {one["name"] for one in named["items"]} == {"spending"}
    assert {one["ref"] for one in named["people"]} == {AUTHOR, KEEPER}
    assert ids(house, "name=nothing-of-the-kind", REVIEWER) == []
    listed = {one["name"]: one for one in house.get("/v1/blueprints", READER).json()["items"]}
    assert listed["spending"]["open_changes"] == len(ids(house, "list=open&kind=blueprint&name=spending", READER))
    house.refused(house.get(f"{AT}?list=everything", READER), 400, "MALFORMED")
    others_revision = {"expected_revision": others["revision"]}
    house.post(f"{AT}/{others['change_request']}/withdrawal", KEEPER, others_revision)
    for made in (waits, approved, draft):
        withdraw(house, made)


def test_one_approval_of_two_takes_it_off_the_list_of_who_gave_it(house: House) -> None:
    made = propose(house)
    assert made["change_request"] in ids(house, "list=review", REVIEWER)
    approve(house, made)
    revised = {"source": edited("Decide anew"), "expected_revision": made["revision"] + 1}
    again = house.call("PUT", f"{AT}/{made['change_request']}/source", AUTHOR, json=revised).json()
    assert again["change_request"] in ids(house, "list=review", REVIEWER)  # its approval is of another edit
    withdraw(house, made)


def test_active_instances_of_a_blueprint_are_counted(house: House) -> None:
    def active() -> int:
        listed = house.get("/v1/blueprints", READER).json()["items"]
        (count,) = [one["active_instances"] for one in listed if one["name"] == "invoice-approval"]
        return int(count)

    before = active()
    start(house)
    assert active() == before + 1
    found = house.get("/v1/process-instances?blueprint=invoice-approval&status=active", READER).json()
    assert len(found["items"]) == active()


def attempt(house: House, made: dict[str, Any], who: str, act: str) -> Any:
    """The act as it is tried, with everything given that it needs."""
    at = f"{AT}/{made['change_request']}"
    seen = house.get(at, AUTHOR).json()
    revision = {"expected_revision": seen["revision"]}
    if act in ("approve", "request_changes", "refuse"):
        said = {"verdict": act.replace("_", " "), "digest": seen["digest"], "reason": "r"}
        stated = house.post(f"{at}/statement", who, said)
        signed = {"statement_nonce": stated.json()["nonce"], "password": WORD} if stated.status_code == 200 else {}
        return house.post(f"{at}/reviews", who, {**said, **signed, **revision})
    if act == "edit":
        return house.call("PUT", f"{at}/source", who, json={"source": edited(f"By {who}"), **revision})
    if act == "release":
        return house.post(f"{at}/release", who, {})
    return house.post(f"{at}/{'submission' if act == 'submit' else 'withdrawal'}", who, revision)


@pytest.mark.parametrize("state", ["draft", "in review", "approved", "withdrawn"])
def test_what_is_told_to_be_refused_is_refused_for_that_reason(house: House, state: str) -> None:
    made = propose(house, draft=state == "draft")
    if state == "approved":
        approve(house, made)
    if state == "withdrawn":
        withdraw(house, made)
    for who in (READER, AUTHOR, REVIEWER):
        told = standing(house, made, who)["acts"]
        assert set(told) == set(ACTIONS)
        for act, refusal in told.items():
            if refusal is not None:
                answer = attempt(house, made, who, act).json()
                assert (answer["reason"], answer["detail"]) == (refusal["reason"], refusal["detail"]), (who, act)
    own, free = standing(house, made, AUTHOR)["acts"], standing(house, made, REVIEWER)["acts"]
    permitted = {
        "draft": ({"edit", "submit", "withdraw"}, set()),
        "in review": ({"edit", "withdraw"}, {"approve", "request_changes", "refuse"}),
        "approved": ({"edit", "withdraw"}, {"request_changes", "refuse", "release"}),
        "withdrawn": (set(), set()),
    }[state]
    assert tuple({act for act, refusal in told.items() if refusal is None} for told in (own, free)) == permitted
    if state != "withdrawn":
        withdraw(house, made)


def test_what_is_told_to_be_possible_is(house: House) -> None:
    made = propose(house, draft=True)
    for who, act, outcome in (
        (AUTHOR, "submit", "submitted"),
        (REVIEWER, "request_changes", "changes requested"),
        (AUTHOR, "edit", "edited"),
        (REVIEWER, "approve", "approved"),
        (AUTHOR, "withdraw", "withdrawn"),
    ):
        assert standing(house, made, who)["acts"][act] is None
        answer = attempt(house, made, who, act)
        assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)


def test_who_may_review_and_why_and_what_bars_them(house: House) -> None:
    made = propose(house, who=KEEPER)
    told = standing(house, made, READER)
    called = {one["id"]: one["ref"] for one in told["people"]}
    (reviewer,) = [one for one in told["reviewers"] if called[one["person"]] == REVIEWER]
    assert reviewer["may_approve"]
    assert reviewer["roles"] == [{"name": "change-reviewer", "title": "Approves and releases changes of others"}]
    assert reviewer["barred"] is None
    both = {REVIEWER, "change-reviewer-2"}
    assert {called[one["person"]] for one in told["reviewers"]} == both
    assert {called[one["person"]] for one in told["releasers"]} == both
    approve(house, made)
    barred = {one["person"]: one["barred"] for one in standing(house, made, READER)["reviewers"]}
    assert barred.pop(house.person(REVIEWER))["reason"] == "ALREADY_APPROVED"
    assert [*barred.values()] == [None]
    last = standing(house, made, READER)["last"]
    assert (last["kind"], last["by"]) == ("change.reviewed", house.person(REVIEWER))
    body = {"expected_revision": house.get(f"{AT}/{made['change_request']}", KEEPER).json()["revision"]}
    house.post(f"{AT}/{made['change_request']}/withdrawal", KEEPER, body)
    closed = standing(house, made, READER)
    assert (closed["reviewers"], closed["releasers"]) == ([], [])


def test_a_stale_approval_says_what_was_edited_since(house: House) -> None:
    made = approve(house, propose(house))
    assert standing(house, made, READER)["stale"] == []
    body = {"source": edited("Decide what must be spent"), "expected_revision": made["revision"]}
    house.call("PUT", f"{AT}/{made['change_request']}/source", AUTHOR, json=body)
    (stale,) = standing(house, made, READER)["stale"]
    assert stale["review"] == 1
    assert stale["changed"] == [
        {"path": "purpose", "before": "Decide what may be spent.", "after": "Decide what must be spent."}
    ]
    withdraw(house, made)


def test_a_base_that_moved_is_told(house: House) -> None:
    stays = propose(house)
    assert not standing(house, stays, READER)["base_moved"]
    moves = propose(house, edited("Decide faster"))
    releasing.carry(house, moves)
    told = standing(house, stays, REVIEWER)
    assert (told["base_moved"], told["current_version"]) == (True, 3)
    withdraw(house, stays)


def test_any_two_versions_are_compared(house: House) -> None:
    at = "/v1/blueprints/spending/versions"
    forth = house.get(f"{at}/2/comparison?base=1", READER).json()
    assert forth["fields"] == [
        {
            "step": "",
            "what": "field",
            "field": "the purpose",
            "before": "Decide what is spent.",
            "after": "Decide what is spent now.",
            "field_wording": {"code": "diff.the-purpose", "arguments": {}},
            "before_wording": None,  # the words of whoever wrote it
            "after_wording": None,
        }
    ]
    assert [one["code"] for one in forth["wordings"]] == ["diff.blueprint-field"]
    back = house.get(f"{at}/1/comparison?base=2", READER).json()
    assert [(one["before"], one["after"]) for one in back["fields"]] == [
        (one["after"], one["before"]) for one in forth["fields"]
    ]
    assert (back["digest"], back["base_digest"]) == (forth["base_digest"], forth["digest"])
    assert house.get(f"{at}/1/comparison?base=1", READER).json()["words"] == []
    house.refused(house.get(f"{at}/2/comparison?base=9", READER), 404, "NOT_FOUND")
    house.refused(house.get(f"{at}/2/comparison", READER), 400, "MALFORMED")
    house.refused(house.get(f"{at}/2/comparison?base=1"), 401, "NO_CREDENTIAL")


def test_a_source_is_tried_and_nothing_is_written(house: House) -> None:
    def tried(source: str, kind: str = "blueprint", who: str = AUTHOR) -> Any:
        return house.post("/v1/source-checks", who, {"kind": kind, "source": source})

    house.token(AUTHOR)
    size = house.size
    good = tried(edited("Decide")).json()
    assert (good["name"], good["current_version"] >= 2, good["findings"]) == ("spending", True, [])
    new = tried(releasing.SPENDING.replace("blueprint: spending", "blueprint: spending-more")).json()
    assert (new["name"], new["current_version"]) == ("spending-more", 0)
    broken = releasing.SPENDING.replace("type: money", "type: monet").replace("role: role", "role: rule")
    told = tried(broken).json()
    assert told["name"] == ""
    errors = [one for one in told["findings"] if one["severity"] == "error"]
    assert len(errors) >= 2  # all of them, not the first alone
    lines = broken.splitlines()
    assert {lines[int(one["location"].partition(":")[0]) - 1].strip() for one in errors} == {
        "amount: {type: monet, class: internal, required: true}",
        "role: rule budget-owner",
    }
    unknown = tried(releasing.SPENDING.replace("role: role budget-owner", "role: role nobody-has-it")).json()
    assert [one["severity"] for one in unknown["findings"]]
    assert tried("codes: [", "reason-code-list").json()["findings"][0]["severity"] == "error"
    assert house.size == size
    house.refused(tried("x", "no-such-kind"), 400, "MALFORMED")
    house.refused(tried(edited("Decide"), who=READER), 403, "NO_RULE")
    assert house.refused(
        house.post("/v1/source-checks", "", {"kind": "blueprint", "source": "x"}), 401, "NO_CREDENTIAL"
    )


def test_names_are_for_who_may_read_personal_values(house: House) -> None:
    at = "/v1/blueprints/spending/versions"
    for who, names in ((READER, {None}), ("compliance-officer", {"Process Owner", "Change Reviewer"})):
        told = house.get(at, who).json()["people"]
        assert {one["name"] for one in told} == names
        assert {one["ref"] for one in told} == {AUTHOR, REVIEWER}
    assert {one["ref"] for one in house.get(f"{at}/1", READER).json()["people"]} == {AUTHOR, REVIEWER}
