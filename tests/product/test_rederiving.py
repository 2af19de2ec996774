"""Check 12 on a log in which everything happened: every recorded permit and decision is derived again, and a register,
permit or decision that was recorded otherwise is found, with the entry."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from api.rederivers import rederivers
from api.settings import Settings
from api.wiring import TABLES, folds
from ledger.canonical import encode
from ledger.database import SqliteDatabase
from ledger.keys import load_keys
from ledger.rederiving import Look, Rederiving, Seen
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Fault, Finding, Report, Status

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def values(everything: Settings) -> list[Seen]:
    database = everything.database()
    assert isinstance(database, SqliteDatabase)
    with closing(sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT idx, previous, bytes FROM entry ORDER BY idx").fetchall()
    return [Seen(index, previous, orjson.loads(data)) for index, previous, data in rows]


@dataclass(frozen=True)
class Told:
    """A log of decoded entries in the place of one in a database: only a fault of check 12 can be found in it."""

    seen: list[Seen]

    def entries(self, start: int, end: int) -> list[tuple[int, int | None, bytes, bytes]]:
        return [(one.index, one.previous, b"", encode(one.value)) for one in self.seen[start:end]]


def judged(seen: list[Seen]) -> tuple[Finding | None, str]:
    source: Any = Told(seen)
    again = Rederiving(source, rederivers())
    return again.run(len(seen)), again.note


def verified(settings: Settings, processes: int) -> Report:
    secrets = load_keys(settings.key_folder, settings.origin, settings.secret())
    vault = replace(secrets.vault, _ciphers={})
    subject = Subject(settings.database(), settings.log, settings.origin, TABLES, folds(), vault, rederivers)
    return verify_database(subject, Manner((secrets.signer.vkey,), processes=processes))[0]


@pytest.mark.parametrize("processes", [1, 2])
def test_every_permit_and_decision_is_derived_again(everything: Settings, values: list[Seen], processes: int) -> None:
    report = verified(everything, processes)
    check = report.checks[11]
    assert (report.finding, check.number, check.status) == (None, 12, Status.PASSED)
    permits = sum("permit" in one.value.get("basis", {}) for one in values)
    decisions = sum(bool(one.value["payload"].get("decision")) for one in values)
    assert permits > 50
    assert decisions > 5
    assert f" {permits:,} permits" in check.note
    assert f" {decisions:,} decisions" in check.note
    assert "permits" not in check.note.partition("not run")[2], "a kind of entry has a permit that nobody derives"
    assert report.checks[10].note.startswith("every column of")


def with_entry(values: list[Seen], fits: Callable[[Seen], Any], change: Change) -> tuple[list[Seen], int]:
    """The log with the first entry that fits changed."""
    at = next(one.index for one in values if fits(one))
    value = orjson.loads(encode(values[at].value))
    change(value)
    return [*values[:at], values[at]._replace(value=value), *values[at + 1 :]], at


def decides(seen: Seen) -> bool:
    return bool(seen.value["payload"].get("decision"))


def of(kind: str) -> Callable[[Seen], bool]:
    return lambda seen: bool(seen.value["kind"] == kind)


def set_at(*path: Any, to: Any) -> Change:
    def change(value: dict[str, Any]) -> None:
        at: Any = value
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = to(at[path[-1]]) if callable(to) else to

    return change


OF_PERMITS = [
    pytest.param(of("task.claimed"), set_at("actor", "id", to="person:nobody"), id="another-actor"),
    pytest.param(of("task.claimed"), set_at("actor", "kind", to="service"), id="another-kind-of-actor"),
    pytest.param(of("task.claimed"), set_at("basis", "permit", "assignments", to=[1]), id="another-assignment"),
    pytest.param(of("task.claimed"), set_at("basis", "permit", "rules", to=lambda rules: rules * 2), id="rules-twice"),
    pytest.param(of("task.claimed"), set_at("basis", "permit", "rules", to=[]), id="no-rule"),
    pytest.param(of("task.claimed"), set_at("basis", "permit", "policy", to="x"), id="another-policy"),
    pytest.param(of("task.claimed"), set_at("kind", to="task.completed"), id="the-permit-of-another-kind-of-act"),
    pytest.param(of("role.assigned"), set_at("kind", to="pack.built"), id="the-permit-to-release-for-another-act"),
    pytest.param(of("task.claimed"), set_at("kind", to="task.overdue"), id="a-permit-where-no-act-needs-one"),
    pytest.param(of("change.reviewed"), set_at("payload", "verdict", to="request changes"), id="another-verdict"),
    pytest.param(of("change.reviewed"), set_at("actor", "method", to="api-key"), id="an-approval-by-a-key"),
    pytest.param(of("instance.started"), set_at("actor", "sign_in", to="key_of_nobody"), id="a-key-nobody-made"),
    pytest.param(of("pack.built"), set_at("recorded_at", to="2020-01-01T00:00:00.000000Z"), id="before-the-role"),
    pytest.param(of("access_policy.released"), set_at("payload", "digest", to="x"), id="a-policy-of-another-digest"),
]


@pytest.mark.parametrize(("fits", "change"), OF_PERMITS)
def test_a_permit_recorded_otherwise_is_named(values: list[Seen], fits: Callable[[Seen], bool], change: Change) -> None:
    log, at = with_entry(values, fits, change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at), finding


@pytest.mark.parametrize(
    "change", [set_at("payload", "proposed", "role", to="of-nobody"), set_at("payload", "proposed", "id", to="ap_none")]
)
def test_an_act_confirmed_without_the_role_that_its_proposal_names_is_named(values: list[Seen], change: Change) -> None:
    confirms = next(one for one in values if one.value["payload"].get("closes", {}).get("as") == "confirmed")
    id_ = confirms.value["payload"]["closes"]["id"]
    log, _ = with_entry(values, lambda one: one.value["payload"].get("proposed", {}).get("id") == id_, change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, confirms.index), finding


def is_resolution(seen: Seen) -> bool:
    return bool(seen.value["kind"] == "incident.resolved" and seen.value["payload"].get("acts"))


def proposes_one(seen: Seen) -> bool:
    return bool(seen.value["payload"].get("proposed", {}).get("act") == "resolve")


@pytest.mark.parametrize(
    ("fits", "change"),
    [
        pytest.param(is_resolution, set_at("payload", "acts", to=["modify"]), id="another-act"),
        pytest.param(is_resolution, set_at("payload", "acts", to=["correct", "modify"]), id="one-more-act"),
        pytest.param(proposes_one, set_at("basis", "further", 0, "rules", to=[]), id="no-rule-for-the-act"),
        pytest.param(proposes_one, set_at("basis", "further", to=[]), id="no-permit-for-the-act"),
        pytest.param(proposes_one, set_at("basis", "further", 0, "policy", to="x"), id="another-policy-for-the-act"),
    ],
)
def test_a_resolution_without_the_permits_of_its_acts_is_named(
    values: list[Seen], fits: Callable[[Seen], bool], change: Change
) -> None:
    log, at = with_entry(values, fits, change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at), finding


OF_DECISIONS = [
    pytest.param(decides, set_at("payload", "decision", "headroom", to="1.00"), id="another-headroom"),
    pytest.param(decides, set_at("payload", "decision", "person", to="person:nobody"), id="another-person"),
    pytest.param(decides, set_at("basis", "decision", "register", to="x"), id="another-register"),
    pytest.param(decides, set_at("basis", "decision", "chain", to=[]), id="another-chain"),
    pytest.param(decides, set_at("payload", "decision", "domain", to="elsewhere"), id="another-domain"),
    pytest.param(decides, set_at("payload", "statement", "outcome", to="decline"), id="signed-for-another-outcome"),
    pytest.param(decides, set_at("payload", "decision", "measure", "amount", to="999999999.00"), id="over-the-limit"),
    pytest.param(decides, set_at("payload", "transitions", to=[]), id="a-decision-without-its-task"),
]


@pytest.mark.parametrize(("fits", "change"), OF_DECISIONS)
def test_a_decision_recorded_otherwise_is_named(
    values: list[Seen], fits: Callable[[Seen], bool], change: Change
) -> None:
    log, at = with_entry(values, lambda one: fits(one) and one.value["payload"]["decision"]["usage"], change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at), finding


def decided_by_votes(seen: Seen) -> bool:
    kinds = {one["t"] for one in seen.value["payload"].get("transitions", ())}
    return bool(seen.value["kind"] == "vote.cast" and "votes.counted" in kinds)


def _drop_count(transitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in transitions if one["t"] != "votes.counted"]


def _other_outcome(transitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "outcome": "refuse"} if one["t"] == "task.completed" else one for one in transitions]


OF_VOTES = [
    pytest.param(of("vote.cast"), set_at("payload", "transitions", 0, "by", to="person:nobody"), id="of-another"),
    pytest.param(of("vote.cast"), set_at("payload", "transitions", 0, "in_chair", to=True), id="in-the-chair"),
    pytest.param(of("vote.cast"), set_at("payload", "transitions", 0, "left", to=0), id="nobody-left"),
    pytest.param(of("vote.cast"), set_at("payload", "transitions", 0, "outcome", to="refuse"), id="another-outcome"),
    pytest.param(decided_by_votes, set_at("payload", "transitions", to=_drop_count), id="not-counted"),
    pytest.param(decided_by_votes, set_at("payload", "transitions", to=_other_outcome), id="gone-on-otherwise"),
    pytest.param(decided_by_votes, set_at("payload", "transitions", 1, "how", to="vetoed"), id="counted-otherwise"),
]


@pytest.mark.parametrize(("fits", "change"), OF_VOTES)
def test_a_vote_recorded_otherwise_is_named(values: list[Seen], fits: Callable[[Seen], bool], change: Change) -> None:
    log, at = with_entry(values, fits, change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at), finding


def test_a_vote_that_is_left_out_is_missed_by_the_count(values: list[Seen]) -> None:
    first = next(one for one in values if one.value["kind"] == "vote.cast")
    last = next(one for one in values if decided_by_votes(one))
    nothing = {**first.value, "kind": "toy.happened", "basis": {}, "payload": {}}
    log, _ = with_entry(values, lambda one: one is first, lambda value: value.update(nothing))
    finding, _ = judged(log)
    assert finding is not None
    assert finding.index == last.index


def test_a_total_within_a_period_follows_from_the_decisions_before(values: list[Seen]) -> None:
    """The second decision in a window states what both come to; a service that forgot the first would be found."""
    totals: dict[str, int] = {}
    second = None
    for one in values:
        for used in (one.value["payload"].get("decision") or {"usage": ()})["usage"]:
            key = f"{used['grant']} {used['currency']} {used['window_start']}"
            if key in totals:
                second = second if second is not None else one.index
            totals[key] = one.index
    assert second is not None, "expected two decisions in one window"
    amount = values[second].value["payload"]["decision"]["measure"]["amount"]
    log, at = with_entry(
        values,
        lambda one: one.index == second,
        set_at("payload", "decision", "usage", to=lambda used: [{**one, "total": amount} for one in used]),
    )
    finding, _ = judged(log)
    assert finding is not None
    assert (finding.index, finding.check) == (at, 12)


def test_a_grant_that_is_left_out_is_missed_by_the_next_decision(values: list[Seen]) -> None:
    decision = next(one for one in values if decides(one))
    grant = decision.value["basis"]["decision"]["grants"][0]
    log, _ = with_entry(
        values,
        lambda one: one.value["kind"] == "authority.granted" and one.value["subject"] == grant,
        set_at("kind", to="toy.happened"),
    )
    finding, _ = judged(log)
    assert finding is not None
    assert finding.check == 12
    assert finding.index is not None
    assert finding.index <= decision.index


def test_what_cannot_be_read_is_a_finding_and_no_error(values: list[Seen]) -> None:
    log, at = with_entry(values, of("task.claimed"), set_at("basis", "permit", to={}))
    finding, _ = judged(log)
    assert finding is not None
    assert (finding.index, finding.expected) == (at, "an entry that can be judged again")


def taken_after(values: list[Seen], fits: Callable[[Seen], bool], reason: str, *more: Seen) -> list[Seen]:
    """The log up to the first claim that fits, then entries, then one that takes that task from who claimed it."""
    claimed = next(one for one in values if one.value["kind"] == "task.claimed" and fits(one))
    at, claim = len(more) + claimed.index + 1, claimed.value["payload"]["transitions"][0]
    taken = {"t": "task.released", "activation": claim["activation"], "why": "vacated", "reason": reason}
    payload = {"transitions": [taken], "why": "vacated", "holder": claim["by"], "result": {}}
    actor = {"id": "system", "kind": "system"}
    basis = {"blueprint": claimed.value["basis"]["blueprint"]}
    value = {**claimed.value, "kind": "task.released", "actor": actor, "basis": basis, "payload": payload}
    return [*values[: claimed.index + 1], *more, Seen(at, claimed.index, value)]


def is_decision(seen: Seen) -> bool:
    return "register" in seen.value["basis"]


def without_roles(values: list[Seen], person: str) -> list[Seen]:
    """Entries that end every role of a person, from the beginning of time on."""
    given = [one.value for one in values if one.value["kind"] == "role.assigned"]
    given = [one for one in given if one["payload"]["actor"] == person]
    held = [one["payload"] for one in given]
    for one in values:
        if one.value["kind"] == "ceremony.held":
            held += [each for each in one.value["payload"]["assignments"] if each["actor"] == person]
    ended = [{"actor": person, "assignment": one["assignment"], "valid_until": 1} for one in held]
    value = {**values[0].value, "kind": "role.unassigned", "basis": {}, "subject": person}
    return [Seen(values[-1].index + 1, None, {**value, "payload": payload}) for payload in ended]


@pytest.mark.parametrize("fits", [is_decision, lambda seen: not is_decision(seen)], ids=["decision", "form"])
@pytest.mark.parametrize("reason", ["NO_RULE", "DENIED", "REVOKED"])
def test_a_task_that_was_taken_from_who_could_still_do_it_is_named(
    values: list[Seen], fits: Callable[[Seen], bool], reason: str
) -> None:
    log = taken_after(values, fits, reason)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, len(log) - 1), finding


@pytest.mark.parametrize(("reason", "is_right"), [("NO_RULE", True), ("REVOKED", False)])
def test_a_task_is_rightly_taken_from_who_lost_the_role_for_it(values: list[Seen], reason: str, is_right: bool) -> None:
    claimed = next(one for one in values if one.value["kind"] == "task.claimed" and is_decision(one))
    person = claimed.value["payload"]["transitions"][0]["by"]
    log = taken_after(values, is_decision, reason, *without_roles(values[: claimed.index + 1], person))
    finding, note = judged(log)
    assert (finding is None) == is_right, (finding, note)
    assert is_right == ("1 tasks taken away, by roles" in note)


def test_a_task_taken_for_a_policy_that_did_not_hash_is_not_judged_by_roles(values: list[Seen]) -> None:
    _, note = judged(taken_after(values, is_decision, "STALE_POLICY"))
    assert "not run: 1 tasks taken away, by roles" in note


def test_every_decision_that_is_taken_up_is_judged(values: list[Seen]) -> None:
    claimed = [one for one in values if one.value["kind"] in ("task.claimed", "task.reassigned", "task.delegated")]
    count = sum(map(is_decision, claimed))
    assert count > 3
    assert f"{count} decisions taken up or handed on" in judged(values)[1]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(set_at("payload", "transitions", 0, "by", to="person:nobody"), id="by-who-has-no-authority"),
        pytest.param(set_at("basis", "register", to="another"), id="asked-of-another-register"),
    ],
)
def test_a_decision_taken_up_without_authority_is_named(values: list[Seen], change: Change) -> None:
    log, at = with_entry(values, lambda one: one.value["kind"] == "task.claimed" and is_decision(one), change)
    finding, note = judged(log)
    assert finding is not None, note
    assert (finding.check, finding.fault, finding.index) == (12, Fault.STATE_DRIFT, at), finding


def test_memory_does_not_hold_the_log(values: list[Seen], monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one entry, one instance and one domain everything is looked up again, with the same outcome."""
    monkeypatch.setattr("ledger.rederiving.REMEMBERED", 1)
    monkeypatch.setattr("governance.rederiving.INSTANCES_MAX", 1)
    monkeypatch.setattr("governance.rederiving.VERSIONS_MAX", 1)
    monkeypatch.setattr("rbac.rederiving.GIVEN_MAX", 1)
    monkeypatch.setattr("api.rederivers.DOMAINS_MAX", 1)
    assert judged(values)[0] is None


def test_an_entry_is_looked_up_only_where_it_is() -> None:
    source: Any = Told([])
    look: Look = Rederiving(source, ()).look
    with pytest.raises(Exception, match="expected entry 3, found none"):
        look(3)
