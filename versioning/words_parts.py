"""Words for the parts of a blueprint that stand in many places: names, lists, durations, deadlines, retries."""

import re
from collections.abc import Callable, Iterable, Sequence

from ledger.wording import NOTHING, Wording, as_it_is, joined
from versioning.act_rules import ActRule
from versioning.blueprint import Deadline, Late, Offer, Recipient, Retry, SignRule
from versioning.finding_texts import say
from versioning.parts_texts import part

_UNITS = {"D": "day", "H": "hour", "M": "minute", "S": "second"}
_EACH = {
    "day": part("each-day"),
    "hour": part("each-hour"),
    "minute": part("each-minute"),
    "second": part("each-second"),
    "business-day": part("each-business-day"),
    "business-hour": part("each-business-hour"),
    "business-minute": part("each-business-minute"),
}
_ACTS = {
    "suspend": part("act-suspend"),
    "resume": part("act-resume"),
    "cancel": part("act-cancel"),
    "modify": part("act-modify"),
    "correct": part("act-correct"),
    "migrate": part("act-migrate"),
}

Whom = Callable[[tuple[Recipient, ...]], Wording]
"""Words for those who are told something: steps among them are named by where they stand."""


def sentences(said: Sequence[Wording]) -> Wording:
    """Sentences one after the other, each with its stop; nothing of none."""
    return part("sentence", said=joined(said, "list.sentence", ". ")) if said else NOTHING


def unstopped(said: Wording) -> Wording:
    """Words that go on where they would end: without their last stop."""
    if said.code == "part.sentence":
        return next(inner for _, inner in said.arguments if isinstance(inner, Wording))
    return as_it_is(said.rstrip(".")) if not said.code else said


def duration_words(duration: str) -> Wording:
    """`P2D` as `2 days`, `business P2D` as `2 business days`."""
    kind = "business-" if duration.startswith("business ") else ""
    parts = [(int(count), unit) for count, unit in re.findall(r"(\d+)([DHMS])", duration) if int(count)]
    said = [say(f"{kind}{_UNITS[unit]}{'' if count == 1 else 's'}", count=count) for count, unit in parts]
    return joined_words(said) or say("no-time")


def _each_words(duration: str) -> Wording:
    """`P1D` as `day`, `P2D` as `2 days`: what comes after `every`."""
    said = duration_words(duration)
    return _EACH.get(said.code) or part("each-of-duration", duration=said)


def joined_words(items: Iterable[Wording]) -> Wording:
    """A list as one writes it: `a, b and c`."""
    said = list(items)
    return say("first-and-last", first=joined(said[:-1]), last=said[-1]) if len(said) > 1 else joined(said)


def either_words(items: Iterable[Wording]) -> Wording:
    """The same of which one is taken: `a, b or c`."""
    said = list(items)
    return part("first-or-last", first=joined(said[:-1]), last=said[-1]) if len(said) > 1 else joined(said)


def counted_words(calendar: str | None) -> Wording:
    """By which calendar working time is counted, where that is said, as the end of a phrase."""
    return part("counted-by", calendar=name_words(calendar)) if calendar else NOTHING


def deadline_words(deadline: Deadline, whom: Whom, *, of_review: bool = False) -> list[Wording]:
    """By when, by which calendar, and what happens when it is late."""
    within, warned, counted = duration_words(deadline.within), _warned(deadline), counted_words(deadline.calendar)
    said = [
        part("review-must-be-over" if of_review else "must-be-over", duration=within, warned=warned, counted=counted)
    ]
    if deadline.goal is not None:
        goal, urgency = duration_words(deadline.goal), deadline.goal_urgency
        urgent = part("should-be-over-urgent", duration=goal, urgency=urgency) if urgency else None
        said.append(urgent or part("should-be-over", duration=goal))
    return said + [_late_words(late, whom) for late in deadline.late]


def _late_words(late: Late, whom: Whom) -> Wording:
    after = part("after-late") if _is_none(late.after) else part("after-later", duration=duration_words(late.after))
    again = part("after-each", each=_each_words(late.every), times=late.times) if late.every else NOTHING
    urgent = part("late-more-urgent", urgency=late.urgency) if late.urgency else NOTHING
    act = _late_act(late, whom)
    what = part("late-and-urgent", what=act, urgent=urgent) if act and urgent else act or urgent
    return part("late", after=after, what=what, again=again)


def _late_act(late: Late, whom: Whom) -> Wording:
    if late.tell is not None:
        return part("late-told", role=name_words(late.tell))
    if late.whom:
        return part("late-told-whom", who=whom(late.whom))
    if late.warn:
        return part("late-warned")
    if late.reassign is not None:
        return part("late-offered", role=name_words(late.reassign))
    if late.pass_to is not None:
        return part("late-passed-on", authority=name_words(late.pass_to))
    return NOTHING


def _is_none(duration: str) -> bool:
    return not any(int(count) for count in re.findall(r"\d+", duration))


def offer_words(offer: Offer | None) -> list[Wording]:
    """Whom it is offered to among those who may do it; nothing where that is all of them."""
    if offer is None:
        return []
    who = [part("has-skill", skill=name_words(offer.skill))] if offer.skill else []
    who += [part("of-unit", unit=name_words(offer.unit))] if offer.unit else []
    said = [part("offered-to", who=joined_words(who))] if who else []
    return [*said, part("few-tasks")] if offer.least_loaded else said


def act_words(rule: ActRule) -> Wording:
    """What an act on a running instance needs; empty where that is nothing."""
    needs = [part("the-role", role=name_words(rule.role))] if rule.role else []
    needs += [part("a-reason")] if rule.reason_required else []
    if rule.second and rule.within:
        within = duration_words(rule.within)
        needs.append(part("second-within", role=name_words(rule.second), duration=within))
    elif rule.second:
        needs.append(part("second", role=name_words(rule.second)))
    return part("act", act=_ACTS[rule.act], needs=joined_words(needs)) if needs else NOTHING


def name_words(text: str) -> Wording:
    """A name as one reads it: hyphens and underscores are spaces."""
    return as_it_is(text.replace("-", " ").replace("_", " "))


def flat_words(text: str) -> Wording:
    """Free text on one line: a line end in it could pass for a sentence of ours."""
    return as_it_is(" ".join(text.split()))


def signing_words(sign: SignRule) -> Wording:
    """How they sign."""
    return part("sign-password" if sign.factor == "password" else "sign-passkey")


def _warned(deadline: Deadline) -> Wording:
    return NOTHING if deadline.warn_at is None else part("soon-after", share=deadline.warn_at)


def retry_words(retry: Retry | None) -> list[Wording]:
    """How often and when it is tried again; nothing without a retry."""
    if retry is None:
        return []
    first, most = duration_words(retry.first), duration_words(retry.limit)
    if retry.backoff == "fixed":
        return [part("tried-again", times=retry.times, first=first)]
    return [part("tried-longer", times=retry.times, first=first, most=most)]
