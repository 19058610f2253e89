"""Signing in: one answer for every mistake, a growing wait, sessions that end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from tests.cast import ADA, BO, EVE, FAY, HAL, signed_in, user_id

from flowrack.platform import http, passwords, sql
from flowrack.platform.models import CommandRecord, LoginAttempt, Refusal, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def fast_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def bo() -> int:
    found = user_id(BO)
    User.objects.filter(pk=found).update(password=passwords.hash_of(PASSWORD))
    return found


def attempt(client: Client, username: str = "bo", password: str = PASSWORD, **more: str):
    return client.post("/sign-in", {"username": username, "password": password, **more})


def test_name_and_password_open_the_house(client: Client, bo):
    answer = attempt(client, "Bo", next="/password")
    assert (answer.status_code, answer["Location"]) == (303, "/password")
    assert client.get("/api/v1/me").json()["id"] == bo
    record = CommandRecord.objects.get()
    assert (record.command, record.actor_id, record.subject) == ("platform.sign_in", bo, f"platform.user:{bo}")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_the_way_back_stays_in_the_house(client: Client, bo, wanted):
    assert attempt(client, next=wanted)["Location"] == "/"


def test_wrong_password_unknown_name_and_disabled_person_get_the_same_words(client: Client, bo):
    wrong = attempt(client, password="nope nope nope")
    unknown = attempt(client, "nobody-of-that-name")
    User.objects.filter(pk=bo).update(is_active=False)
    disabled = attempt(client)
    said = [(a.status_code, a.context["refusal"].message, a.context["refusal"].fix) for a in (wrong, unknown, disabled)]
    assert said == [(401, "User name and password do not fit.", "Check both and try again.")] * 3
    assert Refusal.objects.filter(command="platform.sign_in").count() == 3
    assert not CommandRecord.objects.exists()


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(client: Client, bo, monkeypatch):
    checked = []
    real = passwords.check_password
    monkeypatch.setattr(passwords, "check_password", lambda *a: checked.append(1) or real(*a))
    attempt(client, password="nope nope nope")
    attempt(client, "nobody-of-that-name")
    assert len(checked) == 2


def test_after_five_mistakes_the_account_waits_ever_longer(client: Client, bo):
    for _ in range(5):
        assert attempt(client, password="wrong wrong wrong").status_code == 401
    refusal = attempt(client).context["refusal"]
    assert refusal.message == "There were too many attempts."
    assert 1 <= refusal.details["seconds"] <= 5
    LoginAttempt.objects.create(username="bo")
    assert 6 <= attempt(client).context["refusal"].details["seconds"] <= 10
    sql.execute("UPDATE platform_loginattempt SET attempted_at = attempted_at - interval '11 seconds'")
    assert attempt(client).status_code == 303
    assert not LoginAttempt.objects.exists()


def test_an_address_that_tries_many_names_waits_too(client: Client, bo):
    sql.execute(
        """
        INSERT INTO platform_loginattempt (username, address)
        SELECT 'guess' || n, '127.0.0.1' FROM generate_series(1, 25) n
        """
    )
    assert attempt(client).context["refusal"].message == "There were too many attempts."
    assert attempt(Client(REMOTE_ADDR="10.0.0.9")).status_code == 303


def test_an_idle_session_ends_and_a_used_one_lasts_a_days_work(bo):
    start = http.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = Client()
        attempt(browser)
        for _ in range(24):
            clock.shift(timedelta(minutes=29))
            assert browser.get("/api/v1/me").status_code == 200
        clock.shift(timedelta(minutes=26))
        assert browser.get("/api/v1/me").status_code == 401
        attempt(browser)
        clock.shift(timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1))
        assert browser.get("/password")["Location"] == "/sign-in?next=/password"


def test_signing_out_ends_the_session(bo):
    browser = signed_in(BO)
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out")["Location"] == "/sign-in"
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("person", "more", "headers", "landed"),
    [
        (BO, {"screen": "390"}, {}, "/scan"),
        (FAY, {"screen": "390"}, {}, "/scan"),
        (HAL, {"screen": "390"}, {}, "/scan"),
        (HAL, {"screen": "1440"}, {}, "/"),
        (BO, {}, {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari"}, "/scan"),
        (BO, {"screen": "1440"}, {"User-Agent": "Mobile"}, "/"),
        (BO, {"screen": "wide"}, {}, "/"),
        (BO, {"screen": "390", "next": "/password"}, {}, "/password"),
        (ADA, {"screen": "390"}, {}, "/"),
        (EVE, {"screen": "390"}, {}, "/"),
    ],
)
def test_on_a_phone_who_works_on_the_floor_lands_on_the_scanner(client: Client, person, more, headers, landed):
    User.objects.filter(pk=user_id(person)).update(password=passwords.hash_of(PASSWORD))
    form = {"username": person.username, "password": PASSWORD, **more}
    answer = client.post("/sign-in", form, headers=headers)
    assert (answer.status_code, answer["Location"]) == (303, landed)
