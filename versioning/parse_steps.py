"""Steps as read by their forms to the frozen value of each kind."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal, get_args

from versioning.agent_steps import SHARE
from versioning.blueprint import (
    INNER,
    AgentStep,
    CallStep,
    Deadline,
    DecideStep,
    Duty,
    EachStep,
    EndStep,
    JobStep,
    Late,
    Quorum,
    Recipient,
    Retry,
    RulesStep,
    RunStep,
    SendStep,
    SignRule,
    Step,
    TaskStep,
    TellStep,
    UndoStep,
    WaitStep,
    Watch,
)
from versioning.blueprint_parts import DutyKind
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.offer_forms import build_offer
from versioning.parse_branches import all_of, any_of, choose
from versioning.reaction_texts import of_reactions
from versioning.reader import Reader, business_duration, is_too_long, iso_duration
from versioning.shapes import DURATION_DAYS_MAX

Said = dict[str, Any]


def build_step(name: str, kind: str, said: Said, reader: Reader) -> Step:
    """The step `name` of this kind. The forms have been read without a finding."""
    path = f"steps.{name}"
    base: Said = {
        "id": name,
        "place": reader.places[f"{path}#"],
        "title": said.get("title", ""),
        "deadline": _deadline(said, path, reader),
        "on_late": said.get("on late"),
        **_failing(said, path, reader),
        "skip_when": said.get("skip when"),
        "skip_to": said.get("skip to"),
        "watches": tuple([build_watch(key, what) for key, what in said.items() if key.startswith(_REACTIONS)]),
    }
    base["undo"] = _undo(base, said)
    _bounded(said, path, reader)
    return _BUILDERS[kind](base, said, reader)


def _bounded(said: Said, path: str, reader: Reader) -> None:
    """A time after which an event comes stands in its key, which no form has looked at."""
    for key in said:
        if key.startswith("after ") and is_too_long(key.removeprefix("after ")):
            bounds = say("at-most-days", least=say("more-than-none"), most=DURATION_DAYS_MAX)
            reader.report("form", reader.places[f"{path}.{key}"], say("duration-out-of-bounds"), bounds, quoted(key))


def _inner(base: Said, **own: Any) -> Said:
    """The fields of a step that stands inside another: it is visited under the other's name, by the same people."""
    return {"id": base["id"], "place": INNER, "hold_for": base["hold_for"], **own}


def _undo(base: Said, said: Said) -> CallStep | None:
    """The call that undoes a step. One of which the operation alone is said is handed what the step is handed."""
    undo = said.get("undo")
    if undo is None:
        return None
    kind, done = said["do"] if "each" in said else ("call" if "call" in said else "", said)
    if isinstance(undo, str):
        undo = {"call": undo, "with": done.get("with", ()) if kind == "call" else ()}
    return CallStep(
        **_inner(base, operation=undo["call"], arguments=undo.get("with", ()), retry=_retry(undo) or _retry(done))
    )


def _failing(said: Said, path: str, reader: Reader) -> Said:
    """Who resolves an incident, or where a failure leads; one of the two."""
    failing = said.get("on failure", {})
    if "on failure" in said and len(failing) != 1:
        place = reader.places[f"{path}.on failure"]
        message = of_reactions("failure-two-ways") if failing else of_reactions("failure-no-way")
        reader.report("failure.way", place, message, of_reactions("failure-ways"))
    return {"hold_for": failing.get("hold for"), "on_failure_next": failing.get("next")}


_REACTIONS = ("on message ", "after ", "on error ")


def build_watch(key: str, said: Any) -> Watch:
    """An event by its key, with what is said of it."""
    what = {"next": said} if isinstance(said, str) else dict(said)
    if key.startswith("on error "):
        return Watch("error", key.removeprefix("on error "), **what)
    if key.startswith("on message "):
        return Watch("message", key.removeprefix("on message "), **what)
    said = key.removeprefix("after ")
    business, elapsed = business_duration(said), iso_duration(said)
    assert business is not None or elapsed is not None  # the form has asked for one
    return Watch("after", business or (elapsed or ("",))[0], **what)


def _deadline(said: Said, path: str, reader: Reader) -> Deadline | None:
    wait = said.get("wait")
    stated = [("within", said.get("within")), ("deadline", said.get("deadline"))]
    if isinstance(wait, tuple) and _is_kind(wait):
        stated.append(("wait.within", wait[1].get("within")))
    given = [(key, value) for key, value in stated if value is not None]
    if len(given) > 1:
        place = reader.places[f"{path}.{given[1][0]}"]
        reader.report("deadline.twice", place, say("two-deadlines"), say("one-deadline"))
    if not given:
        return None
    value = given[0][1]
    return Deadline(value) if isinstance(value, str) else build_deadline(value)


