"""`muniment rules` over files of decision models (DMN): what is found, what is decided, and the model in words."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli_given import file_bytes, file_text, given_inputs, given_moment, typed
from ledger.errors import BrokenInput

if TYPE_CHECKING:
    from governance.rules.dmn.evaluate import CompiledModel
    from governance.rules.dmn.model import Definitions, Finding


def is_model(path: Path | None) -> bool:
    """Whether a file is one of a decision model, by its name."""
    return path is not None and path.suffix.lower() in (".dmn", ".xml")


def run_model(options: argparse.Namespace) -> int:
    """`check`, `eval`, `explain` or `convert`; 0 clean, 1 findings."""
    from governance.rules.dmn.checked import check_file, in_order
    from governance.rules.dmn.table_check import table_findings

    try:
        compiled, findings = check_file(file_bytes(options.file))
    except BrokenInput as error:
        raise BrokenInput(error.message, f"{options.file}:{error.location}") from None
    if compiled is None:
        _tell(options, findings, None)
        return 1
    if options.act == "check":
        findings = in_order((*table_findings(compiled), *findings))
        is_sound = all(one.severity != "error" for one in findings)
        _tell(options, findings, compiled.model if is_sound else None)
        return 0 if is_sound else 1
    return _act(options, compiled)


def convert(options: argparse.Namespace) -> int:
    """A rule table as a decision model, a model as one newly written, or the one table of a model as a rule table."""
    from governance.rules.dmn.as_table import model_of, table_text
    from governance.rules.dmn.model import BrokenModel
    from governance.rules.dmn.read import read_model
    from governance.rules.dmn.write import write_model
    from governance.rules.table_source import read_table

    if options.to is None:
        raise BrokenInput("expected dmn or yaml", "--to")
    if not is_model(options.file):
        if options.to == "yaml":
            raise BrokenInput("expected a decision model (.dmn, .xml) to write as YAML", str(options.file))
        sys.stdout.write(write_model(model_of(read_table(file_text(options.file)))).decode())
        return 0
    model, findings = read_model(file_bytes(options.file))
    if model is None:
        _tell(options, findings, None)
        return 1
    try:
        sys.stdout.write(table_text(model) if options.to == "yaml" else write_model(model).decode())
    except BrokenModel as broken:
        _tell(options, broken.findings, None)
        return 1
    return 0


def _act(options: argparse.Namespace, compiled: "CompiledModel") -> int:
    from governance.rules.dmn.words import explained_in_words, model_in_words
    from governance.rules.values import to_json

    if options.act == "explain" and options.input is None:
        for line in model_in_words(compiled):
            print(line)
        return 0
    name = _asked(options, compiled)
    kinds = compiled.inputs(name)
    given = given_inputs(options)
    for one in given:
        if one not in kinds:
            raise BrokenInput(f"expected an input of `{name}` ({', '.join(kinds) or 'it has none'}), found `{one}`")
    inputs = {one: typed(member, kinds[one]) for one, member in given.items()}
    moment = given_moment(options)
    if options.act == "eval" and not options.explain:
        print(json.dumps(to_json(compiled.evaluate(name, inputs, moment))))
        return 0
    told = compiled.explain(name, inputs, moment)
    print(json.dumps(to_json(told.value)))
    for line in explained_in_words(told):
        print(line)
    return 0


def _asked(options: argparse.Namespace, compiled: "CompiledModel") -> str:
    """The decision that is asked for; one that stands alone need not be named."""
    if options.decision is not None:
        name: str = options.decision
        return name
    if len(compiled.decisions) != 1:
        raise BrokenInput(f"expected one of {', '.join(compiled.decisions) or 'no decision'}, found none", "--decision")
    return compiled.decisions[0]


def _tell(options: argparse.Namespace, findings: "tuple[Finding, ...]", model: "Definitions | None") -> None:
    if options.json:
        told: list[dict[str, Any]] = [
            {"severity": one.severity, "path": one.path, "message": one.message, "line": one.line, "column": one.column}
            for one in findings
        ]
        print(json.dumps({"file": str(options.file), "ok": model is not None, "findings": told}))
        return
    for one in findings:
        print(one.text(str(options.file)))
        if one.source:
            print(one.caret())
    if model is not None:
        print(f"{model.name}: {_counted(model)}")


def _counted(model: "Definitions") -> str:
    from governance.rules.dmn.model import Decision, DecisionService, InputData, Knowledge

    counts = (
        (len(model.of_kind(Decision)), "decision", "decisions"),
        (len(model.of_kind(DecisionService)), "decision service", "decision services"),
        (len(model.of_kind(Knowledge)), "function", "functions"),
        (len(model.of_kind(InputData)), "input", "inputs"),
    )
    return ", ".join(f"{count} {one if count == 1 else several}" for count, one, several in counts if count)
