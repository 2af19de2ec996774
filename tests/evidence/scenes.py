"""What happens at the bank: applications that come in, are decided, and other people's entries."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from governance.authority import Register
from governance.decision import DecisionRequest, Named, Usage, decide
from governance.duties import Duty, DutyFacts
from governance.entries import decision_basis, decision_payload
from governance.grant import Grant, digest_of
from governance.questions.plain_conditions import holds
from governance.signature import Statement
from ledger.actor import SYSTEM
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from tests.evidence.bank import DAY, PERSONS, Bank, actor_of, found


def start(bank: Bank, instance: str, amount: str = "60000.00", grade: int = 3) -> None:
    """An application comes in, is graded, and waits for the officer."""

    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        name = uow.seal(instance, "applicant", {"name": "Applicant 1"}, data_class="personal", data_subject="ds_1")
        money = {"amount": amount, "currency": "GBP"}
        bank.truth[instance] = {"applicant": name, "amount": dict(money), "risk": {"grade": grade}}
        transitions = [
            {"t": "instance.started", "blueprint": "loan", "version": bank.digest, "number": 1, "key": "L-1",
             "initiator": PERSONS["clerk"][0], "domain": "lending"},
            {"t": "variable.set", "path": "applicant", "value": name},
            {"t": "variable.set", "path": "amount", "value": money},
            {"t": "step.entered", "activation": 1, "step": "grade", "at": uow.now},
            {"t": "rules.evaluated", "activation": 1, "table": "credit-grade", "digest": "t", "rows": [2]},
            {"t": "variable.set", "path": "risk.grade", "value": grade},
            {"t": "step.left", "activation": 1, "to": "officer"},
            {"t": "step.entered", "activation": 2, "step": "officer", "at": uow.now},
            {"t": "task.offered", "activation": 2, "decision_kind": "approve-credit", "due": uow.now + 2 * DAY},
        ]  # fmt: skip
        return [entry_of(bank, "instance.started", instance, ({"transitions": transitions, "result": {}}, {}))]

    bank.play(actor_of("clerk"), f"start {instance}", drafts)


class Parties(NamedTuple):
    """Under which duties the officer decides, with what was done before, and for whom; `task` is its activation."""

    duties: tuple[Duty, ...] = (Duty("not initiator"), Duty("not author of blueprint"))
    actors_by_step: tuple[tuple[str, tuple[str, ...]], ...] = ()
    units: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stands_in_for: tuple[str, ...] = ()
    task: int = 2


USUAL = Parties()


def decide_by(
    bank: Bank, register: Register, instance: str, outcome: str = "approve", parties: Parties = USUAL
) -> None:
    """The officer decides, under the authority the register gives."""

    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        return [_decision(bank, uow, register, (instance, outcome, parties))]

    bank.play(actor_of("officer"), f"decide {instance}", drafts)


class _Money(NamedTuple):
    amount: Decimal
    currency: str


def _decision(bank: Bank, uow: UnitOfWork, register: Register, about: tuple[str, str, Parties]) -> EntryDraft:
    instance, outcome, parties = about
    data: Mapping[str, Any] = bank.truth[instance]
    person = PERSONS["officer"][0]
    grant = register.grants[1]
    request = DecisionRequest(
        person=person,
        domain="lending",
        decision_kind="approve-credit",
        blueprint="loan",
        step="officer",
        outcome=outcome,
        measure=_Money(Decimal(data["amount"]["amount"]), "GBP"),
        stands_in_for=parties.stands_in_for,
        duties=parties.duties,
        facts=DutyFacts(
            PERSONS["clerk"][0],
            parties.actors_by_step,
            (PERSONS["author"][0],),
            (PERSONS["reviewer"][0],),
            parties.units,
        ),
        context=data,
        usage=(Usage("ag_2", "GBP", 30, _window(grant, uow.now), Decimal("0")),),
    )
    made = decide(
        request,
        Named(("ag_2",), register.digest, "rows"),
        register,
        uow.now,
        lambda source, context, _now: holds(source, context),
    )
    assert not isinstance(made, Refusal), made
    shown = {"applicant": data["applicant"], "amount": data["amount"]}
    shown_digest = digest_of([["applicant", shown["applicant"]], ["amount", shown["amount"]]])
    reason = uow.seal(instance, f"#{parties.task}.reason", "within policy", data_class="confidential")
    named = reason["$commitment"].rpartition(".")[2]
    statement = Statement(
        person, outcome, "I decide this credit within my authority", person, named, shown_digest, instance, "officer",
        bank.digest, grant.digest, 1, uow.now, uow.now + SECOND, f"st_{instance}",
    )  # fmt: skip
    signature = bank.signing(statement, uow.now)
    assert not isinstance(signature, Refusal)
    step = next(one for one in bank.blueprint["steps"] if one["id"] == "officer")
    ended = dict(step["next"])[outcome]
    payload = {
        "task": parties.task,
        "shown": shown,
        "shown_digest": shown_digest,
        "statement": statement.as_value(),
        "signature": signature.as_value(),
        "reason": reason,
        "decision": decision_payload(made),
        "transitions": [
            {"t": "task.completed", "activation": parties.task, "step": "officer", "by": person, "outcome": outcome},
            {"t": "step.left", "activation": parties.task, "to": ended},
            {"t": "step.entered", "activation": parties.task + 1, "step": ended, "at": uow.now},
            {"t": "step.left", "activation": parties.task + 1},
            {"t": "instance.ended", "outcome": ended},
        ],
        "result": {},
    }
    return entry_of(bank, "task.completed", instance, (payload, {"decision": decision_basis(made)}))


def _window(grant: Grant, now: int) -> int:
    return now - (now - grant.valid_from) % (30 * DAY)


def entry_of(bank: Bank, kind: str, instance: str, said: tuple[dict[str, Any], Mapping[str, Any]]) -> EntryDraft:
    """An entry of an instance: `said` is its payload, and what its basis has beside the blueprint."""
    payload, basis = said
    return EntryDraft(kind, 1, instance, payload, {"blueprint": "loan"}, {"blueprint": bank.digest, **basis})


def long_instance(bank: Bank, entries: int) -> None:
    """One instance whose grade is set again and again."""
    found(bank)
    start(bank, "pi_1")

    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        again = {"transitions": [{"t": "variable.set", "path": "risk.grade", "value": 3}], "result": {}}
        return [entry_of(bank, "instance.advanced", "pi_1", (again, {})) for _ in range(1_000)]

    for part in range(entries // 1_000):
        bank.play(SYSTEM, f"again {part}", drafts)


def noise(bank: Bank, count: int) -> None:
    """Entries of other subjects, so that trees and counts are not trivial."""

    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        return [EntryDraft("noise.made", 1, f"noise_{n % 7}", {"n": n}) for n in range(count)]

    bank.play(SYSTEM, f"noise {count}", drafts)
