"""Transitions and markings of a net in words, for traces."""

from collections.abc import Iterable

from ledger.wording import Wording, as_it_is, joined
from versioning.finding_texts import say
from versioning.net import NetPlace, Transition
from versioning.reaction_texts import of_reactions


def transition_words(transition: Transition) -> Wording:
    """What happens, as the part of a sentence."""
    step = as_it_is(f"`{transition.step}`")
    if transition.cause == "outcome":
        return say("is-decided", step=step, outcome=as_it_is(transition.detail))
    if transition.cause == "branch":
        return say("takes-way", step=step, number=int(transition.detail) + 1)
    if transition.cause == "watch":
        return say("event-happens", step=step, number=int(transition.detail) + 1)
    if transition.cause == "passed":
        return say("leaves-way-out", step=step, number=int(transition.detail) + 1)
    return {
        "fork": say("starts-branches", step=step),
        "arrived": say("one-more-arrived", step=step),
        "join": say("enough-arrived", step=step) if transition.clears else say("all-arrived", step=step),
        "late": say("is-late", step=step),
        "failed": of_reactions("step-fails", step=step),
        "skipped": say("is-skipped", step=step),
        "rejected": say("is-rejected", step=step),
        "end": say("ends", step=step),
    }.get(transition.cause, say("is-done", step=step))


def marking_words(places: Iterable[NetPlace]) -> Wording:
    """What is open in a marking."""
    said = [_place_words(place) for place in places if place.kind != "end"]
    return joined(said) or say("nothing-open")


def _place_words(place: NetPlace) -> Wording:
    step = as_it_is(place.step)
    if place.kind == "arrived":
        return say("branch-has-arrived", step=step, branch=as_it_is(place.branch))
    if place.kind == "open":
        return say("is-open", step=step)
    if place.kind == "maybe":
        return say("branch-undecided", step=step)
    if place.kind == "lost":
        return say("cannot-be-entered", step=step) if place.step else say("no-next")
    return say("is-open", step=step)
