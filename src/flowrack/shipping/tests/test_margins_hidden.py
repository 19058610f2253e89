"""Margins, and scores that hold them, are seen by roles with sales.see_margin alone: every role, page, list and API."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from tests import outbound
from tests.cast import CAST, LOU, Person, bearer, signed_in, user_id

from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.platform import sql
from flowrack.platform.roles import ROLES, permissions_of

pytestmark = pytest.mark.django_db(transaction=True)

# 40 at 5.11 less 40 at 2.50: 51 percent of the price. 51 points that count 73 each, beside 100 for the tier.
SECRET = ("104.40", "3823", "3,823")
RULES = RuleSet(classes=(ClassRule("Earners", margin_from=20, weights=Weights(tier=1, margin=73)),))


@pytest.fixture
def case() -> tuple[int, int, int]:
    """A site, and an order with its line, decided by a rule set that ranks by margin."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "2.50", "forward_pick1")
    outbound.customer(tier="A")
    order = outbound.order(at.site, "ACME", ("4711", 40))
    sql.execute("UPDATE sales_orderline SET unit_price = 5.11")
    rulebook.in_force(at.site, RULES)
    outbound.allocate(at.site, order)
    return at.site, order.order_id, order.line_ids[0]


def pages(order_id: int, line_id: int) -> list[str]:
    return [
        f"/orders/{order_id}?line={line_id}",
        "/orders?cols=number,margin,why,waits",
        "/orders?cols=number,margin&format=csv",
        f"/order-lines/{line_id}/why",
        f"/order-lines/{line_id}/instead",
        "/allocation/waiting",
    ]


def apis(order_id: int, line_id: int) -> list[str]:
    return [
        f"/api/v1/orders/{order_id}",
        "/api/v1/orders",
        f"/api/v1/orders/{order_id}/waits",
        "/api/v1/orders/waiting",
        f"/api/v1/order-lines/{line_id}/certificate",
        f"/api/v1/order-lines/{line_id}/outlook",
    ]


def seen_by(person: Person, order_id: int, line_id: int) -> dict[str, str]:
    """What a person reads of the order by page and API, without what is refused."""
    browser, found = signed_in(person), {}
    for url in pages(order_id, line_id):
        answer = browser.get(url)
        assert answer.status_code in (200, 403, 404), url
        found[url] = re.sub(r"<[^>]+>", " ", answer.getvalue().decode()) if answer.status_code == 200 else ""
    for url in apis(order_id, line_id):
        answer = Client().get(url, headers=bearer(person))
        assert answer.status_code in (200, 403, 404), url
        found[url] = json.dumps(answer.json()) if answer.status_code == 200 else ""
    return found


def test_no_role_without_the_permission_reads_a_margin_anywhere(case):
    _, order_id, line_id = case
    told = {}
    for person in CAST:
        rights = {permission for role in person.roles for permission in permissions_of(role)}
        texts = seen_by(person, order_id, line_id)
        told[person.username] = [url for url, text in texts.items() if any(secret in text for secret in SECRET)]
        if "sales.see_margin" not in rights:
            assert told[person.username] == [], person.username
            assert not [url for url, text in texts.items() if "Margin" in text], person.username
            assert not [url for url, text in texts.items() if re.search(r'"margin": "?[0-9]', text)], person.username
    assert {role for person in CAST for role in person.roles} == set(ROLES) - {"system"}, "nobody signs in as that"
    assert len(told["lou"]) >= 4 and told["lou"] == told["may"], told


def test_who_sees_margins_at_one_site_reads_none_of_another(case):
    site, order_id, line_id = case
    half = Person("half", "Half Sales", ("customer_service",))
    user_id(half)
    sql.execute(
        """
        INSERT INTO platform_userrole (user_id, role_id, site_id) SELECT %s, id, %s FROM platform_role WHERE code = %s
        """,
        (user_id(half), site + 1, LOU.roles[0]),
    )
    texts = seen_by(half, order_id, line_id)
    assert not [url for url, text in texts.items() if any(secret in text for secret in SECRET)]
