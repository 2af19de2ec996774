"""Values that answers of several resources hold, and the answers that are shared.

Models stand here for the OpenAPI document alone: answers are built from rows and never validated on the way out.
Every member that is described is always there unless it has a default; what may be null says so. A test holds that no
answer of the service has a member that is not described.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Microseconds = Annotated[int, Field(description="microseconds since 1970, UTC")]


class Answer(BaseModel):
    """Base of every description. Members may be added in later versions: a client ignores those it does not know."""

    model_config = ConfigDict(defer_build=True)  # nothing is built until the document is asked for


class Shut(Answer):
    """What stands in place of a value this reader may not see, or that was erased.

    `reason` is CLASS_NOT_READABLE, ERASED or LOST; an erased one names its certificate's entry.
    """

    commitment: str | None = Field(default=None, alias="$commitment")
    reason: Literal["CLASS_NOT_READABLE", "ERASED", "LOST"]
    certificate: int | None = None
    erased_at: str | None = None


class WordingValue(Answer):
    """What an English sentence beside it is made of, for other languages: its code, and the arguments of that.

    An argument is a text that reads the same in every language, a number, or the same again. The code `english` stands
    for a part that is told in English alone, its only argument; codes that begin with `list.` stand for their
    arguments one after the other, `1` to the last.
    """

    code: str
    arguments: "dict[str, int | str | WordingValue]"


Worded = Annotated[
    WordingValue | None,
    Field(description="null where the sentence is told in English alone, or reads the same in every language"),
]
Wordings = Annotated[list[WordingValue], Field(description="what each of `words` is made of, for other languages")]


class PassedDay(Answer):
    """A day on the way to a due time that is not as its weekday; `clock`: the clocks are changed."""

    on: str = Field(description="a date, YYYY-MM-DD")
    cause: Literal["holiday", "closed", "open", "clock"]
    name: str


class DueExplained(Answer):
    """Why something is due when it is: the arithmetic as values, and in English.

    `calendar` (with `calendar_digest` and `zone`) is empty where elapsed time counts. `from_at` is later than the
    beginning where the clock has stood still.
    """

    duration: str = Field(description="ISO 8601; after `business ` it is working time")
    from_at: Microseconds
    due_at: Microseconds
    calendar: str
    calendar_digest: str
    zone: str
    day_minutes: int = Field(description="what one business day counts")
    passed: list[PassedDay]
    has_stood_still: bool
    words: str
    wording: Worded


class RefusedValue(Answer):
    """Why somebody would be refused: a reason code of the closed list, in words, with what it names."""

    reason: str
    detail: str
    wording: Worded
    details: dict[str, str]


class ReceiptValue(Answer):
    """The entry at `index` is in the tree of `size` that `checkpoint`, a signed note, states."""

    log: str
    index: int
    leaf_hash: str
    size: int
    checkpoint: str


class DraftValue(Answer):
    """What somebody typed and has not sent; the version goes up with each that is saved."""

    version: int
    saved_at: int | None
    content: dict[str, Any] | None


class ChangedField(Answer):
    """One field as it was seen and as it is; what the caller may not read is shut on both sides."""

    field: str
    before: Any
    after: Any


class LastAct(Answer):
    """What was done last, by whom, when, and in which entry."""

    kind: str
    by: str | None
    by_name: str = Field(description="their name for who may read personal data, else their reference")
    recorded_at: int
    index: int


class ConflictValue(Answer):
    """Who or what was first, as far as the caller may read it: of a task its state, holder and last act, of a change
    request its status and newest edit. `changed` is null where it cannot be told."""

    state: str | None = None
    status: str | None = None
    revision: int
    holder: str | None = None
    holder_name: str | None = None
    outcome: str | None = None
    closed_at: int | None = None
    shown_digest: str | None = None
    last: LastAct | None = None
    digest: str | None = None
    edit: int | None = None
    edited_by: str | None = None
    edited_at: int | None = None
    changed_at: int | None = None
    changed: list[ChangedField] | None = None


class ProblemValue(Answer):
    """RFC 9457. `reason` is one of a closed list; a recorded refusal carries its receipt."""

    type: str
    title: str
    status: int
    reason: str
    detail: str
    wording: WordingValue | None = Field(None, description="what the detail is made of, for other languages")
    location: str | None = None
    details: dict[str, str] | None = None
    conflict: ConflictValue | None = None
    draft: DraftValue | None = Field(None, description="the newer draft, when another window has saved one")
    receipt: ReceiptValue | None = None


class CommandAnswer(Answer):
    """A command that was carried out: its outcome, its result, and the receipt of what was recorded."""

    model_config = ConfigDict(extra="allow")

    outcome: str
    receipt: ReceiptValue | None = Field(description="null when the command left no entry")


class PageAnswer(Answer):
    """Items and the cursor of the next page; null on the last one."""

    items: list[dict[str, Any]]
    cursor: str | None


class ItemAnswer(Answer):
    """One thing, by its members."""

    model_config = ConfigDict(extra="allow")


class ActorValue(Answer):
    """Who acted. Members that do not apply are absent."""

    id: str
    kind: Literal["person", "service", "agent", "system"]
    person: str | None = None
    method: str | None = None
    sign_in: str | None = None
    on_behalf_of: str | None = None


class PersonNamed(Answer):
    """What a person is called who stands in the answer by id. `name` is null for a reader who may not read personal
    values, and where it was erased."""

    id: str
    ref: str
    name: str | None


class MoneyValue(Answer):
    """An exact amount; `currency` is empty where a plain number is measured."""

    amount: str
    currency: str


Value = Annotated[JsonValue, Field(description="a value of an instance, or a commitment with the reason")]
Text = str | Shut
