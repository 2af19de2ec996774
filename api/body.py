"""Bodies from outside: read within a limit, parsed once, strictly, with decimals before any model sees them.

A plain JSON parser turns 12345678901234567890.12 into a float. Here numbers with a fraction or exponent become
`{"$decimal": "..."}`, integers beyond 2^53 - 1 likewise; duplicate names, NaN and lone surrogates are refused.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request

from api.headers import header
from api.member_faults import member_fault
from api.problem_texts import tell
from ledger.canonical import SAFE_INTEGER
from ledger.errors import BrokenInput, TooLarge
from ledger.vault import COMMITMENT
from ledger.wording import as_it_is, in_english

BODY_BYTES_MAX = 4 * 1024 * 1024  # a batch of 1,000 records of 4 kB; attachments have their own door
DEPTH_MAX = 48  # levels of nesting, below the canonical limit so that an envelope fits around
DIGITS_MAX = 40  # of one number: more than decimal128 holds

M = TypeVar("M", bound=BaseModel)

Text = Annotated[str, Field(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """Base of every request body: unknown members are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


async def read_body(request: Request, limit: int = BODY_BYTES_MAX) -> bytes:
    """The whole body, or `TooLarge` before more than the limit was taken in."""
    declared = header(request, b"content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge(tell("body-bytes", most=limit), "body")
    received = bytearray()
    more = True
    while more:  # what `request.stream` does, without its generator
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        received += message.get("body", b"")
        if len(received) > limit:
            raise TooLarge(tell("body-bytes", most=limit), "body")
        more = message.get("more_body", False)
    return bytes(received)


def parse_json(data: bytes) -> Any:
    """The value of a JSON text; `BrokenInput` with line and column."""
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise BrokenInput(tell("utf-8"), f"byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BrokenInput(
            tell("json", fault=in_english(error.msg)), f"line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise TooLarge(tell("levels", most=DEPTH_MAX), "body") from error
    _check(value, 0)
    return value


async def parse_body(model: type[M], request: Request) -> M:
    """The body as this model; `BrokenInput` names the first member that is wrong, by path."""
    value = parse_json(await read_body(request))
    return to_model(model, value)


def to_model(model: type[M], value: Any, location: str = "body") -> M:
    """A parsed value as this model."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join((location, *map(str, first["loc"])))
        raise BrokenInput(member_fault(first), place) from error


def _decimal(text: str) -> dict[str, str]:
    if len(text) > DIGITS_MAX:
        raise TooLarge(tell("number-length", most=DIGITS_MAX), "body")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BrokenInput(tell("a-number"), "body") from error
    if abs(value.adjusted()) > DIGITS_MAX:  # 1e400000000 would be written out in full
        raise TooLarge(tell("number-digits", most=DIGITS_MAX), "body")
    return {"$decimal": format(value, "f")}


def _integer(text: str) -> int | dict[str, str]:
    if len(text) > DIGITS_MAX:
        raise TooLarge(tell("number-length", most=DIGITS_MAX), "body")
    value = int(text)
    return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else {"$decimal": str(value)}


def _constant(text: str) -> Any:
    raise BrokenInput(tell("number-found", found=as_it_is(text)), "body")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise BrokenInput(tell("name-twice", name=as_it_is(repeated[:40])), "body")
    if COMMITMENT in made:  # what looks like a commitment in an entry has an opening, or verification misses it
        raise BrokenInput(tell("commitment-name", name=as_it_is(COMMITMENT)), "body")
    return made


# Made once: `json.loads` would make one for every body.
_DECODER = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
)


def _check(value: Any, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise TooLarge(tell("levels", most=DEPTH_MAX), "body")
    if type(value) is str:
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise BrokenInput(tell("lone-surrogates"), "body")
    elif type(value) is list:
        for member in value:
            _check(member, depth + 1)
    elif type(value) is dict:
        for name, member in value.items():
            if not name.isascii():
                raise BrokenInput(tell("ascii-names", name=as_it_is(ascii(name)[:40])), "body")
            _check(member, depth + 1)
