"""The engine's door: what each command records, what it refuses, and that the rows are the fold of the entries."""

from typing import Any

import pytest

from governance.signature import Signed
from governance.tables import DECISION as DECISIONS
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB, EVE, WORKER, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, SECOND, decide, end, task, version
from versioning import blueprint as b

FORM = (task("f", "done", shows=("amount", "secret"), expects=("amount",)), end())


def test_start_to_end_is_recorded_with_what_it_rests_on() -> None:
    office = Office(*FORM)
    instance = office.start(amount=3, secret={"name": "Jo Doe"})
    office.complete("f", data={"amount": 4})
    kinds = [entry.kind for entry in office.log.entries]
    assert kinds == ["instance.started", "task.claimed", "task.completed"]
    assert {entry.subject for entry in office.log.entries} == {instance}
    assert office.log.entries[2].basis["permit"]["rules"] == ["task complete"]
    row = office.instance(instance)
    assert (row.status, row.outcome, row.revision, row.marking) == ("ended", "done", 3, "[]")
    assert office.row(tables.VARIABLE, instance, "amount").value == "4"
    assert office.row(tables.STEP_ACTOR, instance, "f", "person:bob") is not None
    office.check()


def test_second_start_with_the_same_business_key_is_refused_and_names_the_first() -> None:
    office = Office(*FORM)
    instance = office.start()
    said = office.send(c.StartInstance("toy", "A-1", {}), ANN)
    assert isinstance(said, Refusal)
    assert (said.reason, said.details) == (Reason.BUSINESS_KEY_TAKEN, (("instance", instance),))
    office.complete("f", data={"amount": 1})
    assert office.refused(c.StartInstance("toy", "A-1", {}), ANN) is Reason.BUSINESS_KEY_TAKEN


def test_business_key_is_free_again_after_the_end_where_the_blueprint_says_so() -> None:
    office = Office(*FORM, reuse="after end")
    office.start()
    assert office.refused(c.StartInstance("toy", "A-1", {}), ANN) is Reason.BUSINESS_KEY_TAKEN
    office.complete("f", data={"amount": 1})
    office.start()
    office.check()


def test_classed_business_key_is_unique_too_and_stands_nowhere_in_clear() -> None:
    value = version(*FORM)
    fields = (b.DataField("number", "string", required=True), *value.blueprint.data[1:])
    import dataclasses

    office = Office(*FORM)
    office.house.release(
        dataclasses.replace(value, digest="classed", blueprint=dataclasses.replace(value.blueprint, data=fields))
    )
    office.start("Jo Doe")
    assert office.refused(c.StartInstance("toy", "Jo Doe", {}), ANN) is Reason.BUSINESS_KEY_TAKEN
    office.check()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.StartInstance("nothing", "A-1", {}), Reason.NOT_FOUND),
        (c.StartInstance("toy", "A-1", {}, version="nothing"), Reason.NOT_FOUND),
        (c.StartInstance("toy", "A-1", {"unknown": 1}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"amount": "x"}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"amount": True}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "A-1", {"number": "A-2"}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "", {}), Reason.INVALID_DATA),
        (c.StartInstance("toy", "x" * 300, {}), Reason.INVALID_DATA),
        (c.CancelInstance("pi_nothing"), Reason.NOT_FOUND),
        (c.ClaimTask("pi_nothing.1"), Reason.NOT_FOUND),
        (c.CompleteJob("pi_nothing.1", "x"), Reason.NOT_FOUND),
        (c.ResolveIncident("pi_nothing.1", "retry"), Reason.NOT_FOUND),
        (c.Correlate("m", "A-1"), Reason.NOT_FOUND),
        (c.FireTimer("pi_nothing.1/deadline", 1), Reason.DENIED),  # type: ignore[arg-type]
    ],
)
def test_bad_input_has_a_reason_and_no_effect(command: Any, reason: Reason) -> None:
    assert Office(*FORM).refused(command, ANN) is reason


def test_start_needs_the_role_the_blueprint_requires() -> None:
    assert Office(*FORM).refused(c.StartInstance("toy", "A-1", {}), BOB) is Reason.NO_RULE


def test_claim_needs_the_candidate_role_and_a_person() -> None:
    office = Office(*FORM)
    office.start()
    assert office.refused(c.ClaimTask(office.task_id("f")), EVE) is Reason.NO_RULE
    assert office.refused(c.ClaimTask(office.task_id("f")), WORKER) is Reason.NOT_A_PERSON
    office.done(c.ClaimTask(office.task_id("f")), ANN)
    assert office.refused(c.ClaimTask(office.task_id("f")), BOB) is Reason.CLAIMED_BY_OTHER
    office.done(c.ReleaseTask(office.task_id("f")), ANN)
    office.done(c.ClaimTask(office.task_id("f")), BOB)


DECISION = (
    decide(
        "d",
        (("yes", "done"), ("no", "stop")),
        shows=("amount", "secret"),
        reason_required=True,
        duties=(b.Duty("not initiator"),),
    ),
    end(),
    end("stop", "stopped"),
)


def decided(office: Office, **fields: Any) -> c.CompleteTask:
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id))
    given = {"outcome": "yes", "reason": "for Jo Doe", "shown_digest": office.shown(task_id).shown_digest, **fields}
    return c.CompleteTask(task_id, **given)


