"""Messages that instances send: to who waits, to begin an instance, kept, and without end."""

import dataclasses
from typing import Any

from ledger.actor import SYSTEM
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.message_tables import MESSAGE
from orchestrator.sending import SENT_MAX
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import DAY, HERE, HOUR, end, task, version
from versioning import blueprint as b

AMOUNT = (("number", "number"), ("amount", "amount"))


def send(name: str, next_: str, **fields: Any) -> b.SendStep:
    return b.SendStep(name, HERE, next=next_, **{"message": "m", "key": "number", "arguments": AMOUNT, **fields})


def wait(name: str, next_: str, **fields: Any) -> b.WaitStep:
    return b.WaitStep(name, HERE, next=next_, **{"message": "m", "key": "number", "into": "risk.bureau", **fields})


def test_who_waits_gets_it_in_the_same_command() -> None:
    office = Office(task("f", "s"), send("s", "done"), end())
    office.house.release(version(wait("w", "over"), end("over"), blueprint="other"))
    other = str(office.done(c.StartInstance("other", "A-1", {}), ANN).result["instance"])
    office.start(amount=5)
    office.complete("f")
    assert office.instance(other).status == "ended"
    assert office.row(tables.VARIABLE, other, "risk").value == '{"bureau":{"amount":5,"number":"A-1"}}'
    assert [entry.kind for entry in office.log.entries[-2:]] == ["task.completed", "instance.advanced"]
    office.check()


def test_nobody_waits_and_it_is_kept_until_somebody_does() -> None:
    office = Office(send("s", "done", keep_for="P2D"), end())
    office.house.release(version(wait("w", "over"), end("over"), blueprint="other"))
    office.start(amount=5)
    row = office.only(MESSAGE)
    assert (row.state, row.expires_at) == ("kept", office.log.now + 2 * DAY)
    other = str(office.done(c.StartInstance("other", "A-1", {}), ANN).result["instance"])
    assert office.instance(other).status == "ended"
    office.check()


def test_a_kept_one_expires_on_record() -> None:
    office = Office(send("s", "done"), end())
    office.start(amount=5)
    row = office.only(MESSAGE)
    office.log.now = row.expires_at
    office.done(c.ExpireMessage(row.id, row.expires_at), SYSTEM)
    assert office.log.entries[-1].kind == "message.expired"
    office.check()


def test_it_starts_what_starts_by_it_once_for_each_key() -> None:
    office = Office(task("f", "s"), send("s", "t"), task("t", "done"), end())
    started = version(task("g", "over"), end("over"), blueprint="other", message="m")
    start = dataclasses.replace(started.blueprint.start, by="message")
    office.house.release(dataclasses.replace(started, blueprint=dataclasses.replace(started.blueprint, start=start)))
    office.start(amount=5)
    office.complete("f")
    (row,) = [one for one in office.log.view.rows["instance"].values() if one.blueprint == "other"]
    assert (row.status, row.initiator) == ("active", "person:ann")
    assert office.row(tables.VARIABLE, row.id, "amount").value == "5"
    office.check()


def test_a_branch_that_begins_to_wait_in_the_same_command_gets_it() -> None:
    both = b.AllStep("both", HERE, branches=("s", "w"), next="done")
    office = Office(both, send("s", ""), wait("w", ""), end())
    office.start(amount=5)
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_what_does_not_fit_stays_kept_and_the_wait_goes_on() -> None:
    office = Office(send("s", "done", arguments=()), end())
    office.start(amount=5)
    assert office.only(MESSAGE).data == ""
    odd = Office(task("f", "s"), send("s", "done"), end())
    odd.house.release(version(wait("w", "over", into="amount"), end("over"), blueprint="other"))
    other = str(odd.done(c.StartInstance("other", "A-1", {}), ANN).result["instance"])
    odd.start(amount=5)
    odd.complete("f")
    assert odd.instance(other).status == "active"
    assert odd.only(MESSAGE).state == "kept"
    odd.check()


