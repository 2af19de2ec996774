"""`muniment blueprint` and `muniment rules`: work on files without a server."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli_given import file_text, given_inputs, given_moment, typed

if TYPE_CHECKING:
    from governance.rules.rule_table import RuleTable
    from versioning.files import Report
    from versioning.registers import Registers


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """One of the two commands; 0 clean, 1 findings, 2 unreadable or wrong usage."""
    acts = ("check", "explain", "draw", "schema") if name == "blueprint" else ("check", "eval", "explain", "convert")
    parser.add_argument("act", choices=acts)
    parser.add_argument("file", type=Path, nargs="?", help="YAML or JSON; for rules also DMN (.dmn, .xml)")
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    if name == "blueprint":
        parser.add_argument(
            "--with",
            dest="given",
            metavar="DIR",
            type=Path,
            action="append",
            default=[],
            help="with check: files of what it names; may be given again",
        )
        parser.add_argument("--direction", choices=("down", "right"), default="down", help="with draw: where it flows")
    if name == "rules":
        parser.add_argument("--expression", help="a FEEL expression instead of a file")
        parser.add_argument("--input", metavar="JSON", help="the data to evaluate on; @FILE reads it from a file")
        parser.add_argument("--at", metavar="INSTANT", help="the moment of the decision, for `now` and `today`")
        parser.add_argument("--to", choices=("dmn", "yaml"), help="with convert: what a table is written as")
        parser.add_argument("--decision", metavar="NAME", help="the decision or decision service of a DMN file")
        parser.add_argument("--explain", action="store_true", help="with eval: which rules matched, and why others not")
    options = parser.parse_args(arguments)
    if name == "blueprint":
        return _blueprint(options)
    return _rules(options)


def _blueprint(options: argparse.Namespace) -> int:
    from versioning.feel import FEEL
    from versioning.files import check_file
    from versioning.schema import blueprint_schema
    from versioning.words import words_text

    if options.act == "schema":
        _print(json.dumps(blueprint_schema(), indent=1))
        return 0
    report = check_file(file_text(options.file), _given(options.given), FEEL)
    if options.act == "explain" and report.blueprint is not None:
        _print(words_text(report.blueprint))
        return 0
    if options.act == "draw" and report.ok and report.blueprint is not None:
        from versioning.drawing import drawing
        from versioning.layout import layout, layout_value

        drawn = layout(report.blueprint, options.direction)
        print(json.dumps(layout_value(drawn)) if options.json else drawing(drawn), end="\n" if options.json else "")
        return 0
    if options.json:
        found = [
            {"rule": f.rule, "severity": f.severity, "location": f.location, "message": f.message}
            for f in report.findings
        ]
        _print(json.dumps({"file": str(options.file), "ok": report.ok, "findings": found}))
    else:
        for line in report.lines(str(options.file)):
            _print(line)
        _sum_up(options, report)
    return 0 if report.ok else 1


def _sum_up(options: argparse.Namespace, report: "Report") -> None:
    """Say what it comes to, beside the findings, which others may read line by line; and what would tell more."""
    lacks = any(item.rule.startswith("register.") for item in report.findings)
    more = "; `--with DIR` takes files of what it names" if lacks and not options.given else ""
    print(f"{options.file}: {report.summary()}{more}", file=sys.stderr)


def _given(folders: list[Path]) -> "Registers":
    """What the blueprint names, from files in these folders; nothing without one."""
    from versioning.registers import NO_REGISTERS

    if not folders:
        return NO_REGISTERS
    from api.given_registers import given_registers
    from ledger.clock import SystemClock

    return given_registers(folders, SystemClock().wall())


def _rules(options: argparse.Namespace) -> int:
    from api.cli_model import convert, is_model, run_model
    from governance.rules.errors import BrokenExpression

    try:
        if options.act == "convert":
            return convert(options)
        if options.expression is not None:
            return _expression(options)
        return run_model(options) if is_model(options.file) else _table(options)
    except BrokenExpression as broken:
        print(f"{broken}\n{broken.caret()}", file=sys.stderr)
        return 1


def _expression(options: argparse.Namespace) -> int:
    from governance.rules.compile import compile_expression
    from governance.rules.parse import parse
    from governance.rules.types import ANY
    from governance.rules.values import from_json, to_json
    from governance.rules.words import condition_in_words

    given = given_inputs(options)
    if options.act == "explain":
        _print(condition_in_words(parse(options.expression, frozenset(given))))
        return 0
    moment = given_moment(options)
    compiled = compile_expression(options.expression, dict.fromkeys(given, ANY), has_moment=moment is not None)
    if options.act == "check":
        _print(f"{compiled.type}, reads {', '.join(sorted(compiled.reads)) or 'nothing'}")
        return 0
    value = compiled.evaluate({name: from_json(member) for name, member in given.items()}, moment)
    _print(json.dumps(to_json(value)))
    return 0


def _table(options: argparse.Namespace) -> int:
    from governance.rules.table import compile_table
    from governance.rules.table_source import read_table
    from governance.rules.table_words import explanation_in_words, table_in_words
    from governance.rules.values import to_json

    table = read_table(file_text(options.file))
    if options.act == "check":
        return _check_table(table, options)
    if options.act == "explain" and options.input is None:
        for line in table_in_words(table):
            _print(line)
        return 0
    given = given_inputs(options)
    inputs = {column.name: typed(given.get(column.name), column.type) for column in table.given}
    explained = compile_table(table).explain(inputs)
    if options.act == "eval" and not options.explain:
        _print(json.dumps(to_json(explained.result)))
        return 0
    for line in explanation_in_words(table, explained):
        _print(line)
    return 0


def _check_table(table: "RuleTable", options: argparse.Namespace) -> int:
    from governance.rules.table_findings import findings_of

    found = findings_of(table)
    is_sound = not any(finding.severity == "error" for finding in found)
    if options.json:
        told = [{"rule": f.rule, "severity": f.severity, "message": f.message} for f in found]
        _print(json.dumps({"file": str(options.file), "ok": is_sound, "findings": told}))
        return 0 if is_sound else 1
    _print(f"{table.id}: {len(table.rules)} rules, hit policy {table.policy}")
    for finding in found:
        _print(finding.line(str(options.file)))
    return 0 if is_sound else 1


def _print(text: str) -> None:
    print(text)
