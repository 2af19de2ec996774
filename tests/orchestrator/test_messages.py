"""Messages: kept until somebody waits, delivered once, de-duplicated by the sender's id, expired on record."""

import dataclasses
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.kept import DELIVERED_MAX
from orchestrator.message_tables import MESSAGE, MESSAGE_BOX
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import DAY, HERE, HOUR, end, task, version
from versioning import blueprint as b

WAIT = (
    task("f", "w"),
    b.WaitStep("w", HERE, message="m", key="number", into="secret", next="done"),
    end(),
)


def message(**fields: Any) -> c.Correlate:
    return c.Correlate(**{"message": "m", "key": "A-1", "data": {"name": "Jo Doe"}, "keep_for": "P1D", **fields})


def kinds(office: Office) -> list[str]:
    return [entry.kind for entry in office.log.entries]


def test_a_message_before_the_wait_is_not_lost() -> None:
    office = Office(*WAIT)
    kept = office.done(message(), WORKER)
    assert kept.outcome == "kept"
    assert kept.result["expires_at"] == office.log.now + DAY
    instance = office.start()
    office.complete("f")
    assert office.instance(instance).outcome == "done"
    assert kinds(office) == ["message.kept", "instance.started", "task.claimed", "task.completed", "message.delivered"]
    row = office.row(MESSAGE, kept.result["kept"])
    assert (row.state, row.instance) == ("delivered", instance)
    followed = office.log.entries[-2].payload["transitions"]
    assert {"t": "message.correlated", "activation": row.number, "kept": row.id} in followed
    assert office.only(tables.SUBSCRIPTION).state == "correlated"
    office.check()


def test_a_message_without_keep_for_is_refused_as_long_as_nobody_waits() -> None:
    office = Office(*WAIT)
    assert office.refused(message(keep_for=""), WORKER) is Reason.NOT_FOUND


@pytest.mark.parametrize("keep_for", ["P31D", "P0D", "P1M", "P", "soon", "P30DT1S", "-P1D"])
def test_how_long_is_at_most_thirty_days(keep_for: str) -> None:
    office = Office(*WAIT)
    assert office.refused(message(keep_for=keep_for), WORKER) is Reason.INVALID_DATA
    assert office.refused(message(message_id="x" * 201), WORKER) is Reason.INVALID_DATA
    assert office.done(message(keep_for="P30D", message_id="x" * 200), WORKER).outcome == "kept"


def test_who_may_not_deliver_may_not_have_kept() -> None:
    office = Office(*WAIT)
    office.house.refused.add(("message", "correlate"))
    assert office.refused(message(), WORKER) is Reason.NO_RULE


def test_the_oldest_is_delivered_first_and_each_once() -> None:
    office = Office(
        b.WaitStep("v", HERE, message="m", key="number", into="amount", next="w"),
        b.WaitStep("w", HERE, message="m", key="number", into="amount", next="f"),
        task("f", "done"),
        end(),
    )
    kept = []
    for amount in (1, 2, 3):
        kept.append(office.done(message(data=amount), WORKER).result["kept"])
        office.log.now += 1
    instance = office.start()
    assert [office.row(MESSAGE, one).state for one in kept] == ["delivered", "delivered", "kept"]
    assert office.row(tables.VARIABLE, instance, "amount").value == "2"
    box = office.only(MESSAGE_BOX)
    assert box.oldest == box.newest == kept[2]
    office.check()


def test_two_that_wait_at_once_get_two_messages() -> None:
    office = Office(
        b.AllStep("all", HERE, branches=("v", "w"), next="done"),
        b.WaitStep("v", HERE, message="m", key="number"),
        b.WaitStep("w", HERE, message="m", key="number"),
        end(),
    )
    office.done(message(data=None), WORKER)
    office.start()
    assert sorted(row.state for row in office.log.view.rows["subscription"].values()) == ["correlated", "open"]
    office.check()
    assert office.done(message(data=None), WORKER).outcome == "correlated"
    assert office.only(tables.INSTANCE).outcome == "done"