def test_two_that_send_to_each_other_without_end_stop_with_an_incident() -> None:
    both = b.AllStep("both", HERE, branches=("w", "s"), next="done")
    loop = (both, wait("w", "again"), send("again", "w"), send("s", ""), end())
    office = Office(*loop)
    office.start(amount=5)
    incident = office.only(tables.INCIDENT)
    assert incident.code == "MESSAGE_LIMIT"
    said = [one["t"] for entry in office.log.entries for one in entry.payload.get("transitions", ())]
    assert said.count("message.sent") == SENT_MAX + 1
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "retry"), BOB)
    office.check()


def test_what_nobody_waits_for_is_kept_after_the_entry_of_the_command_itself() -> None:
    office = Office(send("s", "f"), task("f", "t"), send("t", "done"), end())
    office.start(amount=5)
    office.complete("f")
    assert [entry.kind for entry in office.log.entries] == [
        "instance.started", "message.kept", "task.claimed", "task.completed", "message.kept",
    ]  # fmt: skip
    office.check()


def test_who_begins_to_wait_later_in_the_same_command_gets_what_was_sent_before() -> None:
    office = Office(task("f", "s"), send("s", "n"), send("n", "done", message="n"), end())
    steps = (wait("first", "w", message="n"), wait("w", "over"), end("over"))
    office.house.release(version(*steps, blueprint="other"))
    other = str(office.done(c.StartInstance("other", "A-1", {}), ANN).result["instance"])
    office.start(amount=5)
    office.complete("f")
    assert office.instance(other).status == "ended"
    assert not office.log.view.rows.get("message")
    office.check()


def test_who_begins_to_wait_for_another_is_not_given_it() -> None:
    office = Office(task("f", "s"), send("s", "n"), send("n", "done", message="n"), end())
    steps = (wait("first", "w", message="n"), wait("w", "over", key="note"), end("over"))
    office.house.release(version(*steps, blueprint="other"))
    other = str(office.done(c.StartInstance("other", "A-1", {"note": "B-1"}), ANN).result["instance"])
    office.start(amount=5)
    office.complete("f")
    assert office.instance(other).status == "active"
    assert office.only(MESSAGE).state == "kept"
    office.check()


def test_of_several_that_wait_the_one_that_has_waited_longest_gets_it() -> None:
    steps = (
        b.ChooseStep("s", HERE, branches=(b.Branch("ok", "w"), b.Branch(None, "f"))),
        task("f", "w"),
        b.WaitStep("w", HERE, message="m", key="note", next="done"),
        end(),
    )
    office = Office(*steps)
    sender = version(send("s", "done", key="note", arguments=()), end(), blueprint="sender")
    office.house.release(sender)
    older = office.start("A-1", note="n", ok=False)  # begins to wait last
    office.log.now += HOUR
    younger = office.start("A-2", note="n", ok=True)
    office.log.now += HOUR
    office.complete("f")
    last = office.start("A-3", note="n", ok=True)  # in the same instant as the older one: then that one is first
    assert office.done(c.Correlate("m", "n"), WORKER).result["instance"] == younger
    for number, instance in enumerate((older, last)):
        office.done(c.StartInstance("sender", f"S-{number}", {"note": "n"}), ANN)
        assert office.instance(instance).status == "ended"
    office.check()


def test_what_an_instance_sends_to_itself_comes_after_all_that_the_command_leads_to_and_so_after_the_join() -> None:
    for need, waits_on in ((1, False), (0, True)):
        fork = b.AllStep("f", HERE, branches=("w", "s"), need=need, next="done")
        office = Office(fork, send("s", ""), wait("w", ""), end())
        office.start(amount=5)
        # With one branch enough, the wait is closed before the message is brought: it is kept for who waits next.
        assert office.only(tables.SUBSCRIPTION).state == ("correlated" if waits_on else "closed")
        assert [row.state for row in office.log.view.rows.get("message", {}).values()] == ([] if waits_on else ["kept"])
        assert office.only(tables.INSTANCE).status == "ended"
        office.check()
