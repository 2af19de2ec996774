"""What must hold at the end of a history that draws everything, beside what holds of every history."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from governance.questions.facts import COMMITMENT
from ledger.refusal import Refusal
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.agent_transitions import (
    ProposalGated,
    ProposalJudged,
    ProposalMade,
    ProposalRequested,
    ProposalReviewed,
)
from orchestrator.bulk_tables import BULK, BULK_ITEM
from orchestrator.deadlines import URGENCY_MAX
from orchestrator.transition_values import from_value
from orchestrator.undo_transitions import UndoBegun
from tests.crash.checks import Acknowledged, Checked
from tests.orchestrator.wide_blueprints import SURE
from tests.simulation.wide_company import DAILY
from versioning.blueprint import AgentStep, Step, UndoStep

StepOf = Callable[[str, str], Step]
"""The step of a version, by its digest and the id of the step."""


def judge_refused(checked: Checked, acknowledged: list[Acknowledged], broken: set[tuple[str, str]]) -> None:
    """A command that was turned down has left its refusal and nothing else; one that was broken, nothing at all."""
    refused = {(one.actor, one.command_id) for one in acknowledged if isinstance(one.answer.outcome, Refusal)}
    for entry in checked.entries:
        key = entry.actor["id"], entry.command_id
        assert key not in broken, f"{entry.kind} of a command that could not be carried out"
        if key in refused:
            assert "transitions" not in entry.payload, f"{entry.kind} of a command that was turned down"


def judge_still(checked: Checked) -> None:
    """Nothing of an instance that stands still is there for who looks for due timers, calls and jobs."""
    still = {key[0] for key, row in checked.table(tables.INSTANCE).items() if row.suspended}
    for table, moving in ((tables.TIMER, "set"), (tables.CALL, "requested"), (tables.JOB, "created")):
        for row in checked.table(table).values():
            assert row.instance not in still or row.state != moving, f"{row} moves in what stands still"


def judge_deadlines(checked: Checked) -> None:
    """Each reaction of a deadline happens once, in its order, and none after what it is of is over."""
    live: set[tuple[str, int]] = set()
    seen: set[tuple[str, int, int]] = set()
    for subject, one in _transitions(checked):
        place = subject, getattr(one, "activation", 0)
        if isinstance(one, t.StepEntered):
            live.add(place)
        elif isinstance(one, t.StepLeft):
            live.discard(place)
        elif isinstance(one, t.Escalated):
            assert one.activation == 0 or place in live, f"{one} after {place} was left"
            assert (*place, one.reaction) not in seen, f"{one} twice"
            seen.add((*place, one.reaction))
    for row in checked.table(tables.TASK).values():
        assert 0 <= row.urgency <= URGENCY_MAX


def judge_proposals(checked: Checked, step_of: StepOf) -> None:
    """What an agent proposed is in the data where every gate its step has lets it through, judged here anew, or a
    person has looked at it.
    """
    versions: dict[str, str] = {}
    made: dict[tuple[str, int], ProposalMade] = {}
    steps: dict[tuple[str, int], str] = {}
    for entry in checked.entries:
        said = [from_value(value) for value in entry.payload.get("transitions", ())]
        for one in said:
            place = entry.subject, getattr(one, "activation", 0)
            if isinstance(one, t.InstanceStarted):
                versions[entry.subject] = one.version
            elif isinstance(one, t.StepEntered):
                steps[place] = one.step
            elif isinstance(one, ProposalMade):
                made[place] = one
            elif isinstance(one, ProposalGated) and one.gate not in ("", "schema"):
                step = step_of(versions[entry.subject], steps[place])
                expected = _stopped_at(step, made[place])
                assert one.gate == expected or not expected, f"{one}, and not at {expected}, in {entry.index}"
            elif isinstance(one, ProposalGated) and not one.gate:
                judged = [other for other in said if isinstance(other, ProposalJudged) and other.accepted]
                step = step_of(versions[entry.subject], steps[place])
                assert _passes(step, made[place], is_judged=bool(judged)), f"{one} in {entry.index}"
                assert isinstance(step, AgentStep)
                # The lot was drawn, and let it go on; where none is drawn there is none.
                assert one.roll >= step.sample if step.sample else one.roll < 0, f"{one} in {entry.index}"
        laid = [one for one in said if isinstance(one, t.VariableSet) and one.path == "advice"]
        passed = [one for one in said if isinstance(one, ProposalGated) and not one.gate]
        looked = [one for one in said if isinstance(one, ProposalReviewed) and one.verdict in ("accept", "correct")]
        assert len(laid) <= len(passed) + len(looked), f"a proposal nobody passed in {entry.index}"
        assert not looked or entry.actor["kind"] == "person", f"a review by no person in {entry.index}"


def _stopped_at(step: Any, made: ProposalMade) -> str:
    """The first gate that an answer fails by itself; empty where it fails none, or that cannot be told."""
    output = made.output
    if made.fault:
        return "output"
    if type(output) is dict and COMMITMENT in output:
        return ""
    if not _is_advice(output):
        return "schema"
    if step.table is not None and (step.table != "gate" or output["grade"] >= 7):
        return "rules"
    is_sure = step.accept_when == SURE and float(output["confidence"]) >= 0.8 and not output["findings"]
    return "condition" if step.accept_when and not is_sure else ""


def _passes(step: Any, made: ProposalMade, *, is_judged: bool) -> bool:
    """Whether what an agent answered may go on without a person."""
    output = made.output
    if type(output) is dict and COMMITMENT in output:  # of classed data: only that somebody judged it can be told
        return not made.fault and step.table != "broken" and (is_judged or step.judge is None)
    if made.fault or not _is_advice(output):
        return False
    if step.accept_when and (step.accept_when != SURE or float(output["confidence"]) < 0.8 or output["findings"]):
        return False
    if step.table is not None and (step.table != "gate" or output["grade"] >= 7):
        return False
    return is_judged or step.judge is None


def _is_advice(output: Any) -> bool:
    """Whether it has the form that every agent of these histories is asked for."""
    if type(output) is not dict or type(output.get("grade")) is not int or not 1 <= output["grade"] <= 9:
        return False
    if type(output.get("summary")) is not str or type(output.get("confidence")) not in (str, dict, int):
        return False
    findings = output.get("findings")
    return type(findings) is list and all(type(one) is str for one in findings)


def judge_duties(checked: Checked, step_of: StepOf) -> None:
    """Nobody has completed or decided what a duty keeps them from."""
    versions: dict[str, str] = {}
    initiators: dict[str, str] = {}
    did: dict[tuple[str, str], set[str]] = {}
    for subject, one in _transitions(checked):
        if isinstance(one, t.InstanceStarted):
            versions[subject], initiators[subject] = one.version, one.initiator
        elif isinstance(one, t.TaskCompleted) and one.by:
            step = step_of(versions[subject], one.step)
            for duty in getattr(step, "duties", ()):
                if duty.kind == "not initiator":
                    assert one.by != initiators[subject], f"{subject}: {one.step} by the initiator"
                elif duty.kind == "not step":
                    assert one.by not in did.get((subject, duty.step or ""), set()), f"{subject}: {one} against duties"
            did.setdefault((subject, one.step), set()).add(one.by)


def judge_schedule(checked: Checked, now: int) -> None:
    """Each occurrence is decided once, in order and not before it is due, and starts one instance at most."""
    last = (0, "")
    started: Counter[str] = Counter()
    for entry in checked.entries:
        if entry.kind == "schedule.occurred":
            after = entry.payload["after"]
            assert last < (after["at"], after["local"]), f"an occurrence is decided twice in {entry.index}"
            assert after["at"] <= now
            last = after["at"], after["local"]
        elif entry.kind == "instance.started" and "occurrence" in entry.payload:
            started[entry.payload["occurrence"]["local"]] += 1
    assert set(started.values()) <= {1}, "an occurrence has started two instances"
    row = checked.table(tables.SCHEDULE).get((DAILY,))
    assert row is None or row.state == "ended"


def judge_keys(checked: Checked, never_again: frozenset[str]) -> None:
    """No key is that of two instances of a blueprint at once, nor ever where it is for one alone."""
    open_: dict[str, tuple[str, str]] = {}
    taken: Counter[tuple[str, str]] = Counter()
    for subject, one in _transitions(checked):
        if isinstance(one, t.InstanceStarted):
            key = one.blueprint, one.key_mark
            taken[key] += not one.parent
            if not one.parent:
                assert key not in open_.values(), f"two instances of one key: {subject}"
            open_[subject] = key if not one.parent else ("", "")
        elif isinstance(one, t.InstanceEnded | t.InstanceCancelled):
            open_.pop(subject, None)
            open_ = {name: key for name, key in open_.items() if key[0]}
    assert not [key for key, count in taken.items() if count > 1 and key[0] in never_again]


def judge_bulk(checked: Checked) -> None:
    """Every item has one outcome on record, and the totals are those of the items."""
    items = checked.table(BULK_ITEM)
    for (bulk,), row in checked.table(BULK).items():
        found = Counter(one.state for one in items.values() if one.bulk == bulk)
        assert (found["done"], found["proposed"], found["refused"]) == (row.done, row.proposed, row.refused)
        assert sum(found.values()) == row.total == row.done + row.proposed + row.refused, bulk
    told: Counter[tuple[str, int]] = Counter()
    for entry in checked.entries:
        if entry.kind == "bulk.refused":
            told[entry.subject, entry.payload["place"]] += 1
        elif "bulk" in entry.payload:
            told[entry.payload["bulk"]["id"], entry.payload["bulk"]["place"]] += 1
    assert set(told.values()) <= {1}, "an item on record twice"
    assert set(told) == set(items), "an item without a record"


def judge_acts(checked: Checked) -> None:
    """What a second person confirms is confirmed by another, and nothing that was proposed is left open."""
    for row in checked.table(tables.ACT_PROPOSAL).values():
        assert row.state != "proposed", f"{row.id} is left open"
        assert row.state not in ("confirmed", "rejected") or row.closed_by != row.by, f"{row.id} by one person alone"


# What agents do and what becomes of it; a gate by its name, as it stands in the record.
ASKED_ANOTHER, JUDGED, ACCEPTED, LET_THROUGH = "another agent asked", "judged", "judged and accepted", "let through"
GATES = ("output", "schema", "rules", "condition", "judge", "sample")
VERDICTS = ("accept", "correct", "reject")


def stopped_at(gate: str) -> str:
    """An answer that a gate has stopped."""
    return f"stopped at {gate}"


def reviewed(verdict: str) -> str:
    """A review that came to this."""
    return f"reviewed {verdict}"


def seen_of_agents(checked: Checked) -> Counter[str]:
    """What agents were asked and answered, what stopped it, and what people made of that."""
    found: Counter[str] = Counter()
    asked: dict[tuple[str, int], str] = {}
    for subject, one in _transitions(checked):
        place = subject, getattr(one, "activation", 0)
        if isinstance(one, t.StepEntered):
            asked.pop(place, None)
        elif isinstance(one, ProposalRequested) and not one.judging:
            found[ASKED_ANOTHER] += asked.get(place, one.agent) != one.agent
            asked[place] = one.agent
        elif isinstance(one, ProposalJudged):
            found[JUDGED] += 1
            found[ACCEPTED] += one.accepted
        elif isinstance(one, ProposalGated):
            found[stopped_at(one.gate) if one.gate else LET_THROUGH] += 1
        elif isinstance(one, ProposalReviewed):
            found[reviewed(one.verdict)] += 1
    return found


NAMED_STEPS, CALENDARS = "undone of named steps", "under two calendars"
ROLES_LOST, GRANTS_LOST = "turned down for a role", "turned down for a grant"


def seen(checked: Checked, step_of: StepOf) -> Counter[str]:
    """What no answer to a command tells: what a step that names others took back, and what changed meanwhile."""
    found: Counter[str] = Counter()
    versions: dict[str, str] = {}
    steps: dict[tuple[str, int], str] = {}
    for subject, one in _transitions(checked):
        if isinstance(one, t.InstanceStarted):
            versions[subject] = one.version
        elif isinstance(one, t.StepEntered):
            steps[subject, one.activation] = one.step
        elif isinstance(one, UndoBegun) and one.of:
            host = step_of(versions[subject], steps[subject, one.of])
            found[NAMED_STEPS] += bool(isinstance(host, UndoStep) and host.steps)
    calendars = {one.calendar for _, one in _transitions(checked) if isinstance(one, t.TimerSet)} - {""}
    found[CALENDARS] = len(calendars) > 1
    reasons = Counter(one.payload["reason"] for one in checked.entries if one.kind == "command.refused")
    found[ROLES_LOST] = reasons["NO_RULE"]
    found[GRANTS_LOST] = reasons["NO_GRANT"] + reasons["WRONG_POWER"]
    return found


def _transitions(checked: Checked) -> list[tuple[str, Any]]:
    return [
        (entry.subject, from_value(value))
        for entry in checked.entries
        for value in entry.payload.get("transitions", ())
    ]
