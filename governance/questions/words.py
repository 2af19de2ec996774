"""Words for amounts, limits, instants and grants in records. Pure, standard library only."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.grant import EVER
from ledger.clock import Instant, instant_text


def instant_words(instant: int) -> str:
    """An instant as text; what lies beyond the calendar has no end."""
    return "without end" if instant >= EVER else instant_text(Instant(instant))


def amount_words(measure: Mapping[str, str] | None) -> str:
    """`12500.00 GBP`."""
    return "nothing" if measure is None else f"{measure['amount']} {measure['currency']}".rstrip()


def limit_words(limit: Mapping[str, Any] | None, headroom: str | None) -> str:
    """The limit that binds and what is left of it."""
    if limit is None:
        return "no limit counted"
    bound = f"{limit['max']} {limit['currency']}".rstrip()
    least = "at most" if limit["inclusive"] else "less than"
    period = f" within {limit['days']} days" if limit["days"] else " per case"
    return f"{least} {bound}{period}" + ("" if headroom is None else f", {headroom} left")


def grant_words(value: Mapping[str, Any], paper: Mapping[str, Any] | None, person: Callable[[str], str]) -> str:
    """Who was given a grant by whom, until when, and on which paper it rests."""
    by = f" by {person(value['grantor'])}" if value["grantor"] else ""
    rests = "an instrument that is not at hand"
    if paper is not None:
        rests = f"{paper['title']} ({paper['number']}, {paper['issued_by']}, {paper['issued_on']})"
    limits = "; ".join(limit_words(limit, None) for limit in value["limits"]) or "no limit"
    return (
        f"grant {value['id']} version {value['version']} was given to {person(value['grantee'])}{by}, in force from "
        f"{instant_words(value['valid_from'])} to {instant_words(value['valid_to'])}, {limits}; it rests on {rests}"
    )
