"""A bank as a test has it: one log, the room's door, and change requests reduced to read, check, release."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from governance.above import Kind
from governance.decision import Decision, DecisionRequest
from governance.entries import KINDS
from governance.service import Authorities, Wiring, decision_basis, decision_payload, folds, record_decision
from governance.tables import metadata
from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant
from ledger.entry import Entry, EntryDraft
from ledger.refusal import Refusal
from ledger.rows import FoldView
from tests.governance.lending import NOW, RELEASED, gbp, reason
from tests.governance.memory import Log, Work, person
from tests.governance.sources import GRANT as OFFICER_SOURCE
from tests.governance.sources import HEAD_GRANT, INSTRUMENT
from tests.governance.sources import OFFICE as OFFICE_SOURCE

HANDLES = {name: f"person:{name}" for name in ("credit-officer-1", "head-of-lending", "next-head")}
OFFICER = person("credit-officer-1")
ORDER = [("instrument", INSTRUMENT), ("office", OFFICE_SOURCE), ("authority-grant", HEAD_GRANT),
         ("authority-grant", OFFICER_SOURCE)]  # fmt: skip


@dataclass(frozen=True)
class Release:
    change_request: str
    name: str
    version: int
    digest: str
    value: Any


class ScanSnapshot(NamedTuple):
    policy: Any
    grouping: Any
    digest: str

    def named(self, who: str, domain: str, kind: str, act: tuple[str, str, str]) -> tuple[str, ...]:
        subjects = {who} | {row.holder for row in self.grouping if row.member == who}
        return tuple({row.grant for row in self.policy if row.subject in subjects and row[2:] == (domain, kind, *act)})


def _completed(view: FoldView, entry: Entry) -> None:
    record_decision(view, entry, entry.subject, entry.payload["decision"])


class Bank:
    """A log, the room's door, and change requests reduced to read, check, release."""

    def __init__(self) -> None:
        self.log = Log({**folds(), ("task.completed", 1): _completed}, metadata)
        self.log.now = Instant(NOW)
        self.built = 0
        self.released: Mapping[str, Any] = RELEASED
        self.grades = {"risk.grade <= 7": True}
        self.authorities = self.door()

    def door(self, recorded: Any = None) -> Authorities:
        def snapshot(policy: Any, grouping: Any, digest: str) -> ScanSnapshot:
            self.built += 1
            return ScanSnapshot(policy, grouping, digest)

        return Authorities(
            Wiring(
                resolve=lambda uow, handle: HANDLES.get(handle),
                released=lambda rows: self.released,
                snapshot=snapshot,
                conditions=lambda source, context, now: self.grades[source],
                fault_of=lambda source: "" if source in self.grades else f"found `{source}`",
                recorded=recorded,
            )
        )

    def check(self, kind: str, source: str) -> dict[str, str]:
        owner: Any = next(one for one in self.authorities.kinds() if one.kind == kind)
        return {finding.rule: finding.severity for finding in owner.check(Work(self.log, SYSTEM), owner.read(source))}

    def release(self, kind: str, source: str, version: int = 1) -> EntryDraft:
        owner: Any = next(one for one in self.authorities.kinds() if one.kind == kind)
        artefact, uow = owner.read(source), Work(self.log, SYSTEM)
        assert "error" not in {finding.severity for finding in owner.check(uow, artefact)}, owner.check(uow, artefact)
        draft: EntryDraft = owner.release(uow, Release("cr_1", artefact.name, version, "digest", artefact.value))
        uow.stage(draft)
        assert set(draft.payload) == set(KINDS[draft.kind, draft.schema])
        return draft

    def ask(self, amount: str = "50000.00", actor: Actor = OFFICER, **members: Any) -> Decision | Refusal:
        request = DecisionRequest("", "lending", "approve-credit", "loan", "decision", "approve", gbp(amount))
        return self.authorities.decide(Work(self.log, actor), replace(request, **members))

    def taken_up(self, actor: Actor = OFFICER, **members: Any) -> str:
        """Why the decision cannot be taken up for want of authority; empty where it can."""
        kind = Kind("lending", "approve-credit", "loan", "decision", ("approve", "decline"), "GBP")
        found = self.authorities.unnamed(Work(self.log, actor), kind._replace(**members))
        return "" if found is None else found.reason.value

    def take(self, task: str, amount: str, actor: Actor = OFFICER, **members: Any) -> str:
        """Ask, and complete the task when the answer is yes."""
        judged = self.ask(amount, actor, **members)
        if isinstance(judged, Decision):
            payload = {"decision": decision_payload(judged)}
            Work(self.log, actor).stage(EntryDraft("task.completed", 1, task, payload, basis=decision_basis(judged)))
        return reason(judged)
