"""E-mail: one message to one address, over the relay that the installation names.

A message has an id made of the call's key, so that a message sent twice by a runner that died between sending and
recording is known as the same one to whoever receives it.
"""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from api.cutting import cut_after
from api.egress import Called, CallFault
from api.outgoing.arguments import checked, filled, request_digest
from api.outgoing.values import Misfit
from ledger.canonical import digest
from ledger.clock import Clock, moment_of
from ledger.errors import BrokenInput

LINE_MAX = 900  # of a header; RFC 5322 allows 998
SCHEMES: Final = ("smtp", "smtps", "smtp+starttls")


class Mail:
    """Sends by one relay: `smtp://host:port`, `smtps://`, or `smtp+starttls://`, with `user:password@` where needed."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = urlsplit(url)
        self._clock = clock
        if url and (self._url.scheme not in SCHEMES or not self._url.hostname):
            raise BrokenInput(f"expected `smtp://host:25`, or {', '.join(SCHEMES[1:])}", "MUNIMENT_SMTP_URL")

    def call(
        self, connector: Mapping[str, Any], spec: Mapping[str, Any], arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """Send one message."""
        try:
            given = checked(spec, arguments)
            message = self._message(connector, spec, given, key)
        except Misfit as misfit:
            return CallFault("ARGUMENT_INVALID", str(misfit), False)
        request = request_digest(spec, given)
        if not self._url.hostname:
            return CallFault("NO_RELAY", "expected MUNIMENT_SMTP_URL, found none", False, request)
        fault = self.send(message, spec["time_out_ms"] / 1000)
        if fault is not None:
            code, said, can_retry = fault
            return CallFault(code, said, can_retry, request)
        answer = {"message_id": str(message["Message-ID"])}
        return Called(answer, request, digest(answer))

    def _message(
        self, connector: Mapping[str, Any], spec: Mapping[str, Any], given: Mapping[str, Any], key: str
    ) -> EmailMessage:
        message = EmailMessage()
        message["From"] = connector["from"]
        message["To"] = _line("to", filled(spec["to"], given))
        message["Subject"] = _line("subject", filled(spec["subject"], given))
        message["Date"] = format_datetime(moment_of(self._clock.wall()))
        message["Message-ID"] = f"<{key}@{connector['from'].partition('@')[2]}>"
        message.set_content(filled(spec["text"], given))
        (address,) = message["To"].addresses if len(message["To"].addresses) == 1 else (None,)
        if address is None or not address.domain or not address.username:
            raise Misfit("to", "one address such as `name@example.com`")
        return message

    @property
    def is_set(self) -> bool:
        """Whether there is a relay."""
        return bool(self._url.hostname)

    def send(self, message: EmailMessage, seconds: float) -> tuple[str, str, bool] | None:
        """Hand the message to the relay; why it was not taken, as (code, words, whether to try again)."""
        host, port = self._url.hostname or "", self._url.port or (465 if self._url.scheme == "smtps" else 25)
        try:
            begun: list[smtplib.SMTP] = []
            with cut_after(seconds, lambda: begun[0].sock if begun else None):
                self._hand_over(message, (host, port, seconds), begun)
        except smtplib.SMTPRecipientsRefused as refused:
            ((status, _),) = refused.recipients.values()
            return f"SMTP_{status}", f"the relay refused the address with {status}", 400 <= status < 500
        except smtplib.SMTPResponseException as answered:
            status = answered.smtp_code
            return f"SMTP_{status}", f"the relay answered {status}", not 500 <= status < 600
        except (OSError, smtplib.SMTPException) as error:
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                return "TIME_OUT", "the relay did not answer in time", True
            return "UNREACHABLE", f"the relay cannot be reached: {type(error).__name__}", True
        return None

    def _hand_over(self, message: EmailMessage, at: tuple[str, int, float], begun: list[smtplib.SMTP]) -> None:
        kind = _Encrypted if self._url.scheme == "smtps" else _Plain
        with kind(at, begun) as relay:
            if self._url.scheme == "smtp+starttls":
                relay.starttls(context=ssl.create_default_context())
            if self._url.username:
                relay.login(unquote(self._url.username), unquote(self._url.password or ""))
            relay.send_message(message)


class _Plain(smtplib.SMTP):
    """Known before it connects, so that it can be cut while the relay greets; its socket is there from then on."""

    def __init__(self, at: tuple[str, int, float], begun: list[smtplib.SMTP]) -> None:
        begun.append(self)
        host, port, seconds = at
        super().__init__(host, port, timeout=seconds)


class _Encrypted(smtplib.SMTP_SSL):
    def __init__(self, at: tuple[str, int, float], begun: list[smtplib.SMTP]) -> None:
        begun.append(self)
        host, port, seconds = at
        super().__init__(host, port, timeout=seconds, context=ssl.create_default_context())


def _line(name: str, text: str) -> str:
    """A header that is one line: a line break would begin another header."""
    if not text.isprintable() or not 0 < len(text) <= LINE_MAX:
        raise Misfit(name, f"one line of at most {LINE_MAX} printable characters")
    return text
