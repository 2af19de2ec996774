"""The JSON Schema (2020-12) of the language, made from the table of shapes the reader reads by.

It says the form of a blueprint, not its meaning: what `versioning.check` finds cannot be said in a schema. Patterns
use only what ECMA-262 and Python read alike.
"""

from typing import Any

from versioning.agent_forms import EXPECTED
from versioning.data_forms import FIELD_SHAPE
from versioning.flow_forms import BRANCHES_MAX
from versioning.forms import BLUEPRINT
from versioning.shapes import (
    BUSINESS_DURATION,
    ISO_BUSINESS_DURATION,
    ISO_DURATION,
    PLAIN_DURATION,
    Duration,
    Either,
    Expression,
    Flag,
    Form,
    Kinds,
    Listed,
    Named,
    Ref,
    Shape,
    Text,
    Whole,
)

SCHEMA_ID = "urn:muniment:blueprint:1"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def blueprint_schema() -> dict[str, Any]:
    """The schema of one blueprint source as a JSON value."""
    return {
        "$schema": _DRAFT,
        "$id": SCHEMA_ID,
        "title": "Blueprint",
        **_schema(BLUEPRINT),
        "$defs": {"expected": _schema(EXPECTED), "field": _schema(FIELD_SHAPE)},
    }


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Ref(name=name):
            return {"$ref": f"#/$defs/{name}"}
        case Text():
            return _text(shape)
        case Whole():
            return {"type": "integer", "minimum": shape.low, "maximum": shape.high}
        case Flag():
            return {"type": "boolean"}
        case Duration():
            business = f"|{BUSINESS_DURATION}|{ISO_BUSINESS_DURATION}" if shape.business else ""
            pattern = f"^(?:{PLAIN_DURATION}|{ISO_DURATION}{business})$"
            return {"type": "string", "pattern": pattern, "description": shape.what}
        case Expression():
            expression = {"type": "string", "pattern": r"^=\s*\S", "description": shape.what}
            plain = [] if shape.whole is None else [_schema(shape.whole)]
            plain += [] if shape.text is None else [{**_text(shape.text), "pattern": r"^[^=]"}]
            return {"anyOf": [*plain, expression]} if plain else expression
        case Listed():
            listed = {"type": "array", "items": _schema(shape.item), "minItems": shape.least, "maxItems": shape.most}
            return {**listed, "uniqueItems": True} if shape.unique else listed
        case Named():
            return {
                "type": "object",
                "propertyNames": _schema(shape.key),
                "additionalProperties": _schema(shape.value),
                "minProperties": shape.least,
                "maxProperties": shape.most,
            }
        case Either():
            given = [item for item in (shape.scalar, shape.sequence, shape.mapping) if item is not None]
            return {"anyOf": [_schema(item) for item in given], "description": shape.what}
        case Kinds():
            return {"oneOf": [_form(form, kind) for kind, form in shape.forms], "description": shape.what}
        case Form():
            return _form(shape)


def _text(shape: Text) -> dict[str, Any]:
    if shape.enum:
        return {"type": "string", "enum": list(shape.enum)}
    limits: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": shape.characters}
    limits["description"] = shape.what
    if shape.number:
        limits |= {"type": ["string", "integer"], "minimum": 1, "maximum": BRANCHES_MAX}
    return {**limits, "pattern": f"^(?:{shape.pattern})$"} if shape.pattern else limits


def _form(form: Form, kind: str = "") -> dict[str, Any]:
    """A form; as one of several kinds its telling key is required, so that exactly one of them fits."""
    properties: dict[str, Any] = {}
    for key in form.keys:
        described = _schema(key.shape)
        # A keyword beside `$ref` is read in 2020-12, so a key's own words always win over its shape's.
        properties[key.name] = {**described, "description": key.help} if key.help else described
    required = [key.name for key in form.keys if key.required or key.name == kind]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if form.open:
        patterns = {f"^(?:{key.name})$": {**_schema(key.shape), "description": key.help} for key in form.open}
        schema["patternProperties"] = patterns
    if required:
        schema["required"] = required
    return {**schema, "description": form.what}
