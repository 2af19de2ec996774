"""Change requests and blueprints: what is proposed, what it changes, what was released."""

from typing import Literal

from pydantic import Field, JsonValue

from api.answers.schedules import ScheduleValue
from api.answers.values import (
    Answer,
    Microseconds,
    PersonNamed,
    ReceiptValue,
    RefusedValue,
    Shut,
    Text,
    Worded,
    Wordings,
)

ChangeStatus = Literal[
    "proposed", "in review", "changes requested", "approved", "scheduled", "released", "refused", "withdrawn", "expired"
]
Risk = Literal["normal", "high"]
Verdict = Literal["approve", "request changes", "refuse"]


class ChangeValue(Answer):
    """A change request as it stands. `base_version` is 0 for a new artefact; `version` is what it was released as."""

    id: str
    kind: str
    name: str
    title: str
    base_version: int
    digest: str
    authors: list[str]
    risk: Risk
    approvals_needed: int
    status: ChangeStatus
    revision: int
    retires: bool
    not_before: Microseconds | None
    expires_at: Microseconds
    proposed_at: Microseconds
    changed_at: Microseconds
    version: int | None


class ChangeCounts(Answer):
    """How many change requests there are: open, waiting for the caller's review, written by the caller, approved."""

    open: int
    review: int
    mine: int
    release: int


class ChangesAnswer(Answer):
    """A page of change requests, newest first; `people` names their authors, `counts` is null unless asked for."""

    items: list[ChangeValue]
    cursor: str | None
    people: list[PersonNamed]
    counts: ChangeCounts | None


class ReviewValue(Answer):
    """A review. `standing` of an approval is `fresh` or `stale`: stale ones were given for an earlier edit."""

    number: int
    verdict: Verdict
    digest: str
    edit: int
    person: str
    on_behalf_of: str
    recorded_at: Microseconds
    standing: Literal["fresh", "stale"] | None
    reason: Text


class ReviewStatementValue(Answer):
    """What is signed under a review, as canonical JSON; its digest is signed."""

    purpose: str
    person: str
    capacity: str
    verdict: Verdict
    meaning: Literal["approval", "review", "refusal"]
    reason: str = Field(description="the commitment under which the reason is sealed, an empty one as well")
    change_request: str
    kind: str
    name: str
    content_digest: str
    edit: int
    base_version: int
    stated_at: Microseconds
    expires_at: Microseconds
    nonce: str


class ReviewStatedAnswer(Answer):
    """A statement to sign under a review, in words too, with a nonce that is good once. Anybody who may review may sign
    by a passkey or by password; to request changes takes no signature."""

    outcome: Literal["stated"]
    statement: ReviewStatementValue
    words: str
    digest: str
    nonce: str
    receipt: ReceiptValue | None


class ChangeAnswer(ChangeValue):
    """One change request with its source as this reader may see it and its reviews; `approvals` counts fresh ones."""

    reason: Text
    open: bool
    edit: int
    source: Text
    approvals: int
    reviews: list[ReviewValue]


class FieldDiff(Answer):
    """A leaf that differs, by its path; null where a side has none."""

    path: str
    before: JsonValue
    after: JsonValue


class DiffAnswer(Answer):
    """What the newest edit changes: unified text, and leaves. `shut` stands where this reader may not see a side.

    `fields` is null where a side is shut or cannot be read.
    """

    base_version: int
    digest: str
    text: str
    fields: list[FieldDiff] | None
    shut: Shut | None


class FindingValue(Answer):
    """Something a check found, at `line:column`."""

    rule: str
    severity: Literal["error", "warning", "not run"]
    message: str
    wording: Worded
    location: str


class ChecksAnswer(Answer):
    """What the checks find today. `findings` is null where nothing is checked: a retirement, or a source shut here."""

    findings: list[FindingValue] | None
    shut: Shut | None


class SourceCheckAnswer(Answer):
    """What proposing a source would come to. `name` is empty where it cannot be read; `current_version` is that in
    force, 0 where there is none."""

    kind: str
    name: str
    current_version: int
    findings: list[FindingValue]


class Acts(Answer):
    """What the caller could do now; each null, or why it would be refused."""

    approve: RefusedValue | None
    request_changes: RefusedValue | None
    refuse: RefusedValue | None
    edit: RefusedValue | None
    submit: RefusedValue | None
    withdraw: RefusedValue | None
    release: RefusedValue | None


