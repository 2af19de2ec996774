"""The declared data of a blueprint as shapes: a datum by its type, or with class, properties and items."""

import re
from typing import get_args

from versioning.blueprint import DataClass, TypeName
from versioning.shapes import FIELD, Either, Flag, Form, Key, Listed, Named, Ref, Shape, Text

FIELDS_MAX = 200  # data fields on one level

# Words the expression language keeps for itself (FEEL, DMN 1.5 section 10.3.1.2): no datum may be called so.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        "and or not if then else for in return some every satisfies between instance of function true false null",
    )
)


_TYPE = Text("a type", enum=get_args(TypeName))


def _field() -> Shape:
    return FIELD_SHAPE


FIELDS = Named("data by name", Text("the name of a datum", FIELD), Ref("field", _field), least=1, most=FIELDS_MAX)
FIELD_SHAPE: Shape = Either(
    "a type, `[type]` for a list, or a mapping",
    scalar=_TYPE,
    sequence=Listed("the type of the items in brackets", Ref("field", _field), least=1, most=1),
    mapping=Form(
        "a datum",
        (
            Key("type", _TYPE, help="what values it takes; `object` where properties are given"),
            Key(
                "class",
                Text("a data class", enum=get_args(DataClass)),
                help="how it is protected; confidential unless said",
            ),
            Key("required", Flag(), help="whether an instance cannot start without it"),
            Key("data_subject", Flag(), help="whether it is the natural person the personal data is about"),
            Key("properties", FIELDS, help="what an object holds"),
            Key("items", Ref("field", _field), help="what a list holds"),
        ),
    ),
)
