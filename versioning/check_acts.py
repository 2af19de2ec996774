"""Whether an act on running instances that a second person confirms finds one today."""

from ledger.wording import as_it_is
from versioning.act_rules import ActRule
from versioning.blueprint import Blueprint
from versioning.finding import quoted
from versioning.notes import Notes
from versioning.people_texts import of_people
from versioning.registers import Doing, People


def somebody_could_confirm(notes: Notes, blueprint: Blueprint, people: People) -> None:
    """Who confirms an act does it, so that they hold the role and may do the act as well; and it is another person than
    the one who proposes it."""
    for rule in blueprint.acts:
        if rule.second and people.doing is not None:
            _confirmed(notes, rule, people.doing)


def _confirmed(notes: Notes, rule: ActRule, doing: Doing) -> None:
    place, act = notes.at(f"acts.{rule.act}.second"), as_it_is(rule.act)
    able = doing(rule.second, rule.act)
    if not able:
        message = of_people("nobody-could-confirm", act=act)
        notes.error(
            "act.nobody", place, message, of_people("person-who-may-confirm", role=quoted(rule.second), act=act)
        )
    elif not any(_is_other(domain, person, doing(rule.role, rule.act)) for domain, person in able):
        message = of_people("confirms-alone", act=act)
        notes.error("act.nobody", place, message, of_people("one-more-who-may", act=act))


def _is_other(domain: str, person: str, proposing: frozenset[tuple[str, str]]) -> bool:
    """Whether somebody else could propose it in the same domain."""
    return any(where == domain and other != person for where, other in proposing)
