"""From a web request to a command's context: who asks, with which key, at what time. The only reader of the clock."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from django.http import HttpRequest

from flowrack.platform.permissions import grants_of
from flowrack.platform.roles import on_device
from flowrack.platform.runner import Context, Remembered
from flowrack.shared.errors import NotPermitted

KEY_HEADER = "Idempotency-Key"
KEY_FIELDS = ("idempotency_key", "key")
DEVICE_HEADER = "Flowrack-Device"
DEVICE_IN_SESSION, DEVICE_SITE_IN_SESSION, PIN_ASKED = "device_id", "device_site_id", "pin_asked"

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request and what they may do where."""

    user_id: int
    name: str
    grants: dict[str, frozenset[int]]
    token_id: int = 0
    remembered: Remembered | None = None

    def may(self, permission: str, site_id: int | None = None) -> bool:
        """Whether the caller holds the permission (at that site, if one is named)."""
        sites = self.grants.get(permission)
        return sites is not None and (site_id is None or 0 in sites or site_id in sites)

    def sites(self, permission: str) -> frozenset[int]:
        """The sites at which the caller holds the permission; {0} stands for all."""
        return self.grants.get(permission, frozenset())


def now() -> datetime:
    """The server's clock, in UTC."""
    return datetime.now(UTC)


def caller_of(request: HttpRequest) -> Caller | None:
    """The signed-in person or the owner of the API token; None for anybody else. Grants are read once a request."""
    known: Caller | None = getattr(request, "flowrack_caller", None)
    if known is None:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active or request.session.get(PIN_ASKED):
            return None
        known = Caller(user_id=user.pk, name=str(user), grants=_narrowed(request, grants_of(user.pk)))
        set_caller(request, known)
    return known


def device_of_session(request: HttpRequest) -> int:
    """The enrolled device on which the person signed in with badge and PIN; 0 for a session with a password."""
    session = getattr(request, "session", None)
    return int(session.get(DEVICE_IN_SESSION, 0)) if session is not None else 0


def _narrowed(request: HttpRequest, grants: dict[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    """A badge and a PIN open less than a password: what hands do, at the device's site."""
    if not device_of_session(request):
        return grants
    return on_device(grants, int(request.session.get(DEVICE_SITE_IN_SESSION, 0)))


def set_caller(request: HttpRequest, caller: Caller) -> None:
    """Remember who sent the request."""
    setattr(request, "flowrack_caller", caller)  # noqa: B010 - HttpRequest has no such attribute for mypy


def context_from(request: HttpRequest, key: str | None = None) -> Context:
    """The context of a command that this request asks for.

    The key comes from `key`, else the Idempotency-Key header, else the form's hidden field `idempotency_key`.
    Refuses with NotPermitted when nobody is signed in.
    """
    caller = caller_of(request)
    if caller is None:
        raise NotPermitted("You are not signed in.", fix="Sign in and try again.")
    return Context(
        actor_id=caller.user_id,
        key=key if key is not None else key_of(request),
        now=now(),
        grants=caller.grants,
        device=request.headers.get(DEVICE_HEADER, "")[:80],
        address=address_of(request),
        remembered=caller.remembered,
    )


def bearer_of(request: HttpRequest) -> str | None:
    """What a request gives as its API token; empty when it authorizes itself in another way, None when in no way."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not token:
        return None
    return token.strip() if scheme.lower() == "bearer" else ""


def key_of(request: HttpRequest) -> str:
    """The idempotency key that came with the request; empty when none did."""
    key = request.headers.get(KEY_HEADER)
    if key is None and request.method == "POST" and not request.path.startswith("/api/"):
        key = next((request.POST[name] for name in KEY_FIELDS if name in request.POST), None)
    return key or ""


def address_of(request: HttpRequest) -> str | None:
    """The peer's address. Headers that anybody can send are not believed."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def requires(permission: str) -> Callable[[View], View]:
    """Declare which permission a page, scan screen or endpoint needs. The gate enforces it before the view runs.

    A view that declares nothing is refused to everybody, so that a forgotten line is noticed at once.
    """

    def declare(view: View) -> View:
        setattr(view, "permission", permission)  # noqa: B010
        return view

    return declare


def answers(view: View) -> View:
    """Declare that an endpoint takes a question as its body and writes nothing: it asks for no idempotency key."""
    setattr(view, "is_question", True)  # noqa: B010
    return view


OPEN = "open"
SIGNED_IN = ""


def public(view: View) -> View:
    """Declare that anybody may open the page: sign-in, health, static shells."""
    return requires(OPEN)(view)


def signed_in(view: View) -> View:
    """Declare that every signed-in person may open the page: home, command palette, own jobs."""
    return requires(SIGNED_IN)(view)
