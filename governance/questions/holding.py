"""Whether who is given a decision has an authority that reaches it, and who loses it has none. Standard library only.

    task.claimed  task.reassigned  task.delegated     the basis names the `register` that was asked; entries of before
                                                      name none, and are taken as recorded
    task.released  task.returned                      `why: vacated`: taken from who may no longer do it

A measure that is no plain path, or that is kept sealed, cannot be held against a limit here. Roles and permissions are
another register's: a task that was taken for want of them is judged by who keeps that (`rbac.rederiving`).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from governance.above import Kind
from governance.authority import Register
from governance.decision import MoneyLike
from governance.questions.facts import Record, is_commitment, value_at
from governance.questions.following import InstanceSoFar
from governance.questions.people import Held
from governance.questions.recorded import Part
from governance.questions.registers import ReleasedBlueprint
from governance.reach import Reaching, named_by_scan, unreached
from ledger.refusal import Reason, Refusal
from ledger.verify.report import Status

TAKEN, GIVEN, LIMIT, ACCESS = "taken away", "given", "limit of holder", "role of holder"
VACATED = "vacated"
TAKING = ("task.released", "task.returned")
GIVING = ("task.claimed", "task.assigned", "task.delegated")
OF_ACCESS = frozenset((Reason.NO_RULE, Reason.DENIED, Reason.NOT_A_PERSON, Reason.STALE_POLICY))
OF_LIMIT = frozenset((Reason.LIMIT_CASE, Reason.LIMIT_PERIOD, Reason.CURRENCY_UNCONVERTIBLE, Reason.MEASURE_MISSING))


class Money(NamedTuple):
    """An amount with its currency."""

    amount: Decimal
    currency: str


class Setting(NamedTuple):
    """What stood before an entry: its instance, the released version of that, and the register of authority."""

    instance: InstanceSoFar
    version: ReleasedBlueprint | None
    register: Register

    def step(self, held: Held) -> Mapping[str, Any]:
        """The step of a task, as the version has it."""
        return {} if self.version is None else self.version.steps().get(held.step, {})


class Measured(NamedTuple):
    """What a limit is held against; not known where it is sealed or no plain path."""

    is_known: bool
    amount: MoneyLike | Decimal | None = None


def taken_in(record: Record) -> list[Mapping[str, Any]]:
    """The transitions by which an entry takes a task from who may no longer do it."""
    return [one for one in record.transitions(*TAKING) if one.get("why") == VACATED]


def hands_parts(setting: Setting, record: Record) -> Iterator[tuple[int, Part]]:
    """(activation, what came of judging) of each task that an entry takes away, or gives by the register it names."""
    for one in taken_in(record):
        yield from [(int(one["activation"]), part) for part in _taken(setting, record, one)]
    if "register" in record.basis:
        for one in record.transitions(*GIVING):
            yield from [(int(one["activation"]), part) for part in _given(setting, record, one)]


def lacking(setting: Setting, held: Held, person: str, at: int) -> tuple[Refusal | None, Measured]:
    """Why a person has no authority that reaches a decision, with what it was held against."""
    step, begun = setting.step(held), setting.instance.begun
    assert begun is not None
    kind = Kind(begun["domain"], step["authority"], begun["blueprint"], held.step, tuple(step["outcomes"]), "")
    measured = measure_of(step, setting.instance.data)
    asked = Reaching(person, kind, measured.amount)
    return unreached(asked, named_by_scan(setting.register), setting.register, at), measured


def measure_of(step: Mapping[str, Any], data: Mapping[str, Any]) -> Measured:
    """What the limits of a decision are held against, as far as its data tell."""
    source = str(step.get("measure") or "")
    if not source:
        return Measured(True)
    value = value_at(data, source) if source.replace(".", "").replace("_", "").isalnum() else None
    if value is None or is_commitment(value):
        return Measured(False)
    try:
        if type(value) is dict and "currency" in value:
            return Measured(True, Money(Decimal(value["amount"]), str(value["currency"])))
        return Measured(True, Decimal(value["$decimal"] if type(value) is dict else value))
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return Measured(False)


def _taken(setting: Setting, record: Record, one: Mapping[str, Any]) -> Iterator[Part]:
    held = setting.instance.tasks.get(int(one["activation"]), Held())
    is_delegate = one["t"] == "task.returned"
    person, theirs = (one["by"], held.delegate) if is_delegate else (record.payload.get("holder"), held.holder)
    if not theirs or person != theirs or record.payload.get("holder") != held.holder:
        yield Part(TAKEN, Status.FAILED, f"taken from {person}, and it was {theirs or 'nobody'} who had it")
        return
    reason = str(one.get("reason", ""))
    if reason in OF_ACCESS:
        text = f"that {person} had lost a role or permission ({reason}) rests on another register"
        yield Part(ACCESS, Status.NOT_RUN, text)
    elif setting.step(held).get("step") != "decide":
        yield Part(TAKEN, Status.FAILED, f"taken from {person} for {reason or 'no reason'}, which is no decision")
    elif (unknown := _other_register(setting, record)) is not None:
        yield unknown
    else:
        yield _lost(setting, held, (str(person), reason), record.instant)


def _lost(setting: Setting, held: Held, taken: tuple[str, str], at: int) -> Part:
    person, reason = taken
    refusal, measured = lacking(setting, held, person, at)
    if refusal is not None and (refusal.reason == reason or (not measured.is_known and reason in OF_LIMIT)):
        return Part(TAKEN, Status.PASSED, f"{person} had no authority that reached it: {reason}")
    if refusal is None and not measured.is_known and reason in OF_LIMIT:
        return Part(LIMIT, Status.NOT_RUN, f"that a limit of {person} did not reach it rests on a value kept sealed")
    found = "had an authority that reached it" if refusal is None else f"lost it for {refusal.reason.value}"
    return Part(TAKEN, Status.FAILED, f"taken from {person} for {reason or 'no reason'}, who {found}")


def _given(setting: Setting, record: Record, one: Mapping[str, Any]) -> Iterator[Part]:
    held = setting.instance.tasks.get(int(one["activation"]), Held())
    person = str(one["by"] if one["t"] == "task.claimed" else one["to"])
    if setting.step(held).get("step") != "decide":
        yield Part(GIVEN, Status.FAILED, f"{person} was given no decision, and a register of authority is named")
        return
    if (unknown := _other_register(setting, record)) is not None:
        yield unknown
        return
    refusal, measured = lacking(setting, held, person, record.instant)
    if refusal is not None:
        yield Part(GIVEN, Status.FAILED, f"given to {person} without an authority for it: {refusal.reason.value}")
        return
    yield Part(GIVEN, Status.PASSED, f"{person} had an authority for it")
    if not measured.is_known:
        yield Part(LIMIT, Status.NOT_RUN, f"that a limit of {person} reached it rests on a value kept sealed")


def _other_register(setting: Setting, record: Record) -> Part | None:
    """That the register at hand is another than the one the entry names; None for an entry that names none."""
    if record.basis.get("register", setting.register.digest) == setting.register.digest:
        return None
    text = "the entries do not hold the whole authority register that was asked who may hold it"
    return Part("register", Status.NOT_RUN, text)
