"""Words for who takes a decision, with how many votes, and the reason they give."""

from collections.abc import Callable, Iterable

from ledger.wording import Wording, as_it_is
from versioning.blueprint import DecideStep, Duty, Quorum
from versioning.words_parts import either_words, joined_words, name_words
from versioning.words_texts import tell

_COUNTS = (
    tell("count-0"),
    tell("count-1"),
    tell("count-2"),
    tell("count-3"),
    tell("count-4"),
    tell("count-5"),
    tell("count-6"),
    tell("count-7"),
    tell("count-8"),
    tell("count-9"),
    tell("count-10"),
    tell("count-11"),
    tell("count-12"),
)


def decider_words(step: DecideStep, limit: Wording) -> list[Wording]:
    """Who decides, under which authority, whose limit covers `limit`."""
    outcomes = outcome_words(step.outcomes)
    authority = tell("under-authority", authority=name_words(step.authority), limit=limit)
    quorum = step.quorum
    if quorum is None and step.role:
        return [tell("decides-with-role", role=name_words(step.role), outcomes=outcomes, authority=authority)]
    if quorum is None:
        return [tell("decides", outcomes=outcomes, authority=authority)]
    agree = quorum_words(quorum)
    if quorum.of:
        who = tell("votes-of-committee", committee=name_words(quorum.of), outcomes=outcomes, agree=agree)
    else:
        who = tell("votes", outcomes=outcomes, agree=agree)
    if step.role:
        once = tell("votes-once-with-role", role=name_words(step.role), authority=authority)
    else:
        once = tell("votes-once", authority=authority)
    return [who, once, *_ends(step, quorum)]


def outcome_words(outcomes: Iterable[str]) -> Wording:
    """Outcomes of which one is taken."""
    return either_words(map(as_it_is, outcomes))


def quorum_words(quorum: Quorum) -> Wording:
    """How many must agree, and who may veto."""
    count = _COUNTS[quorum.need] if quorum.need < len(_COUNTS) else as_it_is(quorum.need)
    whom = tell("whole-members" if quorum.of else "of-them")
    return tell("must-agree-or-veto" if quorum.veto else "must-agree", count=count, whom=whom)


def _ends(step: DecideStep, quorum: Quorum) -> list[Wording]:
    said = [tell("chair-ends-it", outcomes=outcome_words(step.outcomes[1:]))] if quorum.veto else []
    tied = quorum.tied(step.outcomes)
    becomes = tell("into-decided", outcome=as_it_is(tied)) if tied else tell("into-incident")
    return [*said, tell("tie", becomes=becomes)]


def reason_words(step: DecideStep) -> list[Wording]:
    """Whether they give a reason, and from which list."""
    if not (step.reason_required or step.code_lists):
        return []
    must = step.reason_required
    if step.outcome_codes:
        lists = joined_words(
            tell("from-list-on", codes=name_words(name), outcome=as_it_is(outcome))
            for outcome, name in step.outcome_codes
        )
        return [tell("reason-must-on" if must else "reason-may-on", lists=lists)]
    if step.reason_codes:
        lists = tell("from-list", codes=name_words(step.reason_codes))
        return [tell("reason-must-from" if must else "reason-may-from", lists=lists)]
    return [tell("reason-must" if must else "reason-may")]


_BARRED = {
    "not initiator": tell("barred-initiator"),
    "not author of blueprint": tell("barred-author"),
    "not approver of blueprint": tell("barred-approver"),
    "not on behalf of initiator": tell("barred-behalf-initiator"),
    "not same unit as initiator": tell("barred-unit-initiator"),
}


def duty_words(duties: Iterable[Duty], to: Callable[[str], Wording]) -> list[Wording]:
    """Who may not, and how many persons it takes; `to` has the words for a step."""
    barred, counted = [], []
    for duty in duties:
        step = to(duty.step or "")
        if duty.kind == "at least persons":
            counted.append(tell("at-least-persons", needed=duty.needed, steps=joined_words(map(to, duty.shared))))
        elif duty.kind == "not step":
            barred.append(tell("barred-acted", step=step))
        elif duty.kind == "not on behalf of step":
            barred.append(tell("barred-behalf-step", step=step))
        elif duty.kind == "not same unit as step":
            barred.append(tell("barred-unit-step", step=step))
        else:
            barred.append(_BARRED[duty.kind])
    return [*([tell("barred", who=joined_words(barred))] if barred else []), *counted]