def test_a_kept_message_that_does_not_fit_stays_kept_and_is_told() -> None:
    office = Office(*WAIT)
    odd = office.done(message(data=7), WORKER).result["kept"]
    office.log.now += 1
    instance = office.start()
    office.complete("f")
    (over,) = [one for one in office.log.entries[-1].payload["transitions"] if one["t"] == "message.passed_over"]
    assert over["kept"] == odd
    assert office.row(MESSAGE, odd).state == "kept"
    assert office.instance(instance).status == "active"
    assert office.done(message(), WORKER).outcome == "correlated"  # one that fits is not held up by it
    office.check()


def test_one_that_does_not_fit_does_not_hold_up_those_behind_it() -> None:
    office = Office(*WAIT)
    odd = office.done(message(data=7), WORKER).result["kept"]
    office.log.now += 1
    good = office.done(message(), WORKER).result["kept"]
    office.start()
    office.complete("f")
    assert [office.row(MESSAGE, one).state for one in (odd, good)] == ["kept", "delivered"]
    assert office.only(MESSAGE_BOX).newest == odd
    office.check()


def test_a_kept_message_whose_data_were_erased_is_delivered_to_nobody() -> None:
    office = Office(*WAIT)
    kept = office.done(message(), WORKER).result["kept"]
    office.log.openings = {name: (of, at, None) for name, (of, at, _) in office.log.openings.items()}
    instance = office.start()
    office.complete("f")
    assert office.row(MESSAGE, kept).state == "kept"
    assert office.instance(instance).status == "active"


def test_an_event_a_step_is_watched_for_takes_a_kept_message() -> None:
    watch = b.Watch("message", "m", "stopped", key="number", into="secret")
    office = Office(task("f", "done", watches=(watch,)), end(), end("stopped", "stopped"))
    office.done(message(), WORKER)
    instance = office.start()
    assert office.instance(instance).outcome == "stopped"
    assert office.only(tables.TASK).state == "cancelled"
    assert b'"kept":"ms_' in encode(dict(office.log.entries[-2].payload))
    office.check()


def test_messages_that_come_again_beside_a_step_are_bounded_by_an_incident() -> None:
    watch = b.Watch("message", "m", "note", key="number", meanwhile=True)
    office = Office(
        task("f", "done", watches=(watch,)),
        end(),
        b.ChooseStep("note", HERE, branches=(b.Branch(None, "n"),)),
        task("n"),
    )
    for _ in range(DELIVERED_MAX + 3):
        office.done(message(data=None), WORKER)
    office.start()
    states = [row.state for row in office.log.view.rows["message"].values()]
    assert (states.count("delivered"), states.count("kept")) == (DELIVERED_MAX, 3)
    incident = office.only(tables.INCIDENT, state="open")
    assert incident.code == "MESSAGE_LIMIT"
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "retry"))
    assert {row.state for row in office.log.view.rows["message"].values()} == {"delivered"}
    office.check()


def test_a_message_of_another_domain_or_key_is_for_somebody_else() -> None:
    office = Office(*WAIT)
    office.done(message(domain="elsewhere"), WORKER)
    office.done(message(key="A-2"), WORKER)
    office.done(message(message="n"), WORKER)
    office.start()
    office.complete("f")
    assert {row.state for row in office.log.view.rows["message"].values()} == {"kept"}


def test_one_who_waits_gets_messages_of_its_own_domain_and_of_the_whole_organisation_by_age() -> None:
    office = Office(*WAIT)
    office.house.release(version(*WAIT[1:], blueprint="again"))
    kept = []
    for domain in ("organisation", "lending", "elsewhere"):
        kept.append(office.done(message(domain=domain), WORKER).result["kept"])
        office.log.now += 1
    for key in ("A-1", "A-2"):
        office.done(c.StartInstance("toy", key, {"secret": {"name": "Jo Doe"}}, domain="lending"), ANN)
        office.complete("f")
    states = [office.row(MESSAGE, one).state for one in kept]
    assert states == ["delivered", "kept", "kept"]  # A-2 waits for a message of its own key
    office.done(c.StartInstance("again", "A-1", {}, domain="lending"), ANN)
    assert [office.row(MESSAGE, one).state for one in kept] == ["delivered", "delivered", "kept"]
    office.check()


