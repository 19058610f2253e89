"""The API's gate and the shape of its errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.cast import BO, ROB, bearer, signed_in, user_id

from flowrack.config.api import api
from flowrack.platform import apiroot
from flowrack.platform.models import ApiToken, Refusal, User

pytestmark = pytest.mark.django_db


def test_a_token_says_whose_it_is_in_one_query(client: Client, django_assert_num_queries):
    headers = bearer(ROB)
    client.get("/api/v1/me", headers=headers)
    with django_assert_num_queries(1):
        answer = client.get("/api/v1/me", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["name"] == "Rob Robot"
    assert answer.json()["grants"]["sales.enter"] == [0]


def test_a_token_narrows_its_owner_to_scopes_and_sites(client: Client):
    answer = client.get("/api/v1/me", headers=bearer(ROB, scopes=["sales.enter", "platform.users"], site_ids=[4, 2]))
    assert answer.json()["grants"] == {"sales.enter": [2, 4]}


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": datetime.now(UTC) - timedelta(seconds=1)},
        {"revoked_at": datetime.now(UTC)},
        {"digest": b"0" * 32},
    ],
)
def test_a_dead_token_is_refused(client: Client, change):
    headers = bearer(ROB)
    ApiToken.objects.update(**change)
    answer = client.get("/api/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_signed_in"


def test_a_disabled_owner_kills_the_token_at_once(client: Client):
    headers = bearer(ROB)
    User.objects.filter(pk=user_id(ROB)).update(is_active=False)
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_nobody_is_refused(client: Client):
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert Refusal.objects.count() == 0


def test_a_session_works_too():
    assert signed_in(BO).get("/api/v1/me").json()["name"] == "Bo Receiver"


def test_the_description_is_made_once_a_process(monkeypatch):
    made = []
    monkeypatch.setattr(api, "_descriptions", {})
    monkeypatch.setattr(apiroot, "Description", lambda api, prefix: made.append(prefix) or {"openapi": prefix})
    client = signed_in(BO)
    first = client.get("/api/v1/openapi.json")
    assert first.status_code == 200 and client.get("/api/v1/openapi.json").content == first.content
    assert len(made) == 1
