"""What requests that steer running instances may hold; see `api.schemas`."""

from typing import Annotated, Literal

from pydantic import Field

from api.body import Body, Name
from api.schemas import Data, Digest, Reason, Revision

Number = Annotated[int, Field(ge=1, le=2**53 - 1)]


class SteerBody(Body):
    """Why; it is sealed as confidential. The revision the caller has seen may stand in `If-Match` instead."""

    reason: Reason = ""
    expected_revision: Revision | None = None


class MoveBody(Body):
    """An activation that is ended, and the step entered in its place."""

    activation: Number
    to: Name


class ModifyBody(SteerBody):
    """Where the instance is moved. `ends` are activations that run beside a step and end without another."""

    moves: Annotated[list[MoveBody], Field(max_length=50)] = Field(default_factory=list)
    ends: Annotated[list[Number], Field(max_length=50)] = Field(default_factory=list)


class MigrateBody(SteerBody):
    """The number of the version under which the instance goes on. What is named in `moves` is ended, and a step of that
    version entered in its place; all else is kept where it stands."""

    number: Number
    moves: Annotated[list[MoveBody], Field(max_length=50)] = Field(default_factory=list)


class CorrectBody(SteerBody):
    """Other values by path, such as `amount` or `risk.grade`."""

    values: Data


class ConfirmBody(Body):
    """The digest of the proposal that was shown."""

    digest: Digest


class BulkBody(Body):
    """One act on many: `items` are ids of instances, or of incidents where `act` is `resolve`, in the way of `how`.

    Without `items` they are what the filter finds now: instances that are active, or open incidents.
    """

    act: Literal["suspend", "resume", "cancel", "resolve"]
    items: Annotated[list[Name], Field(max_length=1_000)] = Field(default_factory=list)
    blueprint: Name | None = None
    domain: Name | None = None
    step: Name | None = None
    code: Name | None = None
    how: Literal["", "retry", "skip"] = ""
    reason: Reason = ""


class AssignmentBody(Body):
    """The reference of the person who is to resolve it; empty gives it back to its role."""

    to: Annotated[str, Field(max_length=80)]
