"""A token that is remembered from the last write is worth no more than one that is looked up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import QUIN, ROB, bearer, ctx, signed_in, user_id

from flowrack.catalog.models import Item
from flowrack.platform import commands, tokens
from flowrack.platform.models import ApiToken, CommandRecord, RightsVersion, Role, User, UserRole
from flowrack.platform.types import ChangeUser, GrantRole, RevokeRole, RevokeToken

pytestmark = pytest.mark.django_db


def write(client: Client, headers: dict[str, str], sku: str, key: str = "") -> tuple[int, str]:
    """Make an item; status and error code."""
    answer = client.post(
        "/api/v1/items",
        {"sku": sku, "item": {"name": sku}},
        "application/json",
        headers={**headers, "Idempotency-Key": key or uuid4().hex},
    )
    return answer.status_code, answer.json().get("code", "")


def look_ups(queries: CaptureQueriesContext) -> int:
    return sum("t.public_id = " in query["sql"] for query in queries.captured_queries)


def test_a_second_write_does_not_look_the_token_up_again(client: Client):
    headers = bearer(ROB)
    with CaptureQueriesContext(connection) as first:
        assert write(client, headers, "A")[0] == 201
    with CaptureQueriesContext(connection) as second:
        assert write(client, headers, "B")[0] == 201
    assert (look_ups(first), look_ups(second)) == (1, 0)
    assert len(second) == len(first) - 2  # the look-up, and the stamp of last use


def test_a_read_always_looks_the_token_up(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A")
    ApiToken.objects.update(revoked_at=datetime.now(UTC))
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_revoked_token_writes_no_more(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A")
    commands.revoke_token(ctx(QUIN), RevokeToken(ApiToken.objects.get().pk))
    assert write(client, headers, "B") == (401, "not_signed_in")
    assert not Item.objects.filter(sku="B").exists()


def test_a_revoked_token_does_not_read_its_own_answers_again(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A", "once")
    assert write(client, headers, "A", "once")[0] == 201
    commands.revoke_token(ctx(QUIN), RevokeToken(ApiToken.objects.get().pk))
    assert write(client, headers, "A", "once") == (401, "not_signed_in")


def test_a_disabled_owner_writes_no_more(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A")
    commands.change_user(ctx(QUIN), ChangeUser(user_id(ROB), is_active=False))
    assert write(client, headers, "B") == (401, "not_signed_in")


def test_a_role_that_was_taken_away_ends_with_the_next_write(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A")
    commands.revoke_role(ctx(QUIN), RevokeRole(user_id(ROB), "integration", 0))
    assert write(client, headers, "B") == (403, "not_permitted")
    assert not Item.objects.filter(sku="B").exists()
    assert not CommandRecord.objects.filter(command="catalog.create_item", request__sku="B").exists()


def test_a_role_that_was_given_counts_with_the_next_write(client: Client):
    headers = bearer(ROB)
    UserRole.objects.filter(user_id=user_id(ROB)).delete()
    assert write(client, headers, "A") == (403, "not_permitted")
    commands.grant_role(ctx(QUIN), GrantRole(user_id(ROB), "integration", 0))
    assert write(client, headers, "A")[0] == 201


def test_a_role_that_others_gained_does_not_disturb(client: Client):
    headers = bearer(ROB)
    write(client, headers, "A")
    user_id(QUIN)
    assert write(client, headers, "B")[0] == 201


def test_a_token_that_expires_is_not_remembered_beyond_its_end(client: Client, monkeypatch: pytest.MonkeyPatch):
    headers = bearer(ROB)
    write(client, headers, "A")
    later = tokens.time.monotonic() + tokens.REMEMBERED_SECONDS
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    with CaptureQueriesContext(connection) as queries:
        assert write(client, headers, "B")[0] == 201
    assert look_ups(queries) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.update(is_active=True),
        lambda: ApiToken.objects.update(scopes=["catalog.edit"]),
        lambda: UserRole.objects.update(site_id=1),
        lambda: Role.objects.update(permissions=[]),
        lambda: UserRole.objects.all().delete(),
    ],
)
def test_whatever_changes_rights_counts_their_version_up(change):
    bearer(ROB)
    before = version()
    change()
    assert version() == before + 1


def test_using_a_token_counts_nothing(client: Client):
    headers = bearer(ROB)
    before = version()
    write(client, headers, "A")
    assert ApiToken.objects.get().last_used_at is not None
    assert version() == before


def test_the_short_way_of_tokens_answers_with_the_same_headers_as_a_session(client: Client):
    by_token = client.get("/api/v1/me", headers=bearer(ROB))
    by_session = signed_in(ROB).get("/api/v1/me")
    assert by_token.status_code == by_session.status_code == 200
    token, session = dict(by_token.headers), dict(by_session.headers)
    assert all(re.fullmatch(r"app;dur=\d+\.\d", one.pop("Server-Timing")) for one in (token, session))
    assert set(session["Vary"].split(", ")) == {"Cookie", "Accept-Encoding"}  # robots get it as it is
    assert {**token, "Vary": session["Vary"]} == session


def test_the_short_way_of_tokens_refuses_foreign_hosts_and_unknown_addresses(client: Client):
    headers = bearer(ROB)
    assert client.get("/api/v1/me", headers={**headers, "Host": "evil.example"}).status_code == 400
    assert client.get("/api/v1/nothing-here", headers=headers).status_code == 404
    assert client.get("/api/v1/me", headers={"Authorization": "Basic abc"}).status_code == 401


def version() -> int:
    return RightsVersion.objects.get().version
