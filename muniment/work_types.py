"""A worker's functions as jobs meet them: arguments checked on the way in, results on the way out, by pydantic."""

import inspect
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from math import isnan
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_serializer

from muniment.work_door import decoded

ARGUMENTS_INVALID = "ARGUMENTS_INVALID"
RESULT_INVALID = "RESULT_INVALID"


_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Retry(Exception):
    """The job is to be tried again, `after` so many seconds at the earliest. Counts as a failed try."""

    def __init__(self, after: float = 0, code: str = "RETRY") -> None:
        super().__init__(code)
        self.after = _seconds(after)
        self.code = _checked(code)


class Failed(Exception):
    """The job did not succeed; `code` is a short word, never data. People are asked, unless it is `retryable`."""

    def __init__(self, code: str, retryable: bool = False) -> None:
        super().__init__(code)
        self.code = _checked(code)
        self.retryable = retryable


def _seconds(after: float) -> float:
    if isnan(after):
        raise ValueError("expected a number of seconds")
    return after


def _checked(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError("expected a code of 1 to 60 letters, digits, _ or -")
    return code


class Money(BaseModel):
    """An amount as the service knows it: exact, with its currency."""

    model_config = ConfigDict(frozen=True)

    amount: Decimal
    currency: str

    @field_serializer("amount")
    def _text(self, amount: Decimal) -> str:
        return format(amount, "f")


@dataclass(frozen=True, slots=True)
class Job:
    """A job under way. `id` is the same for every try: the idempotency key for whatever is done outside.

    `lost` is set when the lease is over: somebody else may be at it, and no answer will be taken.
    """

    id: str
    type: str
    tries: int
    priority: int
    lease: str = field(repr=False)
    lost: threading.Event = field(default_factory=threading.Event, repr=False)


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that does jobs of a type, at most `at_once` at a time in this worker."""

    type: str
    function: Callable[..., Any]
    at_once: int
    takes: TypeAdapter[Any]
    gives: TypeAdapter[Any]
    with_arguments: bool
    with_job: bool

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop; else on a thread of its own."""
        return inspect.iscoroutinefunction(self.function)

    def prepared(self, arguments: Any, job: Job) -> tuple[Any, ...]:
        """What the function is called with; `Failed` when the arguments are not what it takes."""
        given: list[Any] = []
        if self.with_arguments:
            try:
                given.append(self.takes.validate_python(decoded(arguments)))
            except ValidationError as error:
                raise Failed(ARGUMENTS_INVALID) from error
        if self.with_job:
            given.append(job)
        return tuple(given)

    def result(self, value: Any) -> Any:
        """What is answered; `Failed` when the function gave something else than it says."""
        try:
            checked = self.gives.validate_python(value)
            return self.gives.dump_python(checked, mode="python", by_alias=True)
        except (ValidationError, ValueError, RecursionError) as error:
            raise Failed(RESULT_INVALID) from error


def handler_of(function: Callable[..., Any], job_type: str, into: Any, at_once: int) -> Handler:
    """The handler of a function `(arguments)`, `(arguments, job)`, `(job)` or `()`, by its annotations.

    The parameter annotated `Job` is given the job. `into` is what the result is; the return annotation unless said.
    """
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    of_job = [name for name in names if hints.get(name) is Job]
    of_arguments = [name for name in names if name not in of_job]
    if len(of_job) > 1 or len(of_arguments) > 1 or names != [*of_arguments, *of_job]:
        raise TypeError(f"expected a function of (arguments, job: Job), found ({', '.join(names)})")
    takes = hints.get(of_arguments[0], Any) if of_arguments else Any
    gives = hints.get("return", Any) if into is None else into
    return Handler(
        job_type,
        function,
        at_once,
        TypeAdapter(takes),
        TypeAdapter(None if gives is type(None) else gives),
        bool(of_arguments),
        bool(of_job),
    )
