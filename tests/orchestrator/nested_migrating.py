"""Plays in which instances go on under another version of their blueprint and back, from wherever they are."""

from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import Any, ClassVar

from orchestrator.migrating import MigrateInstance
from tests.orchestrator.nested_playing import DRAWN, Play, Seed
from tests.orchestrator.toy import task
from versioning import blueprint as b

ADDED = "added"
MIGRATES = 12  # how often that is drawn
_SIMPLE = (b.TaskStep, b.CallStep, b.JobStep)


def another(random: Random, version: b.BlueprintVersion) -> b.BlueprintVersion:
    """A second version: all is called otherwise, some steps are others or undone otherwise, one is gone, and a task is
    done before one that was there."""
    value = version.blueprint
    steps: list[Any] = [replace(one, title=f"{one.id} again") for one in value.steps]
    first = value.first
    for place, one in enumerate(steps):
        if one.undo is not None and random.random() < 0.3:
            steps[place] = replace(one, undo=replace(one.undo, operation="x.otherwise"))
        elif isinstance(one, _SIMPLE) and random.random() < 0.3:
            steps[place] = replace(one, hold_for="role others")
    simple = [one for one in steps if isinstance(one, _SIMPLE) and one.next]
    if simple and random.random() < 0.7:
        gone = random.choice(simple)
        steps = [_led(one, gone.id, gone.next) for one in steps if one is not gone]
        first = gone.next if first == gone.id else first
    led = [place for place, one in enumerate(steps) if isinstance(getattr(one, "next", None), str) and one.next]
    if led:
        place = random.choice(led)
        steps.append(task(ADDED, steps[place].next))
        steps[place] = replace(steps[place], next=ADDED)
    made = replace(value, steps=tuple(steps), first=first)
    return replace(version, blueprint=made, number=2, digest=f"second-{hash(made)}")


def _led(part: Any, gone: str, instead: str) -> Any:
    """A step, with whatever leads to one that is gone leading to another."""
    if isinstance(part, tuple):
        return tuple([_led(one, gone, instead) for one in part])
    if not is_dataclass(part) or isinstance(part, b.Place | type):
        return instead if part == gone else part
    names = [one.name for one in fields(part) if one.name != "id"]
    return replace(part, **{name: _led(getattr(part, name), gone, instead) for name in names})


class MigratingPlay(Play):
    """A play of blueprints that each have a second version, which is in force."""

    drawn: ClassVar = {**DRAWN, "migrate": MIGRATES}

    def __init__(self, seed: Seed) -> None:
        super().__init__(seed)
        for version in self.versions:
            self.house.release(another(self.random, version))

    def migrate(self) -> None:
        """An instance goes on under the other version; some of what is live is moved to any step of that."""
        for row in self.one_of(self.instances()):
            other = self.house.by_numbers[(row.blueprint, 3 - row.number)].blueprint
            live = [one for _, one in self.book.known().values() if one.id == row.id]
            moves = [
                (one.number, self.random.choice((one.step, self.random.choice(other.steps).id)))
                for instance in live
                for one in instance.live
                if self.may(0.2)
            ]
            self.send(MigrateInstance(row.id, 3 - row.number, tuple(moves), "r"))
