"""Whether a condition that is waited for can come to hold: something that may happen meanwhile sets it. Pure.

A condition is judged when its step is entered and when data it reads is set, never by the clock; so one that nothing
beside it can change holds at once or never.
"""

from collections.abc import Collection, Iterator, Mapping

from ledger.wording import listed
from versioning.blueprint import AllStep, Blueprint, Step, WaitStep, watch_key
from versioning.branches import branches_of
from versioning.check_data import Read, brought_to, written_by
from versioning.data_paths import leaves_at
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.net import BESIDE, Scope
from versioning.notes import Notes


def conditions(notes: Notes, blueprint: Blueprint, reads: Mapping[str, tuple[Read, ...]]) -> None:
    """What is waited for to hold can come to hold: something that may happen meanwhile sets data that it reads."""
    scopes = branches_of(blueprint).scopes
    for step in blueprint.steps:
        keys = [*_awaited(step)]
        if not keys or step.id not in scopes:
            continue
        paths_set = _set_meanwhile(blueprint, step, scopes)
        changing = {leaf for path in paths_set for leaf in leaves_at(blueprint.data, path)}
        for key in keys:
            paths = [read.path for read in reads.get(step.id, ()) if read.key == key]
            if not any(changing & leaves_at(blueprint.data, path) for path in paths):
                told = listed(map(quoted, paths)) or say("no-data")
                message = say("condition-never-changes", step=quoted(step.id))
                expected = say("data-set-meanwhile")
                notes.error("wait.condition", notes.of_step(step, key), message, expected, told)


def _awaited(step: Step) -> Iterator[str]:
    """Where the conditions stand that a step waits for."""
    if isinstance(step, WaitStep) and step.condition is not None:
        yield "wait.condition"
    for number, watch in enumerate(step.watches):
        if watch.kind == "condition":
            yield f"{watch_key(step, number)}.condition"


def _set_meanwhile(blueprint: Blueprint, waiting: Step, scopes: Mapping[str, Scope]) -> Iterator[str]:
    """The paths that may be set while a step waits: by what is beside it, and by messages that leave it waiting."""
    around = {fork for fork, _ in scopes[waiting.id]} | {waiting.id}
    apart = {one.id for one in blueprint.steps if isinstance(one, AllStep) and one.begun_by}
    for step in blueprint.steps:
        if step.id not in scopes:
            continue
        if _are_beside(scopes[step.id], scopes[waiting.id], waiting.id, apart):
            yield from [written.path for written in written_by(step)]
            yield from [brought.path for brought in brought_to(step)]
        elif step.id in around:
            yield from [watch.into for watch in step.watches if watch.into and watch.meanwhile]


def _are_beside(one: Scope, other: Scope, waiting: str, apart: Collection[str]) -> bool:
    """Whether something in scope `one` may go on while the waiting step, in scope `other`, is open.

    `apart` are the forks whose branches are begun one after the other; what is beside the fork itself still may.
    """
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            exclude = mine[0] in apart and not any(branch.startswith(BESIDE) for _, branch in (mine, its))
            return mine[0] == its[0] and not exclude
    return one[len(other) :][:1] != () and one[len(other)][0] == waiting and one[len(other)][1].startswith(BESIDE)
