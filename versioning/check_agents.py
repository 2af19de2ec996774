"""What an `agent` step names: an agent that exists and may see what it is shown, a judge, a rule table that gates."""

from collections.abc import Mapping
from typing import get_args

from versioning.blueprint import AgentStep, Blueprint, DataClass
from versioning.check_data import shown_by
from versioning.check_structure import Notes
from versioning.data_paths import classes_at
from versioning.finding import quoted
from versioning.reader import near
from versioning.registers import Agent, Registers

_BY_STRICTNESS: tuple[DataClass, ...] = get_args(DataClass)


def agents(notes: Notes, blueprint: Blueprint, registers: Registers, step: AgentStep) -> None:
    """The agents and the rule table of one step."""
    _gated(notes, step)
    if registers.agents is not None:
        _known(notes, blueprint, registers.agents, step)
    if step.table is None or registers.tables is None:
        return
    table = registers.tables.get(step.table)
    place = notes.of_step(step, "gate rules")
    if table is None:
        message = f"a rule table that does not exist{near(step.table, registers.tables)}"
        notes.error("reference", place, message, "a rule table", quoted(step.table))
    elif table.yields is not None and table.yields.type != "boolean":
        message = f"the rule table {quoted(step.table)} answers neither true nor false"
        notes.error("agent.rules", place, message, "boolean", table.yields.type)


def _gated(notes: Notes, step: AgentStep) -> None:
    """Something stands between the answer and the data, or the step says in so many words that nothing does."""
    if step.accept_when or step.table or step.judge or step.sample:
        return
    message = f"whatever {quoted(step.agent)} answers in the form of `expects` becomes {quoted(step.into)} unreviewed"
    expected = "`accept when`, `gate rules`, `judge` or `sample`; or `accept when: = true`, where that is meant"
    notes.warning("agent.ungated", notes.of_step(step, "agent"), message, expected)


def _known(notes: Notes, blueprint: Blueprint, known: Mapping[str, Agent], step: AgentStep) -> None:
    """Who is asked and who judges, among the agents in force."""
    names = [step.agent] if step.agent in known else [name for name, one in known.items() if step.agent in one.serves]
    if not names:
        place = notes.of_step(step, "agent")
        message = f"an agent that does not exist, or a task that none serves{near(step.agent, known)}"
        notes.error("reference", place, message, "an agent", quoted(step.agent))
    elif len(names) == 1 or all(_over(blueprint, step, known[name]) for name in names):
        _sees(notes, blueprint, step, step.agent, known[names[0]])
    if step.judge is None:
        return
    judge = known.get(step.judge)
    if judge is None:
        message = f"an agent that does not exist{near(step.judge, known)}"
        notes.error("reference", notes.of_step(step, "judge"), message, "an agent", quoted(step.judge))
        return
    _sees(notes, blueprint, step, step.judge, judge)
    place, named = notes.of_step(step, "judge"), quoted(step.judge)
    if names == [step.judge]:
        notes.error("agent.judge", place, f"{named} would judge its own answer", "another agent")
    elif step.judge in names:
        message = f"{named} serves {quoted(step.agent)} as well; where it answers itself, a person reviews it"
        notes.warning("agent.judge", place, message, "an agent that does not serve it")


def _sees(notes: Notes, blueprint: Blueprint, step: AgentStep, name: str, agent: Agent) -> None:
    """Nothing stricter than it may see is shown to it."""
    over = _over(blueprint, step, agent)
    for read in shown_by(step):
        stricter = [one for one in over if one in classes_at(blueprint.data, read.path)]
        if stricter:
            message = f"the agent {quoted(name)} may not see {stricter[-1]} data, which {quoted(read.path)} is"
            notes.error(
                "agent.class", notes.of_step(step, read.key), message, f"at most {agent.sees} data", stricter[-1]
            )


def _over(blueprint: Blueprint, step: AgentStep, agent: Agent) -> list[DataClass]:
    """The classes of what is shown that are stricter than the agent may see."""
    shown = {one for read in shown_by(step) for one in classes_at(blueprint.data, read.path)}
    return [one for one in _BY_STRICTNESS[_BY_STRICTNESS.index(agent.sees) + 1 :] if one in shown]
