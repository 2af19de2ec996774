"""`muniment connector import`: a file in, a file out, findings where they stand."""

import json
from pathlib import Path

import pytest

from api.cli import run
from versioning.kinds.connector import read_connector

DOCUMENT = """\
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: "https://things.example.com"}]
paths:
  /things/{id}:
    get:
      operationId: readThing
      parameters: [{in: path, name: id, required: true, schema: {type: string, pattern: x}}]
    post: {operationId: sendFile, requestBody: {content: {text/plain: {}}}}
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "things.yaml"
    path.write_text(DOCUMENT)
    return path


def test_a_connector_is_written_and_what_is_left_out_is_said(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "connector.yaml"
    assert run(["connector", "import", str(document), "--out", str(out)]) == 1
    assert list(read_connector(out.read_text())["operations"]) == ["read_thing"]
    told = capsys.readouterr()
    assert told.out == "1 operation, 2 findings\n"
    assert f"{document}:9:" in told.err
    assert "openapi.body" in told.err
    chosen = ["--operation", "readThing", "--name", "own", "--server", "https://other.example.com", "--json"]
    assert run(["connector", "import", str(document), *chosen]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["operations"] == ["read_thing"]
    assert [one["rule"] for one in printed["findings"]] == ["openapi.constraint"]
    value = read_connector(printed["source"])
    assert (value["name"], value["base_url"]) == ("own", "https://other.example.com")


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("swagger: 2.0", (), ":1:10: expected OpenAPI 3.0 or 3.1"),
        ("title: Things", (), ":1:1: expected an OpenAPI document"),
        (
            DOCUMENT,
            ("--operation", "none"),
            "of the document such as readThing, sendFile, found `none`",
        ),
        (DOCUMENT, ("--operation", "readThings"), "such as readThing, found `readThings`"),
        (DOCUMENT, ("--out", "/nowhere/at/all"), "expected a file that can be written"),
        (DOCUMENT, ("--name", "Not A Name"), "--name: expected a connector name"),
        (DOCUMENT, ("--server", "things"), "--server: expected an address"),
        ("", (), "expected a document"),
    ],
)
def test_what_cannot_be_imported_is_said(
    document: Path, capsys: pytest.CaptureFixture[str], text: str, more: tuple[str, ...], said: str
) -> None:
    document.write_text(text)
    assert run(["connector", "import", str(document), *more]) == 2
    assert said in capsys.readouterr().err
