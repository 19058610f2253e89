"""Every address against every role: what a role's permissions say is what the house answers.

The table is not written down twice: roles.py says who holds a permission, a route declares the one it needs, and the
answers of the real house must agree. A route that declares nothing fails here by name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from flowrack.platform.http import OPEN, SIGNED_IN
from flowrack.platform.models import ApiToken, User
from flowrack.platform.roles import PERMISSIONS, ROLES, permissions_of
from tests.authorization.routes import Route, endpoints, pages
from tests.cast import CAST, QUIN, Person, bearer, signed_in, user_id

pytestmark = pytest.mark.django_db

TURNED_AWAY = (401, 403)
PAGES, ENDPOINTS = list(pages()), list(endpoints())


def holds(person: Person, permission: str | None) -> bool:
    """What the table says."""
    return permission == SIGNED_IN or any(permission in permissions_of(role) for role in person.roles)


FRAGMENT = {"HX-Request": "true"}  # the gate says the same, and draws no whole page around it


def ask(client: Client, route: Route, headers: dict[str, str] | None = None) -> int:
    """The status of the answer; a body that is not understood shows that the gate was passed."""
    client.raise_request_exception = False
    if route.method == "GET":
        return client.get(route.path, headers=headers or {}).status_code
    body = {"nothing_like_this": 1}
    key = {"Idempotency-Key": uuid4().hex}
    return client.generic(
        route.method, route.path, str(body).replace("'", '"'), "application/json", headers={**key, **(headers or {})}
    ).status_code


def test_every_address_declares_a_permission_that_somebody_holds():
    known = {*PERMISSIONS, OPEN, SIGNED_IN}
    wrong = [f"{route}: {route.permission}" for route in [*PAGES, *ENDPOINTS] if route.permission not in known]
    assert not wrong, "declare @requires / @page(permission=...) with a permission of platform/roles.py:\n" + "\n".join(
        wrong
    )


def test_no_endpoint_is_open_and_few_pages_are():
    assert not [str(route) for route in ENDPOINTS if route.permission == OPEN]
    assert {route.path for route in PAGES if route.permission == OPEN} <= {
        "/sign-in", "/scan/manifest.webmanifest", "/preferences", "/healthz", "/readyz", "/scan/worker.js", "/sw.js",
        # the app's shell, which is the same for everybody, and where devices speak: what they say bears their signature
        "/scan/offline", "/scan/sign-in", "/scan/device/ask", "/scan/device/journal", "/scan/device/challenge",
        "/scan/device/sign-in",
    }  # fmt: skip


def test_every_role_is_played_by_somebody_in_the_cast():
    assert {role for person in CAST for role in person.roles} == set(ROLES) - {"system"}


def test_strangers_are_turned_away_everywhere(client: Client):
    for route in PAGES:
        answer = client.get(route.path)
        if route.permission != OPEN:
            assert (answer.status_code, answer.headers.get("Location", "")[:8]) == (302, "/sign-in"), route
            fragment = client.get(route.path, headers={"HX-Request": "true"})
            assert (fragment.status_code, "HX-Redirect" in fragment.headers) == (401, True), route
    for route in ENDPOINTS:
        assert ask(client, route) == 401, route
    assert client.get("/api/v1/openapi.json").status_code == 401


@pytest.mark.parametrize("person", CAST, ids=lambda p: p.roles[0] if p.roles else "nobody")
def test_pages_turn_away_exactly_those_without_the_permission(person: Person):
    browser = signed_in(person)
    closed = [route for route in PAGES if route.permission != OPEN and not holds(person, route.permission)]
    assert not closed or ask(browser, closed[0]) == 403
    for route in PAGES:
        if route.permission == OPEN or route.path == "/sign-out":
            continue
        if not holds(person, route.permission):
            assert ask(browser, route, FRAGMENT) == 403, f"{route} must be closed to {person.username}"
        elif _is_first_holder(person, route):
            status = ask(browser, route)
            assert status not in TURNED_AWAY and status < 500, f"{route} must open for {person.username}, not {status}"


@pytest.mark.parametrize("person", CAST, ids=lambda p: p.roles[0] if p.roles else "nobody")
def test_endpoints_turn_away_exactly_those_without_the_permission(person: Person):
    headers = {"Authorization": bearer(person)["Authorization"]}
    client = Client()
    for route in ENDPOINTS:
        status = ask(client, route, headers)
        if not holds(person, route.permission):
            assert status == 403, f"{route} must be closed to {person.username}, not {status}"
        else:
            assert status not in TURNED_AWAY and status < 500, f"{route} must open for {person.username}, not {status}"


def _is_first_holder(person: Person, route: Route) -> bool:
    """Pages are drawn for one person who may see them, and for all who may not."""
    return person == next(p for p in CAST if holds(p, route.permission))


def test_sessions_and_tokens_of_disabled_people_and_dead_tokens_open_nothing():
    browser, headers = signed_in(QUIN), bearer(QUIN)
    expired, revoked = bearer(QUIN), bearer(QUIN)
    ids = list(ApiToken.objects.order_by("-id").values_list("id", flat=True))
    ApiToken.objects.filter(pk=ids[1]).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    ApiToken.objects.filter(pk=ids[0]).update(revoked_at=datetime.now(UTC))
    client = Client()
    for route in ENDPOINTS:
        assert {ask(client, route, dead) for dead in (expired, revoked)} == {401}, route
    User.objects.filter(pk=QUIN.id).update(is_active=False)
    for route in PAGES:
        if route.permission != OPEN:
            assert browser.get(route.path).status_code == 302, route
    for route in ENDPOINTS:
        assert ask(client, route, headers) == 401, route


def test_a_session_may_not_write_over_the_api_without_the_csrf_token():
    person = CAST[0]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(pk=user_id(person)))
    writes = [r for r in ENDPOINTS if r.method != "GET" and holds(person, r.permission)]
    assert writes
    assert {ask(browser, route) for route in writes} == {403}


def test_a_token_narrowed_to_nothing_useful_opens_nothing():
    headers = bearer(QUIN, scopes=["nothing.at_all"])
    client = Client()
    for route in ENDPOINTS:
        assert ask(client, route, headers) == 403 or route.permission == SIGNED_IN, route
