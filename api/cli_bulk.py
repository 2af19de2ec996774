"""`muniment instance bulk ACT`: one act on many instances or incidents, each done, proposed or refused by itself.

    bulk suspend|resume|cancel [ID ...]       those that are named, or without any the active ones a filter finds
    bulk resolve --how retry|skip [ID ...]    incidents, or without any the open ones a filter finds
    bulk standing BULK                        how far one got that was begun before

The filter is `--blueprint`, `--domain`, `--step` and, of incidents, `--code`; `--dry-run` says how many it finds and
does nothing. The runner (`muniment work`) reaches one after the other: it is waited for so many seconds as `--wait`
says, and what is not reached by then goes on without.
"""

import argparse
import json
import sys
from threading import Event
from typing import Any

from api.acting import Acting
from api.many import READ_FOR_MANY, Many, found_for_many
from api.reading_as import reading_as
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from orchestrator import act_pages
from orchestrator.bulk import ITEMS_MAX
from orchestrator.commands import StartBulk
from rbac.permission import WHOLE, Ask

FILTERS = ("blueprint", "domain", "step", "code")
WAIT_SECONDS = 60
LOOK_SECONDS = 0.2  # between two looks at how far it got
REASON_MAX = 2_000  # characters, as the interface takes them


def describe(parser: argparse.ArgumentParser) -> None:
    """The arguments of every act."""
    acts = parser.add_subparsers(dest="bulk_act", required=True, metavar="ACT")
    for act in READ_FOR_MANY:
        one = acts.add_parser(act, allow_abbrev=False)
        one.add_argument("items", nargs="*", metavar="ID", help=f"at most {ITEMS_MAX}; without, what the filter finds")
        for name in FILTERS if act == "resolve" else FILTERS[:-1]:
            one.add_argument(f"--{name}", default="", metavar="NAME")
        if act == "resolve":
            one.add_argument("--how", required=True, choices=("retry", "skip"))
        else:
            one.set_defaults(how="", code="")
        one.add_argument("--reason", default="", metavar="TEXT", help="why; it is sealed as confidential")
        one.add_argument("--dry-run", action="store_true", help="say how many it would be, and do nothing")
        _shared(one)
    standing = acts.add_parser("standing", allow_abbrev=False)
    standing.add_argument("bulk", metavar="BULK", help="the id of the act, bk_...")
    _shared(standing)


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=WAIT_SECONDS, metavar="SECONDS", help=f"{WAIT_SECONDS} unless said"
    )
    parser.add_argument("--json", action="store_true", help="print one object for machines")


def run(acting: Acting, options: argparse.Namespace) -> int:
    """Exit status: 0 all are done or proposed, 1 one or all were refused or not reached, 2 usage or environment."""
    if options.bulk_act == "standing":
        return _standing(acting, options.bulk, options)
    if len(options.reason) > REASON_MAX:
        raise BrokenInput(f"expected at most {REASON_MAX} characters, found {len(options.reason)}", "--reason")
    command = _command(acting, options)
    if isinstance(command, Refusal):
        return _refused(command)
    if options.dry_run:
        told = {"act": command.act, "total": len(command.items), "items": list(command.items)}
        of = "incident" if command.act == "resolve" else "instance"
        many = f"{len(command.items)} {of}{'' if len(command.items) == 1 else 's'}"
        _print(json.dumps(told) if options.json else f"would {command.act} {many}")
        return 0
    answer = acting.send(command)
    if isinstance(answer.outcome, Refusal):
        return _refused(answer.outcome)
    return _standing(acting, str(answer.outcome.result["bulk"]), options)


def _command(acting: Acting, options: argparse.Namespace) -> StartBulk | Refusal:
    """Of what is named, or of what the filter finds now."""
    act, how = options.bulk_act, options.how
    found_by = tuple([(name, value) for name in FILTERS if (value := getattr(options, name))])
    if bool(options.items) is bool(found_by):
        raise BrokenInput("expected either ids, or a filter by which they are found", "ID")
    if options.items:
        return StartBulk(act, tuple(dict.fromkeys(options.items)), options.reason, how)
    with acting.reader.view() as view:
        domains = acting.domains(view, READ_FOR_MANY[act])
        if options.domain:
            ask = Ask(options.domain, *READ_FOR_MANY[act])
            permit = acting.rooms.access.read_check(view, view.now, acting.actor, ask)
            domains = permit if isinstance(permit, Refusal) else (options.domain,)
        if isinstance(domains, Refusal):
            return domains
        wanted = Many(act, options.blueprint, options.step, options.code)
        items = found_for_many(reading_as(view, acting.actor), domains, wanted)
    return StartBulk(act, items, options.reason, how, found_by)


def _standing(acting: Acting, bulk: str, options: argparse.Namespace) -> int:
    """Told once all are reached, or the time is over."""
    clock = acting.rooms.clock
    end = clock.monotonic() + options.wait * SECOND
    told = _told(acting, bulk)
    while not isinstance(told, Refusal) and told["waiting"] and clock.monotonic() < end:
        Event().wait(LOOK_SECONDS)
        told = _told(acting, bulk)
    if isinstance(told, Refusal):
        return _refused(told)
    _print(json.dumps(told) if options.json else "\n".join(_words(told)))
    return 1 if told["refused"] or told["waiting"] else 0


def _told(acting: Acting, bulk: str) -> dict[str, Any] | Refusal:
    """As it stands on record, for who asked for it and for readers of the whole organisation's instances."""
    with acting.reader.view() as view:
        rows = reading_as(view, acting.actor)
        row = act_pages.bulk(rows, bulk)
        if row is None:
            raise BrokenInput("expected the id of an act on many of this log, found none", "BULK")
        if act_pages.asker(row) != acting.actor.id:
            ask = Ask(WHOLE, *READ_FOR_MANY["suspend"])
            permit = acting.rooms.access.read_check(view, view.now, acting.actor, ask)
            if isinstance(permit, Refusal):
                return permit
        items = act_pages.bulk_items(rows, bulk, "", 0, ITEMS_MAX)
    told = {"bulk": row.id, "act": row.act, "total": row.total}
    told |= {"done": row.done, "proposed": row.proposed, "refused": row.refused}
    told["waiting"] = row.total - row.done - row.proposed - row.refused
    return {**told, "items": [{"item": one.item, "state": one.state, "reason": one.code} for one in items]}


def _words(told: dict[str, Any]) -> list[str]:
    """The totals, and each that is not simply done."""
    counts = ", ".join(f"{told[name]} {name}" for name in ("done", "proposed", "refused", "waiting"))
    others = [one for one in told["items"] if one["state"] in ("proposed", "refused")]
    return [
        f"{told['bulk']}: {told['act']}, {told['total']} in all: {counts}",
        *[f"  {one['item']}: {one['state']} {one['reason']}".rstrip() for one in others],
    ]


def _refused(refusal: Refusal) -> int:
    sys.stderr.write(f"muniment instance: {refusal.reason.value}: {refusal.message}\n")
    return 1


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