def build_deadline(said: Said) -> Deadline:
    """A deadline stated in full."""
    warn, goal = said.get("warn at"), said.get("goal")
    if isinstance(goal, str):
        goal = {"within": goal}
    return Deadline(
        said["within"],
        None if warn is None else int(warn),
        tuple(map(_late, said.get("late", ()))),
        None if goal is None else goal["within"],
        0 if goal is None else goal.get("urgency", 0),
        said.get("calendar"),
    )


def _late(said: Said) -> Late:
    told = _recipients(said.get("tell", ()))
    is_role = len(told) == 1 and told[0].kind == "role"
    return Late(
        said["after"],
        told[0].name if is_role else None,
        said.get("pass to"),
        said.get("reassign"),
        "warn" in said,
        said.get("urgency", 0),
        said.get("every"),
        said.get("times", 1),
        () if is_role else told,
    )


def _recipients(said: str | tuple[str, ...]) -> tuple[Recipient, ...]:
    return tuple(map(Recipient.of, (said,) if isinstance(said, str) else said))


def _retry(said: Said) -> Retry | None:
    retry = said.get("retry")
    return None if retry is None else Retry(**retry)


def _duty(text: str) -> Duty:
    for kind in _OF_STEP:
        if text.startswith(f"{kind} "):
            return Duty(kind, text.removeprefix(f"{kind} "))
    if text.startswith("at least "):
        counted, _, shared = text.partition(" persons here and in ")
        return Duty("at least persons", None, int(counted.removeprefix("at least ")), tuple(shared.split(" and ")))
    return Duty(_DUTIES[text])


_OF_STEP: tuple[Literal["not step", "not same unit as step", "not on behalf of step"], ...] = (
    "not step",
    "not same unit as step",
    "not on behalf of step",
)
_DUTIES: Mapping[str, DutyKind] = {name: name for name in get_args(DutyKind)}


def _duties(said: Said) -> tuple[Duty, ...]:
    return tuple([_duty(text) for text in said.get("duties", ())])


def _task(base: Said, said: Said, _reader: Reader) -> Step:
    base["title"] = said["task"]
    return TaskStep(
        **base,
        role=said["role"],
        shows=said.get("shows", ()),
        expects=said["expects"],
        duties=_duties(said),
        next=said.get("next", ""),
        offer=build_offer(said),
    )


def _decide(base: Said, said: Said, _reader: Reader) -> Step:
    outcomes = said["decide"]
    reason = said.get("reason", {})
    codes, sign, quorum = reason.get("codes"), said.get("sign"), said.get("quorum")
    return DecideStep(
        **base,
        outcomes=outcomes,
        authority=said.get("authority", ""),
        measure=said.get("measure", ""),
        role=said.get("role"),
        shows=said.get("shows", ()),
        reason_required=reason.get("required", False),
        reason_codes=codes if isinstance(codes, str) else None,
        outcome_codes=() if codes is None or isinstance(codes, str) else codes,
        quorum=None if quorum is None else Quorum(**quorum),
        into=said.get("into"),
        sign=None if sign is None else SignRule(sign["meaning"], sign.get("factor", "password")),
        duties=_duties(said),
        next=_targets(outcomes, said.get("next")),
        offer=build_offer(said),
    )


def _targets(outcomes: tuple[str, ...], said: Any) -> tuple[tuple[str, str], ...]:
    """Targets in the order of the outcomes; nothing said means the join for each, names of no outcome come last."""
    if said is None:
        return tuple([(outcome, "") for outcome in outcomes])
    if isinstance(said, str):
        return ((outcomes[0], said),)
    targets = dict(said)
    known = [(outcome, targets.pop(outcome)) for outcome in outcomes if outcome in targets]
    return (*known, *targets.items())


def _call(base: Said, said: Said, _reader: Reader) -> Step:
    return CallStep(**base, operation=said["call"], **_machine(said), retry=_retry(said))


def _job(base: Said, said: Said, _reader: Reader) -> Step:
    priority = said.get("priority", "")
    return JobStep(**base, type=said["job"], **_machine(said), retry=_retry(said), priority=priority)


