"""Q01: who approved, acting under which documented authority, limited to what, and was it in force then?"""

from collections.abc import Mapping
from typing import Any

from governance.questions.answer import (
    Answer,
    Clause,
    Definition,
    Finding,
    Population,
    Row,
    Scope,
    gap,
    note,
    violation,
)
from governance.questions.facts import COMMITMENT, Record, is_commitment
from governance.questions.rederive import Rederived, decisions, rederive
from governance.questions.registers import INSTRUMENT_RELEASED, grant_records

DEFINITION = Definition(
    id="Q01",
    version=1,
    title="Who decided, under which documented authority, limited to what, and was it in force at that instant?",
    rule="for each decision of the instance: judge it again with the authority register and the data recorded before "
    "it; the grant is in force at its instant, its chain unbroken, the outcome and step in its powers, the measure "
    "within its limits, the duties kept, and what is recorded equals what is derived",
    clauses=(
        Clause("SOX", "s. 404", "15 U.S.C. 7262"),
        Clause("COSO", "principles 3, 5, 10", "2013"),
        Clause("21 CFR", "11.10(g)", "1997, as amended"),
        Clause("FAR", "1.602-1, 1.603-3", "codified; agency deviations apply from 2026"),
    ),
)
_POPULATION = "every `task.completed` entry of the instance that carries a decision"
_SEALED = "classed confidential or above; the opening is not part of this answer"


def answer(scope: Scope) -> Answer:
    """The answer for one instance; pure."""
    found = [rederive(scope.records, recorded) for recorded in decisions(scope.records, scope.instance)]
    findings = [finding for one in found for finding in _findings(one)]
    if not found:
        findings.append(gap("no-decision", "no decision of this instance is among the entries"))
    records = tuple(one.recorded.record for one in found)
    of_instance = len(scope.records.of(scope.instance))
    return Answer(
        definition=DEFINITION,
        scope=scope,
        valid_at="the instant of each decision",
        population=Population(
            _POPULATION + (", and every `vote.cast` entry" if any(one.recorded.vote for one in found) else ""),
            records,
            len(records),
            (("entries of the instance that are no decision", of_instance - len(records)),),
        ),
        rows=tuple(_row(scope, one) for one in found),
        findings=tuple(findings),
        redactions=tuple(_redactions(one) for one in found if is_commitment(one.recorded.record.payload.get("reason"))),
    )


def _row(scope: Scope, one: Rederived) -> Row:
    recorded, decision = one.recorded, one.recorded.decision
    grants = grant_records(scope.records, decision["grant"], recorded.record.index)
    instruments = _instruments(scope, grants)
    values = {
        "decision": recorded.id,
        "step": recorded.step,
        "decided_at": recorded.record.at,
        "person": decision["person"],
        "on_behalf_of": decision["on_behalf_of"],
        "capacity": decision["capacity"],
        "outcome": decision["outcome"],
        "decision_kind": decision["decision_kind"],
        "measure": decision["measure"],
        "grant": decision["grant"],
        "grant_version": decision["grant_version"],
        "chain": [list(link) for link in recorded.basis["chain"]],
        "instruments": [_instrument(record.payload["value"]) for record in instruments],
        "limit": decision["limit"],
        "headroom": decision["headroom"],
        "conditions": list(decision["conditions"]),
        "duties": list(decision["duties"]),
        "derived_again": [{"part": part.name, "status": part.status.value, "text": part.text} for part in one.parts],
    }
    return Row(values, (recorded.record, *grants, *instruments))


def _instruments(scope: Scope, grants: tuple[Record, ...]) -> tuple[Record, ...]:
    wanted = {record.payload["value"].get("instrument") for record in grants}
    return tuple(r for r in scope.records.kind(INSTRUMENT_RELEASED) if r.payload["value"]["id"] in wanted)


def _instrument(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in ("id", "version", "kind", "title", "number", "issued_by", "issued_on")}


def _findings(one: Rederived) -> list[Finding]:
    record = one.recorded.record
    found = [violation(f"authority.{part.name}", part.text, record) for part in one.failures]
    for part in one.not_run:
        is_needed = part.name in ("register", "authority")
        make = gap if is_needed else note
        found.append(make(f"authority.{part.name}", f"not run: {part.text}", record))
    return found


def _redactions(one: Rederived) -> tuple[str, str, str]:
    reason = one.recorded.record.payload["reason"]
    return (f"{one.recorded.id}/reason", f"{_SEALED} (commitment {reason[COMMITMENT]})", "")
