"""What a step brings home from the instance that it runs: given by its blueprint, as closed as it was there."""

import dataclasses
from typing import Any

import pytest

from orchestrator import tables
from tests.orchestrator.house import BOB
from tests.orchestrator.office import Office
from tests.orchestrator.toy import FIELDS, HERE, end, task, version
from versioning import blueprint as b
from versioning.bringing import is_more_open

GIVES = ("amount", "secret.name", "risk.grade", "note")


def office(bring: tuple[tuple[str, str], ...], *, gives: tuple[str, ...] = GIVES, data: Any = FIELDS) -> Office:
    run = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), bring=bring, into="ok", next="f")
    made = Office(dataclasses.replace(run, into="note" if not any(path == "note" for path, _ in bring) else None),
                  task("f", "done"), end())  # fmt: skip
    child = version(task("t", "over", expects=("amount", "secret.name")), end("over"), blueprint="child")
    value = dataclasses.replace(child.blueprint, gives=gives, data=data)
    made.house.release(dataclasses.replace(child, digest="child", blueprint=value))
    made.start()
    return made


def finish(made: Office, **data: Any) -> None:
    made.complete("t", data={"amount": 7, "secret": {"name": "Jo Doe"}, **data})


def test_what_is_given_is_put_where_the_step_says_and_sealed_there() -> None:
    made = office((("amount", "amount"), ("secret.name", "secret.name"), ("risk.grade", "risk.grade")))
    finish(made)
    assert made.task_id("f")
    parent = next(row.id for row in made.log.view.rows["instance"].values() if not row.parent)
    assert made.row(tables.VARIABLE, parent, "amount").value == "7"
    assert made.row(tables.VARIABLE, parent, "note").value == '"done"'  # the outcome beside it
    assert "Jo Doe" not in made.row(tables.VARIABLE, parent, "secret").value
    assert made.row(tables.VARIABLE, parent, "risk") is None  # what has no value there is put nowhere
    assert [entry.kind for entry in made.log.entries[-2:]] == ["task.completed", "instance.advanced"]
    made.check()


@pytest.mark.parametrize(
    ("bring", "gives", "code"),
    [
        ((("amount", "amount"),), ("note",), "NOT_GIVEN"),
        ((("note", "secret.name"),), GIVES, "CLASS_TOO_OPEN"),
        ((("risk", "secret"),), ("secret",), "CLASS_TOO_OPEN"),
    ],
)
def test_what_is_not_given_or_would_be_more_open_is_held(bring: Any, gives: Any, code: str) -> None:
    made = office(bring, gives=gives)
    finish(made)
    incident = made.only(tables.INCIDENT)
    assert (incident.code, incident.place, incident.step) == (code, "bring", "r")
    assert b"Jo Doe" not in str(made.log.entries).encode()
    made.check()


def test_a_value_that_does_not_fit_here_is_held() -> None:
    other = tuple([dataclasses.replace(field, type="string") if field.name == "amount" else field for field in FIELDS])
    made = office((("amount", "amount"),), data=other)
    made.complete("t", BOB, data={"amount": "many", "secret": {"name": "Jo Doe"}})
    assert made.only(tables.INCIDENT).code == "RESULT_INVALID"


def field(name: str, kind: str, data_class: Any, *properties: b.DataField, **more: Any) -> b.DataField:
    return b.DataField(name, kind, data_class, properties=properties, **more)  # type: ignore[arg-type]


INNER = field("inner", "string", "personal")


@pytest.mark.parametrize(
    ("there", "here", "opens"),
    [
        (field("x", "string", "internal"), field("x", "string", "internal"), False),
        (field("x", "string", "confidential"), field("x", "string", "internal"), True),
        (field("x", "string", "internal"), field("x", "string", "special"), False),
        (field("x", "object", "internal", INNER), field("x", "object", "internal", INNER), False),
        (field("x", "object", "internal", INNER), field("x", "object", "internal"), True),
        (field("x", "object", "internal", INNER), field("x", "object", "personal"), False),
        (
            field("x", "object", "internal", INNER),
            field("x", "object", "internal", field("inner", "string", "internal"), field("o", "string", "special")),
            True,
        ),
        (
            field("x", "list", "internal", items=INNER),
            field("x", "list", "internal", items=field("i", "string", "internal")),
            True,
        ),
        (field("x", "list", "internal", items=INNER), field("x", "list", "personal"), False),
    ],
)
def test_nothing_of_it_is_classed_more_openly_here(there: b.DataField, here: b.DataField, opens: bool) -> None:
    assert is_more_open((there,), "x", (here,), "x") is opens
    around = field("o", "object", "special", dataclasses.replace(there))
    assert is_more_open((around,), "o.x", (here,), "x") is (opens or here.data_class != "special")
    assert is_more_open((there,), "x", (field("o", "object", "special", here),), "o.x") is False
