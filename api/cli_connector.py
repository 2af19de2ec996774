"""`muniment connector import`: an OpenAPI 3 document becomes the source of a connector, without a server."""

import argparse
import json
import sys
from pathlib import Path

from api.cli_given import file_text, write_file
from ledger.errors import BrokenInput
from versioning.openapi.connector import Imported, Wanted, connector_of


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """0 imported, 1 nothing to call or an operation left out, 2 unreadable or wrong usage."""
    parser.add_argument("act", choices=("import",))
    parser.add_argument("file", type=Path, help="an OpenAPI 3.0 or 3.1 document, YAML or JSON")
    parser.add_argument("--name", default="", help="the connector's name; else made of the document's title")
    parser.add_argument("--operation", action="append", default=[], metavar="ID", help="only this one; may be repeated")
    parser.add_argument("--server", default="", metavar="URL", help="the address, where it is not the document's first")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the connector is written; else printed")
    parser.add_argument("--json", action="store_true", help="print one object for machines, the findings in it")
    options = parser.parse_args(arguments)
    wanted = Wanted(options.name, options.server, tuple(options.operation))
    try:
        imported = connector_of(file_text(options.file), wanted)
    except BrokenInput as error:
        place = f"{options.file}:{error.location}" if error.location[:1].isdigit() else error.location
        raise BrokenInput(error.message, place or str(options.file)) from error
    if options.out is not None and imported.source:
        write_file(options.out, imported.source)
    _tell(options, imported)
    return 0 if imported.source and all(found.severity != "error" for found in imported.findings) else 1


def _tell(options: argparse.Namespace, imported: Imported) -> None:
    if options.json:
        found = [
            {"rule": one.rule, "severity": one.severity, "location": one.location, "message": one.message}
            for one in imported.findings
        ]
        told = {"operations": list(imported.operations), "findings": found}
        print(json.dumps(told if options.out else {**told, "source": imported.source}))
        return
    for one in imported.findings:
        print(f"{options.file}:{one.location}: {one.severity}: {one.message} ({one.rule})", file=sys.stderr)
    if options.out is None:
        print(imported.source, end="")
    else:
        operations, findings = len(imported.operations), len(imported.findings)
        print(f"{operations} operation{'s' * (operations != 1)}, {findings} finding{'s' * (findings != 1)}")
