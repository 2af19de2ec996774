"""What requests about people and their tasks may hold; see `api.schemas`."""

from typing import Annotated, Literal

from pydantic import Field

from api.body import Body, Name, Text
from api.schemas import Data, Instant, Reason, Revision

Person = Annotated[str, Field(min_length=1, max_length=80)]


class HandOverBody(Body):
    """Whom a task is given to, by the person's id, and why. Reassigning needs a reason."""

    to: Person
    reason: Reason = ""
    expected_revision: Revision | None = None


class TakeItemBody(Body):
    """A task to take, and the revision of it that the caller has seen."""

    task: Name
    expected_revision: Revision | None = None


class TakeBody(Body):
    """The tasks to take."""

    items: Annotated[list[TakeItemBody], Field(min_length=1, max_length=200)]


class ReturnBody(Body):
    """A delegated task goes back: with `data` of a form or the `outcome` of a decision as a proposal, or undone."""

    outcome: Text = ""
    data: Data = Field(default_factory=dict)
    reason: Reason = ""
    expected_revision: Revision | None = None


class CommentBody(Body):
    """Something said about an instance or task. `mentions` are persons by id, who are told; `replaces` names an earlier
    comment of the caller's own, which stays on record."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    data_class: Literal["confidential", "personal", "special"] = "confidential"
    mentions: Annotated[list[Person], Field(max_length=20)] = Field(default_factory=list)
    replaces: Text = ""


class ReadBody(Body):
    """All up to this entry has been read."""

    upto: Annotated[int, Field(ge=0, le=2**53 - 1)]


class PreferencesBody(Body):
    """How to be told besides the console. Mail needs an `address`; `group_work` asks to be told of work that is offered
    to all of a role too."""

    mail: bool
    hook: bool = False
    group_work: bool = False
    language: Literal["en", "de"] = "en"
    address: Annotated[str, Field(max_length=254)] = ""


class SubstitutionBody(Body):
    """Who stands in for whom, by the persons' ids, until when and why. `absent` is the caller unless said; it begins at
    once unless `valid_from` says later. At most 366 days."""

    substitute: Person
    valid_until: Instant
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    absent: Annotated[str, Field(max_length=80)] = ""
    valid_from: Instant | None = None


class LiftSubstitutionBody(Body):
    """Why a substitution is over."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