def _agent(base: Said, said: Said, _reader: Reader) -> Step:
    within = said["otherwise"].get("within")
    base["deadline"] = None if within is None else Deadline(within)
    return AgentStep(
        **base,
        agent=said["agent"],
        shows=said["shows"],
        expects=json.dumps(_schema(said["expects"]), sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        accept_when=said.get("accept when", ""),
        table=said.get("gate rules"),
        judge=said.get("judge"),
        sample=int(Decimal(said.get("sample", "0")) * SHARE / 100),
        review_by=said["otherwise"]["review by"],
        offer=build_offer(said["otherwise"]),
        rejected=said.get("rejected"),
        into=said["into"],
        retry=_retry(said),
        next=said.get("next", ""),
    )


def _schema(said: Said) -> Said:
    """A schema as JSON has it: the reader gives members as pairs and lists as tuples."""
    inner = {**said}
    if "properties" in said:
        inner["properties"] = {name: _schema(one) for name, one in said["properties"]}
    if "items" in said:
        inner["items"] = _schema(said["items"])
    return inner


def _rules(base: Said, said: Said, _reader: Reader) -> Step:
    return RulesStep(**base, table=said["rules"], **_machine(said))


def _run(base: Said, said: Said, _reader: Reader) -> Step:
    return RunStep(**base, blueprint=said["run"], bring=said.get("bring", ()), **_machine(said), retry=_retry(said))


def _machine(said: Said) -> Said:
    return {"arguments": said.get("with", ()), "into": said.get("into"), "next": said.get("next", "")}


def _wait(base: Said, said: Said, _reader: Reader) -> Step:
    wait, rest = said["wait"], {"into": said.get("into"), "next": said.get("next", "")}
    rest |= {"for_customer": said.get("for customer", False), "calendar": said.get("calendar")}
    if isinstance(wait, str):
        return WaitStep(**base, delay=wait, **rest)
    if _is_kind(wait):
        what = wait[1]
        return WaitStep(**base, **{name: what.get(name) for name in ("message", "key", "until", "condition")}, **rest)
    base["watches"] = (*[_event(kind, what) for kind, what in wait], *base["watches"])
    return WaitStep(**base, **rest)


def _is_kind(wait: Any) -> bool:
    """Whether a wait was read as one kind of event: (its key, dict); a list of events is a tuple of such."""
    return isinstance(wait[0], str)


def _event(kind: Any, said: Said) -> Watch:
    return Watch(kind, said[kind], said["next"], said.get("key"), said.get("into"), calendar=said.get("calendar"))


def _each(base: Said, said: Said, _reader: Reader) -> Step:
    kind, what = said["do"]
    body: CallStep | JobStep | RunStep
    if kind == "call":
        body = CallStep(**_inner(base, operation=what["call"], arguments=what.get("with", ()), retry=_retry(what)))
    elif kind == "job":
        body = JobStep(**_inner(base, type=what["job"], arguments=what.get("with", ()), retry=_retry(what)))
    else:
        body = RunStep(**_inner(base, blueprint=what["run"], arguments=what.get("with", ()), retry=_retry(what)))
    rest = {"at_once": said.get("at once", False), "until": said.get("until"), "into": said.get("into")}
    return EachStep(**base, of=said["each"], element=said["as"], body=body, **rest, next=said.get("next", ""))


def _send(base: Said, said: Said, _reader: Reader) -> Step:
    rest = {"arguments": said.get("with", ()), "next": said.get("next", "")}
    if isinstance(said["send"], dict):
        return _tell(base, said)
    kept = {"keep_for": said["keep for"]} if "keep for" in said else {}
    return SendStep(**base, message=said["send"], key=said["key"], **kept, **rest)


def _tell(base: Said, said: Said) -> Step:
    what = said["send"]
    to = _recipients(what["tell"])
    return TellStep(**base, to=to, text=what["text"], shows=what.get("shows", ()), next=said.get("next", ""))


def _take_back(base: Said, said: Said, _reader: Reader) -> Step:
    steps = () if said["take back"] == "all" else said["take back"]
    return UndoStep(**base, steps=steps, next=said.get("next", ""))


def _end(base: Said, said: Said, _reader: Reader) -> Step:
    return EndStep(**base, outcome=said["end"])


_BUILDERS: dict[str, Callable[[Said, Said, Reader], Step]] = {
    "task": _task,
    "decide": _decide,
    "call": _call,
    "job": _job,
    "agent": _agent,
    "rules": _rules,
    "choose": choose,
    "all": all_of,
    "any of": any_of,
    "wait": _wait,
    "run": _run,
    "each": _each,
    "send": _send,
    "take back": _take_back,
    "end": _end,
}
