"""Signing in and out, the lock-out that counts in PostgreSQL, and how long a session lives."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from flowrack.platform import passwords, sql
from flowrack.platform.http import (
    DEVICE_IN_SESSION,
    DEVICE_SITE_IN_SESSION,
    PIN_ASKED,
    address_of,
    device_of_session,
    now,
)
from flowrack.platform.models import User
from flowrack.platform.types import SignInRefused
from flowrack.shared.ids import uuid7

FREE_ATTEMPTS = 5
FREE_ATTEMPTS_OF_ADDRESS = 25
FIRST_DELAY_SECONDS = 5
LONGEST_DELAY_SECONDS = 900
SEEN_EVERY_SECONDS = 60
PIN_IDLE_SECONDS, BADGE_IDLE_SECONDS = 10 * 60, 60 * 60  # away from a device: the PIN again, the badge again
ON_DEVICE = ("/scan", "/photos", "/preferences", "/sign-out")


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """Sign a person in. Refuses with SignInRefused, in the same words and time whatever is wrong."""
    username = username.strip()[:80]
    wait = seconds_to_wait(username, address_of(request))
    if wait:
        _refuse(username, request, "too many attempts")
        raise SignInRefused(
            "There were too many attempts.", fix=f"Try again in {wait} seconds, or ask an administrator.", seconds=wait
        )
    user = User.objects.filter(username__iexact=username).first()
    if not passwords.fits(password, user.password if user else None) or user is None or not user.is_active:
        sql.execute(
            "INSERT INTO platform_loginattempt (username, address) VALUES (lower(%s), %s::inet)",
            (username, address_of(request)),
        )
        _refuse(username, request, "wrong name or password")
        raise SignInRefused("User name and password do not fit.", fix="Check both and try again.")
    sql.execute("DELETE FROM platform_loginattempt WHERE username = lower(%s)", (username,))
    _begin(request, user)
    request.session["signed_in_at"] = request.session["seen_at"] = int(now().timestamp())
    _put_on_record(user.pk, "platform.sign_in", request)
    return user


def sign_in_on_device(request: HttpRequest, user_id: int, *, device_id: int, site_id: int) -> None:
    """Begin a session of somebody whose badge and PIN fitted on an enrolled device: it opens the floor only."""
    user = User.objects.get(pk=user_id)
    _begin(request, user)
    at = int(now().timestamp())
    request.session.update(
        {
            "signed_in_at": at,
            "seen_at": at,
            "site_id": site_id,
            PIN_ASKED: False,
            DEVICE_IN_SESSION: device_id,
            DEVICE_SITE_IN_SESSION: site_id,
        }
    )
    _put_on_record(user.pk, "platform.sign_in", request)


def _begin(request: HttpRequest, user: User) -> None:
    """A session of its own for each sign-in: nothing of the one before stays, not even that a PIN is asked."""
    if request.session.get("_auth_user_id"):
        request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")


def end_on_devices(at: datetime, *, device_id: int = 0, user_id: int = 0) -> int:
    """End the sessions with badge and PIN on a device, or of a person; how many. For a command that closes either."""
    keys = []
    for one in Session.objects.filter(expire_date__gt=at).iterator():
        held = one.get_decoded()
        on, who = int(held.get(DEVICE_IN_SESSION, 0)), int(held.get("_auth_user_id", 0))
        if on and (on == device_id or who == user_id):
            keys.append(one.session_key)
    return sql.execute("DELETE FROM django_session WHERE session_key = ANY(%s::text[])", (keys,)) if keys else 0


def person_to_ask_again(request: HttpRequest) -> int:
    """Who was away from the device so long that the PIN is asked, and not so long that the badge is; else 0."""
    end_if_over(request)
    return int(request.session.get("_auth_user_id", 0)) if request.session.get(PIN_ASKED) else 0


def may_open_on_device(path: str) -> bool:
    """Whether a session with badge and PIN may open an address: the floor's, and leaving it."""
    return any(path == one or path.startswith(f"{one}/") for one in ON_DEVICE)


def sign_out(request: HttpRequest) -> None:
    """End the session."""
    if request.user.is_authenticated:
        _put_on_record(request.user.pk, "platform.sign_out", request)
    logout(request)


def seconds_to_wait(username: str, address: str | None) -> int:
    """How long this name or address has to wait: nothing at first, then twice as long with each further failure.

    Failures are counted over a day by name (known or not) and by address. One query.
    """
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE username = lower(%(name)s)),
               extract(epoch FROM clock_timestamp() - max(attempted_at) FILTER (WHERE username = lower(%(name)s))),
               count(*) FILTER (WHERE address = %(address)s::inet),
               extract(epoch FROM clock_timestamp() - max(attempted_at) FILTER (WHERE address = %(address)s::inet))
        FROM platform_loginattempt
        WHERE attempted_at > clock_timestamp() - interval '1 day'
          AND (username = lower(%(name)s) OR address = %(address)s::inet)
        """,
        {"name": username, "address": address},
    )
    assert row is not None
    return max(
        delay_after(row[0] - FREE_ATTEMPTS) - int(row[1] or 0),
        delay_after(row[2] - FREE_ATTEMPTS_OF_ADDRESS) - int(row[3] or 0),
        0,
    )


def delay_after(failures_too_many: int) -> int:
    """How many seconds somebody waits after so many failures more than are free: each doubles it, up to 15 minutes."""
    if failures_too_many < 0:
        return 0
    return int(min(FIRST_DELAY_SECONDS * 2 ** min(failures_too_many, 20), LONGEST_DELAY_SECONDS))


def end_if_over(request: HttpRequest) -> None:
    """Sign out a session that was idle for too long or is older than a day's work; note that it was used.

    The note is written once a minute, so that reading pages does not write sessions.
    """
    if not request.session.get("_auth_user_id"):
        return
    at = int(now().timestamp())
    started = int(request.session.setdefault("signed_in_at", at))
    seen = int(request.session.setdefault("seen_at", at))
    idle = BADGE_IDLE_SECONDS if device_of_session(request) else settings.SESSION_IDLE_SECONDS
    if at - started > settings.SESSION_COOKIE_AGE or at - seen > idle:
        logout(request)
    elif device_of_session(request) and at - seen > PIN_IDLE_SECONDS:
        request.session[PIN_ASKED] = True
    elif at - seen > SEEN_EVERY_SECONDS:
        request.session["seen_at"] = at


def forget_old_attempts(before: datetime) -> int:
    """Delete failed sign-ins from before a time; house-keeping of the worker."""
    return sql.execute("DELETE FROM platform_loginattempt WHERE attempted_at < %s", (before,))


def _refuse(username: str, request: HttpRequest, reason: str) -> None:
    sql.execute(
        """
        INSERT INTO platform_refusal (actor_id, command, code, message, device, address)
        VALUES (NULL, 'platform.sign_in', 'sign_in_refused', %s, '', %s::inet)
        """,
        (f"{username}: {reason}", address_of(request)),
    )


def _put_on_record(user_id: int, command: str, request: HttpRequest) -> None:
    """Signing in needs no permission, so it does not pass the command door, but the audit trail has it."""
    sql.execute(
        """
        INSERT INTO platform_commandrecord
               (actor_id, key, command, device, address, fingerprint, request, result, occurred_at, subject)
        VALUES (%s, %s, %s, '', %s::inet, ''::bytea, '{}'::jsonb, 'null'::jsonb, %s, %s)
        """,
        (user_id, str(uuid7()), command, address_of(request), now(), f"platform.user:{user_id}"),
    )
