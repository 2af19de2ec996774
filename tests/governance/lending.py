"""A small lending organisation as values: a board minute, a head, officers, an office. Instants count from 2026."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from governance.authority import Register, compile_rows
from governance.decision import Decision, DecisionRequest, Named, Usage, decide, usage_keys
from governance.duties import DutyFacts
from governance.grant import DAY, EVER, Grant, Holding, Instrument, Limit, Office, Per, Power, Status, StatusEvent
from ledger.refusal import Refusal

T0 = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
T1 = T0 + 365 * DAY
NOW = T0 + 100 * DAY
HEAD, OFFICER, OTHER, CLERK = "person:head", "person:officer", "person:other", "person:clerk"
OFFICE_HEAD = "office:head-of-lending"
OUTCOMES = ("approve", "decline", "send back")
RELEASED = {"loan": {"decision": ("approve-credit", OUTCOMES), "waiver": ("waive-fee", ("waive", "keep"))}}


class Money(NamedTuple):
    amount: Decimal
    currency: str


def gbp(text: str) -> Money:
    return Money(Decimal(text), "GBP")


MINUTE = Instrument("in_1", 1, "board-minute", "minute", "Lending", "3", "board", "2026-01-01", "", T0)
PER_CASE = Limit(Per.CASE, "GBP", Decimal("100000.00"))
ROOT = Grant(
    id="ag_root",
    version=1,
    name="head",
    instrument="in_1",
    grantee=HEAD,
    grantor="",
    parent=None,
    domain="lending",
    powers=(Power("approve-credit"),),
    limits=(replace(PER_CASE, max=Decimal(500_000)),),
    conditions=(),
    valid_from=T0,
    valid_to=T1,
    recorded_at=T0,
)
CHILD = replace(
    ROOT,
    id="ag_child",
    name="officer",
    grantee=OFFICER,
    grantor=HEAD,
    parent="ag_root",
    limits=(PER_CASE,),
    valid_from=T0 + DAY,
    valid_to=T1 - DAY,
    recorded_at=T0 + DAY,
)
REGISTER = Register((MINUTE,), (ROOT, CHILD))
REQUEST = DecisionRequest(OFFICER, "lending", "approve-credit", "loan", "decision", "approve", gbp("50000.00"),
                          facts=DutyFacts(initiator=CLERK, authors=("person:author",)))  # fmt: skip


def with_child(**members: Any) -> Register:
    """The register with the officer's grant changed."""
    return replace(REGISTER, grants=(ROOT, replace(CHILD, **members)))


def status(grant: str, what: Status, effective_at: int, ends_at: int = EVER) -> StatusEvent:
    return StatusEvent(grant, f"{what}-{grant}", 1, what, effective_at, ends_at, T0)


def office(*holdings: tuple[str, int, int], version: int = 1, recorded_at: int = T0) -> Office:
    return Office(OFFICE_HEAD, version, "Head of lending", tuple(Holding(*held) for held in holdings), recorded_at)


def scan(register: Register, request: DecisionRequest) -> tuple[str, ...]:
    """Whom the enforcement point would name, by looking at every compiled row."""
    compiled = compile_rows(register, RELEASED)
    subjects = {request.person} | {row.holder for row in compiled.grouping if row.member == request.person}
    asked = (request.domain, request.decision_kind, request.blueprint, request.step, request.outcome)
    return tuple(sorted({row.grant for row in compiled.policy if row.subject in subjects and row[2:] == asked}))


def judge(register: Register = REGISTER, now: int = NOW, conditions: Any = None, **members: Any) -> Decision | Refusal:
    """Name and decide as the service does; usage of every window is zero unless given."""
    request = replace(REQUEST, **members)
    names = scan(register, request)
    if "usage" not in members:
        grants = [grant for name in names if (grant := register.grant(name, now))]
        keys = [key for grant in grants for key in usage_keys(register, grant, request.outcome, now)]
        request = replace(request, usage=tuple(Usage(*key, Decimal(0)) for key in keys))
    return decide(
        request, Named(names, register.digest), register, now, conditions or (lambda source, context, now: None)
    )


def reason(judged: Decision | Refusal) -> str:
    """The reason code, "" for a decision."""
    return "" if isinstance(judged, Decision) else judged.reason.value
