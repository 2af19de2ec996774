"""How instances start, as read by its form to the frozen value."""

from typing import Any

from versioning.starts import Schedule, Start

SCHEDULED = ("every", "on", "at", "zone", "calendar", "catch up")  # what only a schedule says


def build_starts(said: dict[str, Any] | tuple[dict[str, Any], ...]) -> tuple[Start, ...]:
    """Every way to begin, in the order of the source. The form has been read without a finding."""
    return tuple([_start(one) for one in (said if isinstance(said, tuple) else (said,))])


def _start(said: dict[str, Any]) -> Start:
    return Start(
        by=said["by"],
        requires=said.get("requires", ""),
        key=said["key"],
        reuse=said.get("reuse", "never"),
        message=said.get("message", ""),
        schedule=_schedule(said),
    )


def _schedule(said: dict[str, Any]) -> Schedule | None:
    """What is said of a schedule; what is missing of it, or stands where instances do not start by one, the checks
    of the start find (`check_start`)."""
    if not any(key in said for key in SCHEDULED):
        return None
    return Schedule(
        every=_several(said.get("every", ())),
        at=tuple(sorted(_several(said.get("at", ())))),
        catch_up=said.get("catch up", ""),
        on=said.get("on", ""),
        zone=said.get("zone"),
        calendar=said.get("calendar"),
    )


def _several(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