def expire(office: Office) -> list[str]:
    due = store.due_messages(office.log.query, office.log.now, 100)
    return [office.done(c.ExpireMessage(one.message_id, one.due), SYSTEM).result["kept"] for one in due]  # type: ignore[arg-type]


def test_a_message_nobody_waited_for_expires_on_record() -> None:
    office = Office(*WAIT)
    long = office.done(message(keep_for="P2D"), WORKER).result["kept"]
    office.log.now += 1
    short = office.done(message(keep_for="PT1H"), WORKER).result["kept"]
    assert office.refused(c.ExpireMessage(short, office.row(MESSAGE, short).expires_at), ANN) is Reason.DENIED
    early = c.ExpireMessage(short, office.row(MESSAGE, short).expires_at)
    assert office.refused(early, SYSTEM) is Reason.WRONG_STATE
    office.log.now += HOUR
    assert expire(office) == [short]
    assert office.log.entries[-1].kind == "message.expired"
    assert office.refused(early, SYSTEM) is Reason.WRONG_STATE
    office.start()
    office.complete("f")
    assert [office.row(MESSAGE, one).state for one in (long, short)] == ["delivered", "expired"]
    office.check()


def test_past_its_time_a_message_is_delivered_no_more_though_its_expiry_is_not_recorded_yet() -> None:
    office = Office(*WAIT)
    office.done(message(), WORKER)
    office.log.now += DAY
    instance = office.start()
    office.complete("f")
    assert office.instance(instance).status == "active"
    assert len(expire(office)) == 1
    office.check()


def test_messages_leave_their_box_from_anywhere() -> None:
    office = Office(*WAIT)
    kept = []
    for days in (3, 1, 2):
        kept.append(office.done(message(keep_for=f"P{days}D"), WORKER).result["kept"])
        office.log.now += 1
    office.log.now += DAY
    assert expire(office) == [kept[1]]
    assert office.row(MESSAGE, kept[0]).after == kept[2]
    assert office.row(MESSAGE, kept[2]).before == kept[0]
    office.log.now += DAY
    assert expire(office) == [kept[2]]
    box = office.only(MESSAGE_BOX)
    assert box.oldest == box.newest == kept[0]
    office.check()


def test_the_same_id_has_one_effect_while_it_is_kept() -> None:
    office = Office(*WAIT)
    first = office.done(message(message_id="e-1"), WORKER)
    size = len(office.log.entries)
    again = office.done(message(message_id="e-1"), BOB)
    assert again.outcome == "repeated"
    assert again.result["kept"] == first.result["kept"]
    assert len(office.log.entries) == size
    assert office.refused(message(message_id="e-1", data={"name": "Jo Roe"}), WORKER) is Reason.MESSAGE_ID_REUSED
    assert office.done(message(message_id="e-1", key="A-2"), WORKER).outcome == "kept"
    assert office.done(message(message_id="e-2"), WORKER).outcome == "kept"
    office.check()


@pytest.mark.parametrize("waits", [False, True])
def test_the_same_id_has_one_effect_for_thirty_days_after_delivery(waits: bool) -> None:
    office = Office(*WAIT)
    if not waits:
        office.done(message(message_id="e-1"), WORKER)
    instance = office.start()
    office.complete("f")
    if waits:
        office.done(message(message_id="e-1"), WORKER)
    office.log.now += 30 * DAY - 1
    again = office.done(message(message_id="e-1"), WORKER)
    assert (again.outcome, again.result["became"], again.result["instance"]) == ("repeated", "correlated", instance)
    assert office.refused(message(message_id="e-1", data=None), WORKER) is Reason.MESSAGE_ID_REUSED
    office.log.now += 1
    assert office.done(message(message_id="e-1"), WORKER).outcome == "kept"
    office.check()


def test_after_expiry_the_same_id_is_another_message() -> None:
    office = Office(*WAIT)
    office.done(message(message_id="e-1"), WORKER)
    office.log.now += DAY
    expire(office)
    assert office.done(message(message_id="e-1", data=None), WORKER).outcome == "kept"
    office.check()


def test_a_refused_message_leaves_its_id_free() -> None:
    office = Office(*WAIT)
    office.start()
    office.complete("f")
    assert office.refused(message(message_id="e-1", data=7), WORKER) is Reason.INVALID_DATA
    assert office.done(message(message_id="e-1"), WORKER).outcome == "correlated"