class RoleNamed(Answer):
    """A role somebody was assigned."""

    name: str
    title: str


class ReviewerValue(Answer):
    """Who may review, by which roles; without `may_approve` they may only ask for changes. `barred` says what stands
    against this one person."""

    person: str
    may_approve: bool
    roles: list[RoleNamed]
    barred: RefusedValue | None


class ReleaserValue(Answer):
    """Who may put a change in force, by which roles."""

    person: str
    roles: list[RoleNamed]


class LastAct(Answer):
    """The newest entry about a change request."""

    kind: str
    by: str
    recorded_at: Microseconds
    index: int


class StaleApproval(Answer):
    """What was edited since an approval was given; null where this reader may not see it or it reads no more."""

    review: int
    edited_at: Microseconds
    changed: list[FieldDiff] | None


class StandingAnswer(Answer):
    """Where a change request stands for its reader. `reviewers` and `releasers` are empty once it is closed;
    `base_moved` says that another version came in force than the one it was written against."""

    change_request: str
    revision: int
    digest: str
    current_version: int
    base_moved: bool
    acts: Acts
    reviewers: list[ReviewerValue]
    releasers: list[ReleaserValue]
    stale: list[StaleApproval]
    edited_by: str
    edited_at: Microseconds
    last: LastAct
    people: list[PersonNamed]


class ChangedAnswer(Answer):
    """A change request after a command."""

    outcome: Literal["proposed", "edited", "submitted", "approved", "changes requested", "refused", "withdrawn"]
    change_request: str
    kind: str
    name: str
    status: ChangeStatus
    digest: str
    revision: int
    approvals: int | None = None
    receipt: ReceiptValue


class ReleasedAnswer(Answer):
    """A change request that was put in force."""

    outcome: Literal["released"]
    change_request: str
    kind: str
    name: str
    status: ChangeStatus
    digest: str
    revision: int
    version: int
    receipt: ReceiptValue


class ArtefactListed(Answer):
    """An artefact of a kind with its newest version; `owner` may be empty."""

    kind: str
    name: str
    version: int
    digest: str
    title: str
    owner: str
    retired: bool
    released_at: Microseconds


class ArtefactsAnswer(Answer):
    """A page of artefacts by name."""

    items: list[ArtefactListed]
    cursor: str | None


class BlueprintListed(ArtefactListed):
    """A blueprint with what is under way: open change requests, and active instances the caller may read."""

    open_changes: int
    active_instances: int


class BlueprintsAnswer(Answer):
    """A page of blueprints by name."""

    items: list[BlueprintListed]
    cursor: str | None


class ApprovalValue(Answer):
    """Who approved and when."""

    person: str
    on_behalf_of: str
    recorded_at: Microseconds


class VersionListed(Answer):
    """A released version: who wrote it, who approved it and when, who put it in force and when."""

    version: int
    digest: str
    title: str
    authors: list[str]
    approvers: list[str]
    approvals: list[ApprovalValue]
    change_request: str
    proposed_at: Microseconds
    released_at: Microseconds
    released_by: str
    entry_index: int


class VersionsAnswer(Answer):
    """A page of versions, newest first."""

    items: list[VersionListed]
    cursor: str | None
    people: list[PersonNamed]


class BlueprintAnswer(Answer):
    """One blueprint version: in words, as source text and as value. Words, title and owner are empty for a retirement;
    `current_version` is the newest one, and that alone has its `schedule` told."""

    name: str
    version: int
    digest: str
    retired: bool
    current_version: int
    title: str
    owner: str
    authors: list[str]
    approvers: list[str]
    change_request: str
    released_at: Microseconds
    words: list[str]
    wordings: Wordings
    words_text: str
    source: str
    value: JsonValue = Field(description="the blueprint as data")
    schedule: ScheduleValue | None
    people: list[PersonNamed]


class CalendarAnswer(Answer):
    """A business calendar in force: `value` has its hours and every day that is otherwise, `source` says it as text."""

    name: str
    version: int
    digest: str
    title: str
    authors: list[str]
    approvers: list[str]
    change_request: str
    released_at: Microseconds
    source: str
    value: JsonValue = Field(description="the calendar as data")
    people: list[PersonNamed]


class WordsAnswer(Answer):
    """One blueprint version in words, one sentence or list line each, and as one text."""

    name: str
    version: int
    digest: str
    words: list[str]
    wordings: Wordings
    words_text: str
