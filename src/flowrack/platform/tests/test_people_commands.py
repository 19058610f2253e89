"""People, roles and tokens: what is refused, what is written down and what is not."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cast import ADA, BO, CY, DI, NOW, QUIN, ROB, ctx

from flowrack.platform import commands, duties, passwords
from flowrack.platform.models import ApiToken, CommandRecord, OutboxEvent, User, UserRole
from flowrack.platform.roles import ROLES, permissions_of
from flowrack.platform.types import (
    ChangePassword,
    ChangeUser,
    CreateToken,
    CreateUser,
    GrantRole,
    HeldRole,
    RetryEvents,
    RevokeRole,
    RevokeToken,
    RoleConflict,
)
from flowrack.shared.errors import DutiesConflict, Invalid, NotFound, NotPermitted

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def fast_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_a_new_person_has_the_roles_and_a_hashed_password():
    req = CreateUser("Zoe", "Zoe New", PASSWORD, roles=[HeldRole("receiver", 4)])
    made = commands.create_user(ctx(QUIN, "k"), req)
    assert commands.create_user(ctx(QUIN, "k"), req) == made
    zoe = User.objects.get(pk=made.user_id)
    assert (zoe.username, passwords.fits(PASSWORD, zoe.password)) == ("zoe", True)
    assert [(h.role.code, h.site_id, h.granted_by_id) for h in zoe.held_roles.all()] == [("receiver", 4, QUIN.id)]
    assert PASSWORD not in str(CommandRecord.objects.get().request)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "two words"}, "no spaces"),
        ({"username": "BO"}, "There is a user bo already."),
        ({"full_name": " "}, "name is missing"),
        ({"password": "short"}, "at least 12"),
        ({"password": "warehouse123"}, "too easy"),
        ({"password": "aaaaaaaaaaaaaa"}, "too easy"),
        ({"username": "longername", "password": "longername2026"}, "one's own name"),
        ({"roles": [HeldRole("king")]}, "no role king"),
        ({"roles": [HeldRole("system")]}, "no role system"),
    ],
)
def test_a_person_that_cannot_be_is_refused(change, sentence):
    assert BO.id
    req = CreateUser(**{"username": "zoe", "full_name": "Zoe New", "password": PASSWORD, **change})
    with pytest.raises(Invalid, match=sentence):
        commands.create_user(ctx(QUIN), req)
    assert not CommandRecord.objects.exists()


def test_only_an_administrator_grants_and_never_to_oneself():
    with pytest.raises(NotPermitted):
        commands.grant_role(ctx(ADA), GrantRole(BO.id, "picker"))
    with pytest.raises(DutiesConflict):
        commands.grant_role(ctx(QUIN), GrantRole(QUIN.id, "auditor"))
    with pytest.raises(DutiesConflict):
        commands.revoke_role(ctx(QUIN), RevokeRole(QUIN.id, "admin"))


def test_roles_that_no_one_may_hold_together_are_refused():
    with pytest.raises(RoleConflict, match="S02: Buyer with Receiver") as refusal:
        commands.grant_role(ctx(QUIN), GrantRole(DI.id, "receiver"))
    assert refusal.value.code == "role_conflict"
    assert UserRole.objects.filter(user_id=DI.id).count() == 1
    commands.grant_role(ctx(QUIN), GrantRole(BO.id, "picker"))
    assert set(UserRole.objects.filter(user_id=BO.id).values_list("role__code", flat=True)) == {"receiver", "picker"}


def test_every_shipped_role_can_be_given_alone_and_every_blocked_pair_of_roles_has_a_rule():
    names = [code for code in ROLES if code != "system"]
    for code in names:
        assert duties.conflicts([HeldRole(code)], permissions_of) == []
    blocked = {
        (a, b)
        for a in names
        for b in names
        if any(c.severity == "H" for c in duties.conflicts([HeldRole(a), HeldRole(b)], permissions_of))
    }
    assert {("buyer", "receiver"), ("auditor", "receiver"), ("admin", "sales_manager")} <= blocked
    assert not {("receiver", "picker"), ("buyer", "planner"), ("buyer", "purchasing_manager")} & blocked
    assert all(("auditor", code) in blocked for code in names if code not in ("auditor", "admin"))


def test_roles_at_different_sites_do_not_conflict():
    apart = [HeldRole("buyer", 1), HeldRole("receiver", 2)]
    assert duties.conflicts(apart, permissions_of) == []
    assert [c.rule for c in duties.conflicts([HeldRole("buyer", 1), HeldRole("receiver")], permissions_of)] == ["S02"]


def test_a_revoked_role_is_gone_and_an_unheld_one_is_not_found():
    commands.revoke_role(ctx(QUIN), RevokeRole(BO.id, "receiver"))
    assert not UserRole.objects.filter(user_id=BO.id).exists()
    with pytest.raises(NotFound):
        commands.revoke_role(ctx(QUIN), RevokeRole(BO.id, "receiver"))


def test_a_disabled_person_loses_tokens_in_the_same_command(client: Client):
    made = commands.create_token(ctx(QUIN), CreateToken(ROB.id, "edi"))
    commands.change_user(ctx(QUIN), ChangeUser(ROB.id, is_active=False))
    assert ApiToken.objects.get(pk=made.token_id).revoked_at == NOW
    with pytest.raises(DutiesConflict):
        commands.change_user(ctx(QUIN), ChangeUser(QUIN.id, is_active=False))


def test_a_token_is_shown_once_and_never_stored(client: Client):
    req = CreateToken(ROB.id, "edi", scopes=["sales.enter"], days=365)
    made = commands.create_token(ctx(QUIN, "k"), req)
    again = commands.create_token(ctx(QUIN, "k"), req)
    assert (again.token_id, again.token) == (made.token_id, "")
    row = ApiToken.objects.get()
    assert made.token.startswith(f"frk_{row.public_id}_")
    secret = made.token.rpartition("_")[2]
    assert secret not in str(CommandRecord.objects.values_list("request", "result"))
    row.expires_at = "2100-01-01T00:00:00Z"
    row.save()
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {made.token}"})
    assert answer.json()["grants"] == {"sales.enter": [0]}
    commands.revoke_token(ctx(QUIN), RevokeToken(made.token_id))
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {made.token}"}).status_code == 401
    with pytest.raises(NotFound):
        commands.revoke_token(ctx(QUIN), RevokeToken(made.token_id))


def test_a_token_cannot_do_more_than_its_owner():
    with pytest.raises(Invalid) as refusal:
        commands.create_token(ctx(QUIN), CreateToken(ROB.id, " ", scopes=["counting.approve", "no.such"], days=366))
    assert [(line.line, line.field) for line in refusal.value.lines] == [
        (1, "scopes"), (2, "scopes"), (0, "name"), (0, "days"),
    ]  # fmt: skip


def test_nobody_makes_a_token_that_speaks_for_another_person():
    with pytest.raises(DutiesConflict):
        commands.create_token(ctx(QUIN), CreateToken(CY.id, "cy"))
    assert not ApiToken.objects.exists()
    commands.create_token(ctx(QUIN), CreateToken(QUIN.id, "my own"))
    assert ApiToken.objects.get().user_id == QUIN.id


def test_ones_own_password_needs_the_old_one():
    User.objects.filter(pk=BO.id).update(password=passwords.hash_of(PASSWORD))
    with pytest.raises(Invalid, match="old password"):
        commands.change_password(ctx(BO), ChangePassword("wrong", "another good long one"))
    commands.change_password(ctx(BO), ChangePassword(PASSWORD, "another good long one"))
    assert passwords.fits("another good long one", User.objects.get(pk=BO.id).password)


def test_a_parked_event_is_tried_again():
    commands.change_user(ctx(QUIN), ChangeUser(ROB.id, is_active=True))
    event = OutboxEvent.objects.create(
        command=CommandRecord.objects.get(), kind="x.y", body={}, occurred_at=NOW, attempts=8, parked_reason="why"
    )
    with pytest.raises(NotPermitted):
        commands.retry_events(ctx(ADA), RetryEvents([event.pk]))
    assert commands.retry_events(ctx(QUIN), RetryEvents([event.pk])).count == 1
    event.refresh_from_db()
    assert (event.attempts, event.parked_reason) == (0, "")
