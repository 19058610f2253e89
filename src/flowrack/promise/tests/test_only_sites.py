"""Promises to customers of whom the company's rules say that only some sites send to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.cast import KIM, bearer, signed_in

from flowrack.allocation.types_rules import SitePreference
from flowrack.platform import sql
from flowrack.promise import queries_ask
from flowrack.promise.tests import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_question_of_whom_only_some_sites_send_to_counts_no_others_in_any_option(client):
    _, north = elsewhere.two_sites(100, 30)
    customer = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'ACME'")
    elsewhere.site_rule(preferences=(SitePreference("Coast", (north.site,), customers=(customer,), is_only=True),))

    def asked(units: int, **more: str) -> dict[str, Any]:
        body = {"customer": "ACME", "item": "V-200", "quantity": units, **more}
        return client.post("/api/v1/promises/ask", body, "application/json", headers=bearer(KIM)).json()

    some, many = asked(30), asked(80)
    assert {part["site"] for option in some["options"] for part in option["parts"]} == {"NORTH"}
    assert [option["is_possible"] for option in many["options"]] == [False, False, False]
    said = "other sites, for “Coast” of the rules sends it from no others"
    assert said in some["not_considered"] and said in many["not_considered"]
    page = signed_in(KIM).get("/promise", {"q": "80 x V-200 acme"}).content.decode()
    assert "for “Coast” of the rules sends it from no others" in page
    own = asked(80, site="W1")
    assert {part["site"] for option in own["options"] for part in option["parts"]} == {"W1"}, "a person names the site"


def test_a_weekday_is_meant_by_the_clock_of_the_sites_that_may_send():
    at, north = elsewhere.two_sites(1, 1)
    sql.execute("UPDATE locations_site SET timezone = 'Pacific/Auckland' WHERE id = %s", (north.site,))
    sql.execute("UPDATE locations_site SET timezone = 'America/Chicago' WHERE id = %s", (at.site,))
    late = datetime(2026, 3, 5, 22, 0, tzinfo=UTC)
    days = [queries_ask.today_at(frozenset(sites), late).day for sites in ({at.site}, {north.site}, {0}, set())]
    assert days == [5, 6, 6, 5]
