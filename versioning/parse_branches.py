"""Choices and branches as read by their forms to their values: `choose`, `all`, `any of`."""

from typing import Any

from versioning.blueprint import AllStep, AnyOfStep, Branch, ChooseStep, Step
from versioning.finding_texts import say
from versioning.reader import Reader

Said = dict[str, Any]


def choose(base: Said, said: Said, reader: Reader) -> Step:
    """A choice of one of several ways."""
    return ChooseStep(**base, branches=_branches(base, said, "choose", reader))


def _branches(base: Said, said: Said, kind: str, reader: Reader) -> tuple[Branch, ...]:
    ways = said[kind]
    for number, (key, _) in enumerate(ways):
        if key == "otherwise" and number < len(ways) - 1:
            place = reader.places[f"steps.{base['id']}.{kind}.{number}"]
            reader.report("choose.otherwise", place, say("otherwise-first"), say("otherwise-once-and-last"))
    return tuple([Branch(way.get("when"), way["next"] if key == "when" else way["otherwise"]) for key, way in ways])


def all_of(base: Said, said: Said, reader: Reader) -> Step:
    """Branches that all begin, or that people begin in any order."""
    branches = said["all"]
    people = {
        "begun_by": said.get("in any order"),
        "may_repeat": said.get("may repeat", ()),
        "may_pass_over": said.get("may pass over", ()),
    }
    return AllStep(**base, branches=branches, **people, **_join(base, said, len(branches), reader))


def any_of(base: Said, said: Said, reader: Reader) -> Step:
    """Branches that begin by their conditions."""
    branches = _branches(base, said, "any of", reader)
    return AnyOfStep(**base, branches=branches, **_join(base, said, len(branches), reader))


def _join(base: Said, said: Said, branches: int, reader: Reader) -> Said:
    """Where the join leads and how many branches it needs: 0 is all of them, however that is said."""
    join = said["join"]
    need, _, of = {"all": "0", "any": "1"}.get(join["wait"], join["wait"]).partition(" of ")
    if int(need) > branches or (of and int(of) != branches):
        place = reader.places[f"steps.{base['id']}.join.wait"]
        reader.report(
            "join.count", place, say("branches-counted", branches=branches), say("at-most-branches", branches=branches)
        )
    return {"next": join.get("next", ""), "need": 0 if int(need) == branches else int(need)}
