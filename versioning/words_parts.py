"""Words for the parts of a blueprint that stand in many places: names, lists, durations, deadlines, retries."""

import re
from collections.abc import Iterable

from ledger.wording import Wording, joined
from versioning.act_rules import ActRule
from versioning.blueprint import Deadline, Late, Offer, Retry, SignRule
from versioning.finding_texts import say

_UNITS = {"D": "day", "H": "hour", "M": "minute", "S": "second"}


def duration_words(duration: str) -> str:
    """`P2D` as `2 days`, `business P2D` as `2 business days`."""
    return str(duration_wording(duration))


def duration_wording(duration: str) -> Wording:
    """The same with its codes."""
    kind = "business-" if duration.startswith("business ") else ""
    parts = [(int(count), unit) for count, unit in re.findall(r"(\d+)([DHMS])", duration) if int(count)]
    said = [say(f"{kind}{_UNITS[unit]}{'' if count == 1 else 's'}", count=count) for count, unit in parts]
    if len(said) < 2:
        return said[0] if said else say("no-time")
    return say("first-and-last", first=joined(said[:-1]), last=said[-1])


def joined_words(items: Iterable[str], word: str = "and") -> str:
    """A list as one writes it: `a, b and c`."""
    said = list(items)
    return f"{', '.join(said[:-1])} {word} {said[-1]}" if len(said) > 1 else "".join(said)


def counted_words(calendar: str | None) -> str:
    """By which calendar working time is counted, where that is said, as the end of a phrase."""
    return f", counted by the calendar {name_words(calendar)}" if calendar else ""


def deadline_words(deadline: Deadline) -> list[str]:
    """By when, by which calendar, and what happens when it is late."""
    by = counted_words(deadline.calendar)
    said = [f"It must be over within {duration_words(deadline.within)}{_warned(deadline)}{by}."]
    if deadline.goal is not None:
        urgent = f"; when it is not, it is more urgent by {deadline.goal_urgency}" if deadline.goal_urgency else ""
        said.append(f"It should be over within {duration_words(deadline.goal)}{urgent}.")
    return said + [_late_words(late) for late in deadline.late]


def _late_words(late: Late) -> str:
    after = "When it is late" if _is_none(late.after) else f"{capital(duration_words(late.after))} later"
    each = duration_words(late.every or "").removeprefix("1 ")
    again = f", and again every {each}, {late.times} times in all" if late.every else ""
    urgent = f"it is more urgent by {late.urgency}" if late.urgency else ""
    act = ""
    if late.tell is not None:
        act = f"the role {name_words(late.tell)} is told"
    elif late.warn:
        act = "whoever holds it is warned"
    elif late.reassign is not None:
        act = f"it is offered to the role {name_words(late.reassign)} instead"
    elif late.pass_to is not None:
        act = f"it is offered to holders of {name_words(late.pass_to)} with a higher limit"
    return f"{after} {act}{' and ' if act and urgent else ''}{urgent}{again}."


def _is_none(duration: str) -> bool:
    return not any(int(count) for count in re.findall(r"\d+", duration))


def offer_words(offer: Offer | None) -> list[str]:
    """Whom it is offered to among those who may do it; nothing where that is all of them."""
    if offer is None:
        return []
    who = [f"have the skill {name_words(offer.skill)}"] if offer.skill else []
    who += [f"are of the unit {name_words(offer.unit)}"] if offer.unit else []
    said = [f"It is offered to those of them who {joined_words(who)}."] if who else []
    return [*said, "The one who holds the fewest tasks is given it."] if offer.least_loaded else said


def act_words(rule: ActRule) -> str:
    """What an act on a running instance needs; empty where that is nothing."""
    what = "correct the data of" if rule.act == "correct" else rule.act
    needs = [f"the role {name_words(rule.role)}"] if rule.role else []
    needs += ["a reason"] if rule.reason_required else []
    if rule.second:
        within = f" within {duration_words(rule.within)}" if rule.within else ""
        needs.append(f"a second person with the role {name_words(rule.second)}, who confirms it{within}")
    return f"To {what} an instance takes {joined_words(needs)}." if needs else ""


def name_words(text: str) -> str:
    """A name as one reads it: hyphens and underscores are spaces."""
    return text.replace("-", " ").replace("_", " ")


def flat_words(text: str) -> str:
    """Free text on one line: a line end in it could pass for a sentence of ours."""
    return " ".join(text.split())


def signing_words(sign: SignRule) -> str:
    """How they sign."""
    return "entering the password again" if sign.factor == "password" else "with a passkey of their own"


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _warned(deadline: Deadline) -> str:
    return "" if deadline.warn_at is None else f", and is due soon after {deadline.warn_at} % of that time"


def retry_words(retry: Retry | None) -> list[str]:
    """How often and when it is tried again; nothing without a retry."""
    if retry is None:
        return []
    first, most = duration_words(retry.first), duration_words(retry.limit)
    pace = first if retry.backoff == "fixed" else f"{first} at first, then twice as long each time, at most {most}"
    return [f"When it fails it is tried again up to {retry.times} times, waiting {pace}."]