def test_who_waits_is_looked_for_by_an_index_and_so_are_messages_that_are_due() -> None:
    office = Office(*WAIT)
    plan = office.log.plan(
        "SELECT id, expires_at FROM message WHERE log_id = {log} AND state = 'kept' AND expires_at <= ?"
        " ORDER BY expires_at, id LIMIT ?",
        (1, 1),
    )
    assert "message_due" in plan
    assert "SCAN" not in plan


def test_a_kept_message_reaches_a_child_and_takes_its_parent_on() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    office.house.release(
        version(b.WaitStep("w", HERE, message="m", key="number", next="done"), end(), blueprint="child")
    )
    office.done(message(data=None), WORKER)
    instance = office.start()
    assert office.instance(instance).outcome == "done"
    office.check()


# Start by message

STARTED = (task("f", "w"), b.WaitStep("w", HERE, message="m", key="number", into="secret", next="done"), end())


def starting(*steps: b.Step, **fields: Any) -> Office:
    office = Office(*WAIT)
    value = version(*(steps or STARTED), blueprint="started", **fields)
    start = dataclasses.replace(value.blueprint.start, by="message", message="m")
    office.house.release(
        dataclasses.replace(value, digest="started", blueprint=dataclasses.replace(value.blueprint, start=start))
    )
    return office


def begun(key: str = "A-1", **fields: Any) -> c.Correlate:
    return message(**{"key": key, "data": {"number": key, "secret": {"name": "Jo Doe"}}, **fields})


def test_a_message_starts_an_instance_once_for_each_key() -> None:
    office = starting()
    done = office.done(begun(message_id="e-1"), ANN)
    assert done.outcome == "started"
    instance = office.instance(done.result["instance"])
    assert (instance.blueprint, instance.initiator) == ("started", "person:ann")
    assert office.refused(begun(), ANN) is Reason.BUSINESS_KEY_TAKEN
    assert office.refused(begun(message_id="e-2"), ANN) is Reason.BUSINESS_KEY_TAKEN
    again = office.done(begun(message_id="e-1"), ANN)
    assert (again.outcome, again.result["became"], again.result["instance"]) == ("repeated", "started", instance.id)
    assert office.refused(begun(message_id="e-1", data={"number": "A-1"}), ANN) is Reason.MESSAGE_ID_REUSED
    assert office.done(begun("A-2"), ANN).outcome == "started"
    office.check()


def test_a_message_that_could_be_delivered_starts_nothing() -> None:
    office = starting()
    first = office.done(begun(), ANN).result["instance"]
    office.complete("f")
    said = office.done(message(), ANN)
    assert (said.outcome, said.result["instance"]) == ("correlated", first)
    assert office.instance(first).outcome == "done"
    assert len(office.log.view.rows["instance"]) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, Reason.INVALID_DATA),
        ("text", Reason.INVALID_DATA),
        ({}, Reason.INVALID_DATA),
        ({"number": ""}, Reason.INVALID_DATA),
        ({"number": "A-1", "unknown": 1}, Reason.INVALID_DATA),
        ({"number": "A-1", "amount": "x"}, Reason.INVALID_DATA),
    ],
)
def test_a_message_whose_data_start_nothing_is_refused_and_not_kept(data: Any, reason: Reason) -> None:
    assert starting().refused(begun(data=data), ANN) is reason


def test_who_may_not_start_starts_nothing_by_a_message_either() -> None:
    office = starting()
    assert office.refused(begun(), BOB) is Reason.NO_RULE  # not the role
    office.house.refused.add(("instance", "start"))
    assert office.refused(begun(), ANN) is Reason.NO_RULE


def test_what_starts_by_message_is_not_started_by_hand() -> None:
    assert starting().refused(c.StartInstance("started", "A-1", {}), ANN) is Reason.WRONG_STATE


def test_two_blueprints_that_start_by_one_message_start_nothing() -> None:
    office = starting()
    other = office.house.released["started"]
    office.house.release(dataclasses.replace(other, blueprint=dataclasses.replace(other.blueprint, id="other")))
    assert office.refused(begun(), ANN) is Reason.WRONG_STATE
