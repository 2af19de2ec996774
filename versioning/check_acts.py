"""Whether an act on running instances that a second person confirms finds one today."""

from versioning.act_rules import ActRule
from versioning.blueprint import Blueprint
from versioning.finding import quoted
from versioning.notes import Notes
from versioning.registers import Doing, People


def somebody_could_confirm(notes: Notes, blueprint: Blueprint, people: People) -> None:
    """Who confirms an act does it, so that they hold the role and may do the act as well; and it is another person than
    the one who proposes it."""
    for rule in blueprint.acts:
        if rule.second and people.doing is not None:
            _confirmed(notes, rule, people.doing)


def _confirmed(notes: Notes, rule: ActRule, doing: Doing) -> None:
    place, act = notes.at(f"acts.{rule.act}.second"), f"instance: {rule.act}"
    able = doing(rule.second, rule.act)
    if not able:
        message = f"nobody could confirm today that an instance is to {rule.act}"
        notes.error("act.nobody", place, message, f"a person with {quoted(rule.second)} whose roles allow `{act}`")
    elif not any(_is_other(domain, person, doing(rule.role, rule.act)) for domain, person in able):
        message = f"the only person who could confirm to {rule.act} is the only one there who could propose it"
        notes.error("act.nobody", place, message, f"one more person whose roles allow `{act}`")


def _is_other(domain: str, person: str, proposing: frozenset[tuple[str, str]]) -> bool:
    """Whether somebody else could propose it in the same domain."""
    return any(where == domain and other != person for where, other in proposing)
