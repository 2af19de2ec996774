"""The published JSON Schema takes what the reader takes and refuses what the reader's forms refuse."""

import json
import os
from pathlib import Path

import jsonschema
import pytest
import yaml

from versioning.parse import read_forms
from versioning.schema import blueprint_schema

HERE = Path(__file__).parent
SCHEMA = blueprint_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# What no schema can say, or what a YAML reader has lost before a schema sees it.
BEYOND = {
    "key-twice", "anchor-and-alias", "tag", "merge-key", "escaped-hidden-text", "no-time-at-all", "two-deadlines",
    "otherwise-first", "reserved-name", "datum-without-type", "datum-of-two-types", "not-yaml", "two-documents",
    "bidirectional-text", "empty", "yes-is-no-boolean", "join-of-more-than-there-are",
}  # fmt: skip
ZOO = sorted((HERE / "zoo").glob("*.yaml"))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_that_of_the_golden_file():
    """A change of the language shows here. Set MUNIMENT_GOLDEN=write to write it anew, and read the difference."""
    path = HERE / "golden" / "schema.json"
    text = json.dumps(SCHEMA, indent=1) + "\n"
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_schema_takes_the_loan():
    value = yaml.safe_load((HERE / "golden" / "loan.yaml").read_text(encoding="utf-8"))
    assert list(VALIDATOR.iter_errors(value)) == []


@pytest.mark.parametrize("path", [path for path in ZOO if path.stem not in BEYOND], ids=lambda path: path.stem)
def test_schema_and_reader_agree_on_the_zoo(path):
    text = path.read_text(encoding="utf-8")
    read = read_forms(text).blueprint is not None
    assert VALIDATOR.is_valid(yaml.safe_load(text)) == read
