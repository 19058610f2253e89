"""The platform's pages as an administrator and as others see them."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, DI, QUIN, RAY, ROB, signed_in

from flowrack.platform.models import ApiToken, UserRole

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/people", "/people/new", "/tokens", "/audit", "/refusals", "/events?view=all", "/password"]
)
def test_every_page_opens_for_the_administrator_and_sends_strangers_to_sign_in(client, address):
    assert signed_in(QUIN).get(address).status_code == 200
    assert client.get(address).status_code == 302
    assert client.get(address)["Location"].startswith("/sign-in?next=/")


def test_people_without_the_permission_are_told_and_put_on_record():
    bo, ray = signed_in(BO), signed_in(RAY)
    assert bo.get("/people").status_code == 403
    answer = ray.get("/refusals?actor=Bo")
    assert answer.status_code == 200
    assert "GET /people" in answer.content.decode()


def test_a_role_is_given_and_taken_on_the_persons_page():
    browser = signed_in(QUIN)
    key = {"idempotency_key": "k1"}
    answer = browser.post(f"/people/{DI.id}/roles", {"role": "receiver", "site_id": "0", **key})
    assert answer.status_code == 409
    assert "S02" in answer.content.decode()
    answer = browser.post(f"/people/{DI.id}/roles", {"role": "planner", "site_id": "0", **key})
    assert (answer.status_code, answer["Location"]) == (303, f"/people/{DI.id}")
    page = browser.get(f"/people/{DI.id}").content.decode()
    assert "Planner" in page
    assert "Quin Admin" in page
    answer = browser.post(f"/people/{DI.id}/roles/revoke", {"role": "planner", "site_id": "0", "idempotency_key": "k2"})
    assert answer.status_code == 303
    assert UserRole.objects.filter(user_id=DI.id).count() == 1


def test_a_token_is_shown_on_the_page_that_makes_it_and_nowhere_else():
    browser = signed_in(QUIN)
    form = {"name": "edi", "days": "30", "idempotency_key": "k"}
    made = browser.post(f"/people/{ROB.id}/tokens/new", form).content.decode()
    token = ApiToken.objects.get()
    assert f"frk_{token.public_id}_" in made
    again = browser.post(f"/people/{ROB.id}/tokens/new", form).content.decode()
    assert f"frk_{token.public_id}_" not in again
    assert ApiToken.objects.count() == 1
    browser.post("/tokens", {"batch": "revoke", "ids": str(token.pk)})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_audit_trail_is_found_by_subject():
    browser = signed_in(QUIN)
    browser.post(f"/people/{ADA.id}/change", {"is_active": "", "idempotency_key": "k"})
    page = signed_in(RAY).get(f"/audit?subject=platform.user:{ADA.id}").content.decode()
    assert "User changed" in page
    assert "User changed" not in signed_in(RAY).get("/audit?subject=platform.user:0").content.decode()
