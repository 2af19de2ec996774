"""The flow of data against every run there is, and the places a run can be in."""

from hypothesis import assume, given, settings

from tests.versioning.structured import structured
from versioning.check_data import certain, written_by
from versioning.data_paths import leaves_at, required_leaves
from versioning.net import Net, net_of

RUNS_MAX = 5_000


def entered_with(
    net: Net, writes: dict[tuple[str, str], frozenset[str]], start: frozenset[str]
) -> dict[str, frozenset[str]]:
    """By step: what every run has written when it stands there. Walks all (marking, written) pairs."""
    first = (frozenset((net.first,)), start)
    seen, todo = {first}, [first]
    found: dict[str, frozenset[str]] = {}
    while todo:
        marking, written = todo.pop()
        for number in marking:
            place = net.places[number]
            if place.kind == "at":
                found[place.step] = found.get(place.step, written) & written
        for item in net.transitions:
            if not set(item.takes) <= marking:
                continue
            after = written | writes.get((item.step, item.cause if item.cause == "done" else item.detail), frozenset())
            state = ((marking - set(item.takes) - set(item.clears)) | set(item.gives), after)
            if state not in seen and len(seen) < RUNS_MAX:
                seen.add(state)
                todo.append(state)
    assume(len(seen) < RUNS_MAX)  # branches by their conditions multiply: what has more is left to smaller ones
    return found


@given(structured())
@settings(max_examples=120, deadline=None)
def test_what_is_certain_is_what_every_run_has_written(blueprint):
    net = net_of(blueprint)
    writes = {
        (step.id, "done"): frozenset(leaf for one in written_by(step) for leaf in leaves_at(blueprint.data, one.path))
        for step in blueprint.steps
    }
    for step in blueprint.steps:
        for place, watch in enumerate(step.watches):
            writes[step.id, str(place)] = leaves_at(blueprint.data, watch.into) if watch.into else frozenset()
    found, run = certain(blueprint, net), entered_with(net, writes, required_leaves(blueprint.data))
    if any(getattr(step, "need", 0) > 1 for step in blueprint.steps):
        # Which branches a join has counted is not kept: what any two of three must have written is not told.
        assert found.keys() == run.keys()
        assert all(found[step] <= run[step] for step in run)
    else:
        assert found == run
