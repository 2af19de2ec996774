"""The tour of a demo organisation."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer


class StopValue(Answer):
    """A stop of a tour. `title` and `words` are keys of the console's messages."""

    id: str
    title: str
    words: str
    route: str | None = Field(description="of the console; null while there is nothing of the kind")
    recognised_by: Literal["ledger", "session"]
    done: bool | None = Field(description="null where the console knows it by the visit")


class TourAnswer(Answer):
    """The tour of the caller's role in a demo organisation; `role` is null, without stops, for who has none."""

    role: str | None
    stops: list[StopValue]
