"""Transitions and markings of a net in words, for traces."""

from collections.abc import Iterable

from versioning.net import NetPlace, Transition


def transition_words(transition: Transition) -> str:
    """What happens, as the part of a sentence."""
    step = f"`{transition.step}`"
    if transition.cause == "outcome":
        return f"{step} is decided `{transition.detail}`"
    if transition.cause == "branch":
        return f"{step} takes its way {int(transition.detail) + 1}"
    if transition.cause == "watch":
        return f"the event {int(transition.detail) + 1} that {step} is watched for happens"
    if transition.cause == "passed":
        return f"{step} leaves its way {int(transition.detail) + 1} out"
    return {
        "fork": f"{step} starts its branches",
        "arrived": f"one more branch of {step} has arrived",
        "join": f"{'enough' if transition.clears else 'all'} branches of {step} have arrived",
        "late": f"{step} is late",
        "skipped": f"{step} is skipped",
        "rejected": f"what {step} proposes is rejected",
        "end": f"{step} ends the instance",
    }.get(transition.cause, f"{step} is done")


def marking_words(places: Iterable[NetPlace]) -> str:
    """What is open in a marking."""
    said = [_place_words(place) for place in places if place.kind != "end"]
    return ", ".join(said) or "nothing is open"


def _place_words(place: NetPlace) -> str:
    if place.kind == "arrived":
        return f"`{place.step}` waits, its branch `{place.branch}` has arrived"
    if place.kind == "open":
        return f"`{place.step}` is open"
    if place.kind == "maybe":
        return f"the branch `{place.step}` is not decided on"
    if place.kind == "lost":
        return f"`{place.step}` cannot be entered" if place.step else "the step has no next one"
    return f"`{place.step}` is open"
