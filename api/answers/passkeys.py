"""Passkeys: what their person sees of them, what others see, and options for the browser."""

from typing import Any, Literal

from pydantic import Field

from api.answers.values import Answer, CommandAnswer, Microseconds


class PasskeyItem(Answer):
    """A passkey in force. `id` is SHA-256 of the credential id, base64url."""

    id: str
    name: str | None = Field(description="null when its opening is erased")
    rp_id: str
    transports: list[str]
    is_backed_up: bool
    enrolled_at: Microseconds
    used_at: Microseconds | None


class PasskeysAnswer(Answer):
    """One's own passkeys in force, oldest first, and whether this service can take a new one."""

    items: list[PasskeyItem]
    is_possible: bool = Field(description="false where the service has no address passkeys can be kept for")


class HeldPasskey(Answer):
    """A passkey in force of another person, without the name they gave it."""

    id: str
    enrolled_at: Microseconds
    used_at: Microseconds | None


class HeldPasskeysAnswer(Answer):
    """Another person's passkeys in force, oldest first."""

    items: list[HeldPasskey]


class PasskeyAnswer(CommandAnswer):
    """What became of a passkey, by its id."""

    passkey: str


class EnrolmentOptionsAnswer(Answer):
    """What `navigator.credentials.create` takes as `publicKey`; binary members in base64url. The challenge is good
    once, for five minutes."""

    challenge: str
    rp: dict[str, str]
    user: dict[str, str]
    pubKeyCredParams: list[dict[str, Any]]  # noqa: N815 - as browsers spell it
    timeout: int
    attestation: Literal["none"]
    authenticatorSelection: dict[str, Any]  # noqa: N815
    excludeCredentials: list[dict[str, str]]  # noqa: N815


class AssertionOptionsAnswer(Answer):
    """What `navigator.credentials.get` takes as `publicKey`; binary members in base64url. The challenge is good once,
    for five minutes."""

    challenge: str
    rpId: str  # noqa: N815 - as browsers spell it
    timeout: int
    userVerification: Literal["required"]  # noqa: N815
    allowCredentials: list[dict[str, str]]  # noqa: N815
