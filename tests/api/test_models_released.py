"""A file of a decision model with one table goes the way of a rule table: planned, read, evaluated by the engine."""

from types import SimpleNamespace
from typing import Any, cast

from api.adapters import read_rule_table
from governance.rules.dmn.as_table import model_of, read_any_table
from governance.rules.dmn.write import write_model
from governance.rules.table import table_to_json
from governance.rules.table_source import read_table
from orchestrator.rule_tables import ReleasedTables
from orchestrator.run import Ruled
from tests.governance.rules.dmn.files import decision, dmn, literal
from versioning.kinds.rule_table import RuleTableKind
from versioning.proposals import Standing, plan

YAML = """\
rule-table: grade
title: Grade
inputs: {score: number}
output: grade
type: integer
hit: first
rules:
  - {score: ">= 720", then: 2}
  - {score: "-", then: 9}
"""
MODEL = write_model(model_of(read_table(YAML))).decode()


def test_a_model_is_the_same_artefact_as_its_table() -> None:
    assert read_rule_table(MODEL).value == read_rule_table(YAML).value


def test_a_folder_of_rule_tables_may_hold_models() -> None:
    kind = RuleTableKind(read_any_table, table_to_json)  # as the wiring has it
    files = {
        "rule-tables/grade.dmn": MODEL,
        "rule-tables/two.dmn": dmn(decision("d", literal("1")) + decision("e", literal("1"))).decode(),
    }
    planned = plan(files, {"rule-table": kind.read}, Standing({}))
    assert [(one.kind, one.name, one.source) for one in planned.proposals] == [("rule-table", "grade", MODEL)]
    assert [one.path for one in planned.unread] == ["rule-tables/two.dmn"]
    assert "expected one decision with a table" in planned.unread[0].message


def test_the_engine_evaluates_a_released_model() -> None:
    released = SimpleNamespace(digest="d" * 64, source=MODEL)
    tables = ReleasedTables(SimpleNamespace(current=lambda *_: released))
    asked: Any = tables.evaluate(cast(Any, None), cast(Any, None), "grade", ({"score": "800"}, None))
    assert isinstance(asked, Ruled)
    assert asked.value == {"$decimal": "2"}
    assert asked.rows == (1,)
