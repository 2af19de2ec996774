"""What an instance that has ended gives to the step that ran it: in clear, by the paths where it is put."""

from orchestrator.brought import NOTHING, Brought
from orchestrator.instance import Activation
from orchestrator.paths import value_at
from orchestrator.subject import Subject
from versioning.blueprint import RunStep
from versioning.bringing import fault


def brought(parent: Subject, activation: Activation, child: Subject) -> Brought:
    """What the step asks for, as it stands in the child now. Judged anew: its version may be a later one than the
    checks of a proposal have seen. What has no value there is not put anywhere.
    """
    step = parent.plan.visited(activation.step, activation.branch)
    if not isinstance(step, RunStep):
        return NOTHING
    found = []
    for path, given in step.bring:
        code = fault(child.plan.version.blueprint, given, parent.plan.version.blueprint.data, path)
        if code:
            return Brought((), code)
        root, _, rest = given.partition(".")
        value = child.read(root)
        value = value_at(value, rest) if rest and value is not None else value
        if value is not None:
            found.append((path, value))
    return Brought(tuple(found))
