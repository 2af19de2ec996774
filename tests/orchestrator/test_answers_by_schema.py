"""Answers of agents against schemas, held against the reference implementation of JSON Schema."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from orchestrator.expected import fault_of

NAMES = ("a", "b", "$decimal")  # the last is that of the one member of a number, as it comes
texts = some.text("xyz", max_size=4)
halves = some.integers(-9, 9).map(lambda number: number + 0.5)


def _kind(kind: str, **may: some.SearchStrategy[Any]) -> some.SearchStrategy[dict[str, Any]]:
    return some.fixed_dictionaries({"type": some.just(kind)}, optional=may)


_small, _large = some.integers(-3, 3), some.integers(0, 9)
leaves = (
    _kind("string", minLength=some.integers(0, 2), maxLength=some.integers(1, 4))
    | _kind("string", enum=some.lists(texts, min_size=1, unique=True))
    | _kind("integer", minimum=_small, maximum=_large)
    | _kind("number", minimum=_small, maximum=_large)
    | _kind("boolean")
)


def _nested(inner: some.SearchStrategy[dict[str, Any]]) -> some.SearchStrategy[dict[str, Any]]:
    return _kind("array", items=inner, minItems=some.integers(0, 2), maxItems=some.integers(1, 3)) | _kind(
        "object",
        properties=some.dictionaries(some.sampled_from(NAMES), inner),
        required=some.lists(some.sampled_from(NAMES), unique=True),
        additionalProperties=some.booleans(),
    )


schemas = some.recursive(leaves, _nested, max_leaves=6)
values = some.recursive(
    texts | some.integers(-9, 9) | halves | some.booleans(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(NAMES), inner),
    max_leaves=6,
)


@some.composite
def asked(draw: some.DrawFn) -> tuple[dict[str, Any], Any]:
    """A schema, and a value: any, or one that is made by the schema and often fits."""
    schema = draw(schemas)
    return schema, draw(values | made(schema))


def made(schema: dict[str, Any]) -> some.SearchStrategy[Any]:
    match schema["type"]:
        case "string":
            return some.sampled_from(schema["enum"]) if "enum" in schema else texts
        case "boolean":
            return some.booleans()
        case "array":
            return some.lists(made(schema.get("items", {"type": "boolean"})), max_size=4)
        case "object":
            known = {name: made(inner) for name, inner in schema.get("properties", {}).items()}
            needed = {name: known.pop(name, texts) for name in schema.get("required", ())}
            return some.fixed_dictionaries(needed, optional=known)
        case _:
            return some.integers(-9, 9) | halves


def as_it_comes(value: Any) -> Any:
    """As an answer is read: no float."""
    if type(value) is float:
        return {"$decimal": str(value)}
    if type(value) is list:
        return [as_it_comes(item) for item in value]
    return {name: as_it_comes(item) for name, item in value.items()} if type(value) is dict else value


def is_said(value: Any) -> bool:
    """Whether it is JSON as it comes: an object with that one member alone is a number there."""
    if type(value) is list:
        return all(map(is_said, value))
    return type(value) is not dict or (value.keys() != {"$decimal"} and all(map(is_said, value.values())))


@settings(max_examples=400)
@given(asked())
def test_an_answer_fits_where_the_reference_says_so(given_: tuple[dict[str, Any], Any]) -> None:
    schema, value = given_
    assume(is_said(value))
    assert (not fault_of(schema, as_it_comes(value))) == Draft202012Validator(schema).is_valid(value)


def test_no_member_keeps_an_answer_from_being_looked_at() -> None:
    schema = {"type": "object", "required": ["grade"], "properties": {"grade": {"type": "integer", "maximum": 9}}}
    assert not fault_of(schema, {"grade": 9, "$decimal": "1"})
    assert fault_of(schema, {"grade": 99, "$decimal": "1"})
    assert fault_of({**schema, "additionalProperties": False}, {"grade": 9, "$decimal": "1"})
    assert fault_of(schema, {"$decimal": "1"})
