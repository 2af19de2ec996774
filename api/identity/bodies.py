"""What requests about sign-in, second factors, passkeys and sessions may hold; see `api.schemas`."""

from typing import Annotated

from pydantic import Field

from api.body import Body, Name, Text

Secret = Annotated[str, Field(max_length=1_024)]
Code = Annotated[str, Field(max_length=64)]
Binary = Annotated[str, Field(min_length=1, max_length=2_048, pattern=r"^[A-Za-z0-9_-]+$")]
PasskeyName = Annotated[str, Field(min_length=1, max_length=100)]


class SignInBody(Body):
    """A person signs in. `account` is the organisation's reference of the person, `log` the log's short name; `code` is
    one of the authenticator app or a recovery code, for who has a second factor."""

    account: Text
    password: Secret
    code: Code = ""
    log: Text | None = None


class PasswordBody(Body):
    """A new password, proved by a one-time set-up `code` or by the `present` password, and a code of the second factor
    where there is one."""

    account: Text
    password: Secret
    code: Text | None = None
    present: Secret | None = None
    second_factor: Code = ""
    log: Text | None = None


class ConfirmFactorBody(Body):
    """A code of the app that holds the offered secret."""

    code: Code


class FactorBody(Body):
    """A code of the app or a recovery code; none is needed right after a sign-in that showed one."""

    code: Code | None = None


class AssertionBody(Body):
    """What `navigator.credentials.get` gave: the credential's id and the binary members of its response, base64url."""

    credential: Binary
    client_data: Annotated[str, Field(min_length=1, max_length=8_192)]
    authenticator_data: Binary
    signature: Binary


class PasskeySignInBody(AssertionBody):
    """A person signs in by a passkey; `user_handle` (base64url) is whom it says it is for, `log` the log's name."""

    user_handle: Annotated[str, Field(max_length=128)] = ""
    log: Text | None = None


class PagePasskeyBody(PasskeySignInBody):
    """The same out of the sign-in page, with the token of its form and where to go on."""

    form_token: Text
    next: Annotated[str, Field(max_length=2_048)] = "/"


class LogBody(Body):
    """The short name of a log, where several are served."""

    log: Text | None = None


class PasskeyBody(Body):
    """What `navigator.credentials.create` gave, binary members in base64url, and a name for the new passkey."""

    name: PasskeyName
    credential: Binary
    client_data: Annotated[str, Field(min_length=1, max_length=8_192)]
    attestation: Annotated[str, Field(min_length=1, max_length=32_768)]
    transports: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=16)] = Field(
        default_factory=list
    )


class PasskeyNameBody(Body):
    """Another name for a passkey."""

    name: PasskeyName


class PasskeyRemovalBody(Body):
    """The end of a passkey: proved by the password (and a code where there is a second factor), or by another passkey
    on the challenge of `removal/options`."""

    password: Secret = ""
    code: Code = ""
    passkey: AssertionBody | None = None


class EndSessionsBody(Body):
    """One sign-in session by its id; without one, all."""

    session: Name | None = None
