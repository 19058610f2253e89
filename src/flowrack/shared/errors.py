"""Refusals: the one way in which Flowrack says no.

A refusal carries a stable code, an HTTP status, a sentence for a person and, where a list was sent, every bad line.
Page, scan screen, API and command line each render the same refusal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class BadLine:
    """One thing that is wrong: which line (1-based, 0 for the document itself), which field, why, and the way out."""

    line: int
    field: str
    message: str
    fix: str = ""


class FlowrackError(Exception):
    """Base of every refusal. Subclasses set `code` and `status`; instances add the sentence and the bad lines."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, *, lines: list[BadLine] | None = None, fix: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.lines = lines or []
        self.fix = fix
        self.details = details

    def problem(self) -> dict[str, Any]:
        """The refusal as an RFC 9457 problem document."""
        body: dict[str, Any] = {
            "type": f"https://flowrack.dev/errors/{self.code}",
            "title": self.message,
            "status": self.status,
            "code": self.code,
        }
        if self.fix:
            body["detail"] = self.fix
        if self.lines:
            body["errors"] = [asdict(line) for line in self.lines]
        if self.details:
            body["details"] = self.details
        return body


class NotPermitted(FlowrackError):
    """The person may not do this, or not at this site."""

    code = "not_permitted"
    status = 403


class NotFound(FlowrackError):
    """There is no such thing, or not for this person."""

    code = "not_found"
    status = 404


class Invalid(FlowrackError):
    """The request does not make sense as it stands."""

    code = "invalid"
    status = 422


class KeyReused(FlowrackError):
    """The same idempotency key came with another body."""

    code = "key_reused"
    status = 422


class KeyMissing(FlowrackError):
    """A write came without an idempotency key."""

    code = "key_missing"
    status = 400


class WrongState(FlowrackError):
    """The document is not in a state that allows this."""

    code = "wrong_state"
    status = 409


class DutiesConflict(FlowrackError):
    """The same person may not do both halves of this (segregation of duties)."""

    code = "duties_conflict"
    status = 403


class Stale(FlowrackError):
    """The document changed since it was read (ETag / If-Match)."""

    code = "stale"
    status = 412


class Busy(FlowrackError):
    """Somebody else holds what this needs; nothing was changed, the same request may be sent again."""

    code = "busy"
    status = 503


class NotSignedIn(FlowrackError):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    code = "not_signed_in"
    status = 401
