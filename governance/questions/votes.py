"""A vote judged again: that its person had one, and that the votes were counted as the blueprint says. Standard library
only.

How many others could still vote is taken as recorded here, and decides nothing but a tie: `governance.questions.voters`
derives it.
"""

from collections.abc import Mapping
from typing import Any

from governance.questions.facts import Record
from governance.questions.recorded import Part, Past, Recorded
from governance.quorum import Rule, Seat, chair_of, count, members_of
from ledger.verify.report import Status


def take_votes(found: dict[int, list[tuple[str, str]]], record: Record) -> None:
    """Go on by one entry: the votes that count of each activation that is voted on."""
    for one in record.transitions("vote.cast", "votes.voided", "step.left"):
        number = int(one["activation"])
        if one["t"] == "vote.cast":
            found.setdefault(number, []).append((str(one["by"]), str(one["outcome"])))
        else:
            found.pop(number, None)


def votes_part(past: Past, recorded: Recorded) -> list[Part]:
    """What came of judging a vote and the count after it; nothing for another decision."""
    version = past.blueprint(str(recorded.record.basis["blueprint"]))
    step = {} if version is None else version.steps().get(recorded.step, {})
    quorum = step.get("quorum")
    if quorum is None and not recorded.vote:
        return []
    if quorum is None or not recorded.vote:
        text = "one person decided what is voted on" if quorum else "a vote was cast where one person decides"
        return [Part("votes", Status.FAILED, text)]
    fault = _fault(past, recorded, (step, quorum))
    text = fault or "a vote of a person who had one and had not voted, counted as the blueprint says"
    return [Part("votes", Status.FAILED if fault else Status.PASSED, text)]


def _fault(past: Past, recorded: Recorded, says: tuple[Mapping[str, Any], Mapping[str, Any]]) -> str:
    step, quorum = says
    record, number = recorded.record, recorded.activation
    cast = next(one for one in record.transitions("vote.cast") if one["vote"] == recorded.vote)
    person = str(record.actor.get("person"))
    if cast["by"] != person:
        return "a vote was recorded for another person than the one who cast it"
    before = past.votes.get(number, ())
    if any(by == person for by, _ in before):
        return "a person voted twice"
    of, at = str(quorum.get("of", "")), record.instant
    if of and not past.register.holds(person, members_of(of), at):
        return f"the person was no member of the committee `{of}`"
    has_veto = bool(of) and bool(quorum.get("veto"))
    in_chair = has_veto and past.register.holds(person, chair_of(of), at)
    if bool(cast.get("in_chair")) != in_chair:
        return "the chair was another person"
    outcomes = [str(outcome) for outcome in step["outcomes"]]
    rule = Rule(int(quorum["need"]), outcomes, has_veto, _tied(str(quorum.get("tie", "")), outcomes))
    seat = Seat(int(cast["left"]), in_chair)
    counted = count(rule, [outcome for _, outcome in before], str(cast["outcome"]), seat)
    told = [one for one in record.transitions("votes.counted") if one["activation"] == number]
    said = [(one.get("outcome", ""), one["how"]) for one in told]
    if said != ([] if counted is None else [tuple(counted)]):
        return "the votes were counted otherwise than the blueprint says"
    done = [one.get("outcome", "") for one in record.transitions("task.completed") if one["activation"] == number]
    if done != ([counted.outcome] if counted is not None and counted.outcome else []):
        return "the instance went on with another outcome than the votes have"
    return ""


def _tied(tie: str, outcomes: list[str]) -> str:
    return outcomes[-1] if tie == "fails" else tie.removeprefix("outcome ")
