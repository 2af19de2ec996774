"""Words for who takes a decision, with how many votes, and the reason they give."""

from collections.abc import Callable, Iterable

from versioning.blueprint import DecideStep, Duty, Quorum
from versioning.words_parts import joined_words, name_words

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def decider_words(step: DecideStep, limit: str) -> list[str]:
    """Who decides, under which authority, whose limit covers `limit`."""
    outcomes = joined_words(step.outcomes, "or")
    authority = f"under an authority for {name_words(step.authority)} whose limit covers {limit}"
    role = f" with the role {name_words(step.role)}" if step.role else ""
    if step.quorum is None:
        return [f"A person{role} decides {outcomes}, {authority}."]
    quorum = step.quorum
    who = f"The {name_words(quorum.of)} committee decides" if quorum.of else "Those who may decide it vote on"
    return [f"{who} {outcomes}: {quorum_words(quorum)}.", f"Each person{role} votes once, {authority}.", *_ends(step)]


def quorum_words(quorum: Quorum) -> str:
    """How many must agree, and who may veto."""
    count = _NUMBERS[quorum.need] if quorum.need < len(_NUMBERS) else str(quorum.need)
    veto = f", and the {quorum.veto} may veto" if quorum.veto else ""
    return f"{count} of {'its members' if quorum.of else 'them'} must agree{veto}"


def _ends(step: DecideStep) -> list[str]:
    quorum = step.quorum
    assert quorum is not None
    said = []
    if quorum.veto:
        said.append(f"A vote of the {quorum.veto} for {joined_words(step.outcomes[1:], 'or')} ends it so.")
    tied = quorum.tied(step.outcomes)
    became = f"it is decided {tied}" if tied else "an incident is raised"
    return [*said, f"When no outcome can get enough votes any more, {became}."]


def reason_words(step: DecideStep) -> list[str]:
    """Whether they give a reason, and from which list."""
    if not (step.reason_required or step.code_lists):
        return []
    must = "must give" if step.reason_required else "may give"
    codes = f" from the list {name_words(step.reason_codes)}" if step.reason_codes else ""
    said = [f"from the list {name_words(name)} on {outcome}" for outcome, name in step.outcome_codes]
    return [f"They {must} a reason{codes}{', ' * bool(said)}{joined_words(said)}."]


_BARRED = {
    "not initiator": "whoever started the instance",
    "not author of blueprint": "whoever wrote this blueprint",
    "not approver of blueprint": "whoever approved this blueprint",
    "not on behalf of initiator": "whoever acts on behalf of who started the instance, or they of them",
    "not same unit as initiator": "whoever is of the same unit as who started the instance",
}


def duty_words(duties: Iterable[Duty], to: Callable[[str], str]) -> list[str]:
    """Who may not, and how many persons it takes; `to` has the words for a step."""
    barred, counted = [], []
    for duty in duties:
        if duty.kind == "at least persons":
            others = joined_words(map(to, duty.shared))
            counted.append(f"At least {duty.needed} different persons act in this step and in {others}.")
        elif duty.kind == "not step":
            barred.append(f"whoever acted in {to(duty.step or '')}")
        elif duty.kind == "not on behalf of step":
            barred.append(f"whoever acts on behalf of who acted in {to(duty.step or '')}, or they of them")
        elif duty.kind == "not same unit as step":
            barred.append(f"whoever is of the same unit as who acted in {to(duty.step or '')}")
        else:
            barred.append(_BARRED[duty.kind])
    return [*([f"Barred from it: {joined_words(barred)}."] if barred else []), *counted]