def test_decision_records_authority_and_what_was_shown_without_values() -> None:
    office = Office(*DECISION)
    office.start(amount=50, secret={"name": "Jo Doe"})
    office.done(decided(office))
    entry = office.log.entries[-1]
    assert entry.kind == "task.completed"
    assert entry.basis["decision"]["grants"] == ["ag_bob"]
    assert entry.payload["shown"]["amount"] == 50
    assert "$commitment" in entry.payload["shown"]["secret"]
    assert "$commitment" in entry.payload["reason"]
    assert entry.payload["decision"]["headroom"] == "50"
    assert entry.refs["grant"] == "ag_bob"
    assert office.row(DECISIONS, f"{entry.subject}.{entry.payload['task']}").outcome == "yes"
    office.check()


def test_decision_above_the_limit_is_refused() -> None:
    office = Office(*DECISION)
    office.start(amount=101)
    task_id = office.task_id("d")
    shown = office.shown(task_id).shown_digest
    asked = c.CompleteTask(task_id, outcome="yes", reason="for Jo Doe", shown_digest=shown)
    assert office.refused(asked) is Reason.LIMIT_CASE


def test_own_application_is_not_decided() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    task_id = office.task_id("d")
    said = c.CompleteTask(task_id, "yes", reason="x", shown_digest=office.shown(task_id).shown_digest)
    claim, completion = office.send(c.ClaimTask(task_id), ANN), office.send(said, ANN)
    assert isinstance(claim, Refusal)
    assert isinstance(completion, Refusal)
    assert claim.reason is completion.reason is Reason.SOD
    assert claim.message == completion.message  # before they read up on it, in the very words


def test_api_key_of_a_person_decides_nothing() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    assert office.refused(decided(office), person("bob", "api-key")) is Reason.NOT_A_PERSON


def test_changed_view_is_not_decided_on() -> None:
    steps = (
        b.AllStep("all", HERE, branches=("d", "f"), next="done"),
        decide("d", shows=("amount",)),
        task("f", expects=("amount",)),
        end(),
    )
    office = Office(*steps)
    office.start(amount=1)
    command = decided(office)
    office.complete("f", ANN, data={"amount": 2})
    assert office.refused(command) is Reason.SHOWN_CHANGED
    assert office.refused(c.CompleteTask(command.task_id, "yes")) is Reason.SHOWN_CHANGED


def test_second_completion_is_wrong_state() -> None:
    office = Office(*DECISION)
    office.start(amount=1)
    command = decided(office)
    office.done(command)
    assert office.refused(command) is Reason.WRONG_STATE


def test_client_data_is_never_taken_for_a_commitment() -> None:
    office = Office(*FORM)
    for risk in ({"bureau": {"$commitment": "x"}}, {"bureau": {"a": [{"$at": 1, "$commitment": "x"}]}}):
        assert office.refused(c.StartInstance("toy", "A-1", {"risk": risk}), ANN) is Reason.INVALID_DATA


SIGNED = (
    decide("d", (("yes", "done"),), shows=("secret",), sign=b.SignRule("I decide")),
    task("f", "d", expects=("secret",)),
    end(),
)


def signed(office: Office, **fields: Any) -> c.CompleteTask:
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id))
    said = office.done(c.StateStatement(task_id, "yes", "for Jo Doe")).result
    proof = Signed("password", "person:bob", office.log.now)
    given: dict[str, Any] = {
        "outcome": "yes",
        "reason": "for Jo Doe",
        "statement_nonce": said["nonce"],
        "signature": proof,
    }
    return c.CompleteTask(task_id, **{**given, **fields})


def test_signed_decision_binds_the_statement_and_uses_its_nonce() -> None:
    office = Office(*SIGNED)
    office.start(amount=1, secret={"name": "Jo Doe"})
    command = signed(office)
    office.done(command)
    payload = office.log.entries[-1].payload
    assert payload["statement"]["meaning"] == "I decide"
    assert payload["statement"]["shown_digest"] == payload["shown_digest"]
    assert payload["signature"]["strength"] == "attested by the service"
    assert office.row(tables.NONCE, command.statement_nonce) is not None
    office.check()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"signature": None}, Reason.SIGNATURE_MISSING),
        ({"signature": Signed("password", "person:ann", 0)}, Reason.SIGNATURE_WRONG),
        ({"signature": Signed("passkey", "person:bob", 0)}, Reason.SIGNATURE_WRONG),
        ({"signature": Signed("password", "person:bob", 0)}, Reason.SIGNATURE_WRONG),
        ({"statement_nonce": "st_other"}, Reason.STATEMENT_EXPIRED),
        ({"reason": "for another reason"}, Reason.SHOWN_CHANGED),
    ],
)
def test_signature_that_does_not_fit_signs_nothing(fields: dict[str, Any], reason: Reason) -> None:
    office = Office(*SIGNED)
    office.start(amount=1, secret={"name": "Jo Doe"})
    assert office.refused(signed(office, **fields)) is reason


def test_statement_runs_out() -> None:
    office = Office(*SIGNED)
    office.start(amount=1, secret={"name": "Jo Doe"})
    command = signed(office)
    office.log.now += 16 * 60 * SECOND
    late = c.CompleteTask(
        command.task_id, "yes", reason=command.reason, statement_nonce=command.statement_nonce,
        signature=Signed("password", "person:bob", office.log.now),
    )  # fmt: skip
    assert office.refused(late) is Reason.STATEMENT_EXPIRED
