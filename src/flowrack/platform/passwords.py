"""Passwords: long, not known to everybody, hashed with Argon2id; the work is the same for unknown names."""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore

from django.contrib.auth.hashers import check_password, make_password

from flowrack.shared.errors import BadLine, Invalid

SHORTEST = 12
LONGEST = 256
# Hashing is costly by design: more at once than this would let a flood of sign-ins stop the house.
_hashing = BoundedSemaphore(4)

_WORDS = """
password passwort qwerty qwertz letmein welcome administrator changeme warehouse flowrack inventory secret
123456789012 1234567890123 1q2w3e4r5t6y iloveyou sunshine football baseball dragon monkey shadow master
"""
COMMON = frozenset(_WORDS.split())


def check_new(password: str, *, username: str, full_name: str = "") -> None:
    """Refuse a password that is too short or easy to guess. Length counts, not the mix of characters."""
    lowered = password.casefold()
    plain = lowered.strip("0123456789!.?-_ ")
    personal = [word for word in (username, *full_name.split()) if len(word) >= 4]
    if len(password) < SHORTEST:
        sentence = f"A password has at least {SHORTEST} characters."
    elif len(password) > LONGEST:
        sentence = f"A password has at most {LONGEST} characters."
    elif lowered in COMMON or plain in COMMON or len(set(lowered)) < 5:
        sentence = "This password is too easy to guess."
    elif any(word.casefold() == plain or word.casefold() * 2 in lowered for word in personal):
        sentence = "A password must not be one's own name."
    else:
        return
    raise Invalid(
        sentence, fix="Four or five unrelated words are a good one.", lines=[BadLine(0, "password", sentence)]
    )


def hash_of(password: str) -> str:
    """What is stored."""
    with _hashing:
        return make_password(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; as slow for nobody's password as for somebody's."""
    with _hashing:
        if stored is None or stored.startswith("!"):
            check_password(password[:LONGEST], _nobodys())
            return False
        return check_password(password[:LONGEST], stored)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return make_password("a password that nobody has")
