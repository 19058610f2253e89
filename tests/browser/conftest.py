"""A real Chromium against a real server. Without a browser these tests are skipped; in CI that is a failure."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Error, sync_playwright

from flowrack.platform.models import User
from tests.cast import ADA, Person, user_id

# Playwright keeps an event loop in the test's thread; Django must not take that for an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET_TURNS = 3
PATIENCE = 30  # seconds, as playwright's own waits have
IDLE = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => requestIdleCallback(done), 10))))"""
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def executable() -> str | None:
    """The browser: the one named in FLOWRACK_CHROMIUM, one on the path, or the one that playwright installed."""
    found = os.environ.get("FLOWRACK_CHROMIUM") or next((p for name in NAMES if (p := shutil.which(name))), None)
    if found:
        return found
    with sync_playwright() as p:
        own = p.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The running browser."""
    path = executable()
    if path is None:
        words = "No Chromium found. Install it (apt-get install chromium), or name it in FLOWRACK_CHROMIUM."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Trouble(list[str]):
    """What the browser complained about: script errors and breaches of the content policy."""


@pytest.fixture
def house(live_server: Any, settings: Any) -> str:
    """The address of a server with the pages of `house.py` besides the real ones."""
    settings.ROOT_URLCONF = "tests.browser.house"
    return str(live_server.url)


@pytest.fixture
def visit(chromium: Any, house: str) -> Iterator[Callable[..., Any]]:
    """`visit("/house/orders", person=ADA)` opens a page as that person; troubles are checked at the end."""
    contexts, trouble = [], Trouble()

    def go(address: str, *, person: Person | None = ADA, size: dict[str, int] = DESK, **options: Any) -> Any:
        context = chromium.new_context(viewport=size, **options)
        contexts.append(context)
        if person is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": house}])
        page = watched(context.new_page())
        page.trouble = trouble
        page.on("pageerror", lambda error: trouble.append(f"script: {error}"))
        page.on("console", lambda m: trouble.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(house + address)
        at_rest(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert trouble == [], trouble


@pytest.fixture
def phone(chromium: Any, house: str) -> Iterator[Any]:
    """A phone of the house, for work without the network."""
    from tests.browser.phones import Phone

    found = Phone(chromium, house)
    yield found
    found.context.close()
    found.folder.cleanup()


def watched(page: Any) -> Any:
    """The page, which keeps its requests that are not answered yet; before it goes anywhere."""
    under_way: set[Any] = set()
    page.under_way = under_way
    page.on("request", lambda request: under_way.add(request))
    for ending in ("requestfinished", "requestfailed"):
        page.on(ending, lambda request: under_way.discard(request))
    return page


def at_rest(page: Any) -> None:
    """Wait until the page is loaded and asks for nothing more; playwright's own "networkidle" takes half a second."""
    until, quiet = time.monotonic() + PATIENCE, 0
    while quiet < QUIET_TURNS:
        page.wait_for_load_state("load")
        try:
            # The browser has drawn twice and has nothing left to do: what scripts ask for is under way by then.
            page.evaluate(IDLE)
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            quiet = 0  # another page came in the meantime
            continue
        quiet = 0 if page.under_way else quiet + 1
        assert time.monotonic() < until or not page.under_way, [request.url for request in page.under_way]


def answered(page: Any) -> None:
    """Wait until what was typed is asked for and shown: pages wait for the next letter for 150 ms at most."""
    page.wait_for_timeout(200)
    at_rest(page)


def session_of(person: Person) -> str:
    """A session key of the signed-in person."""
    user = User.objects.get(pk=user_id(person))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def wedge(page: Any, code: str, *, gap_ms: float = 0, suffix: str = "Enter") -> None:
    """Type like a scanner: the characters one after the other, GS as Ctrl+], then the suffix."""
    for n, part in enumerate(code.split("\x1d")):
        if n:
            page.keyboard.press("Control+BracketRight")
        page.keyboard.type(part, delay=gap_ms)
    if suffix:
        page.keyboard.press(suffix)
