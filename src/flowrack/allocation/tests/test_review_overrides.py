"""review_overrides: somebody else confirms or objects; the reports say what came of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests import outbound
from tests.cast import ADA, EVE, HAL, KIM, LOU, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation import queries_overrides as queries
from flowrack.allocation.tests.byhand import give, shelf
from flowrack.allocation.types_overrides import BadOverride, NoSuchOverride, OverrideOver, ReviewOverrides
from flowrack.analytics.queries import tower
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import ShipFromStock

pytestmark = pytest.mark.django_db


def test_somebody_else_confirms_once():
    at = shelf()
    done = give(at.line("low"), 20)
    with pytest.raises(DutiesConflict) as refused:
        commands.review_overrides(ctx(ADA), ReviewOverrides([done.override_id], "confirmed"))
    assert refused.value.message == f"{done.number} is your own decision."
    commands.review_overrides(ctx(LOU), ReviewOverrides([done.override_id], "confirmed"))
    row = queries.override_row(done.override_id, NOW)
    assert row is not None and (row.review, row.reviewed_by) == ("confirmed", "Lou Sales")
    with pytest.raises(OverrideOver):
        commands.review_overrides(ctx(LOU), ReviewOverrides([done.override_id], "objected", "late thought"))


def test_the_database_itself_refuses_a_review_of_ones_own():
    at = shelf()
    give(at.line("low"), 20)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(
            "UPDATE allocation_override SET verdict = 'confirmed', reviewed_by_id = made_by_id, reviewed_at = made_at"
        )


def test_an_objection_says_why_and_strangers_say_nothing():
    at = shelf()
    done = give(at.line("low"), 20)
    with pytest.raises(BadOverride) as refused:
        commands.review_overrides(ctx(LOU), ReviewOverrides([done.override_id], "objected", " "))
    assert refused.value.message == "An objection says why."
    with pytest.raises(NoSuchOverride):
        commands.review_overrides(ctx(LOU), ReviewOverrides([], "confirmed"))
    for person in (EVE, KIM):
        with pytest.raises(NotPermitted):
            commands.review_overrides(ctx(person), ReviewOverrides([done.override_id], "confirmed"))
    row = queries.override_row(done.override_id, NOW)
    assert row is not None and row.review == "to review"


def test_it_is_overdue_after_two_days():
    at = shelf()
    done = give(at.line("low"), 20)
    found = [queries.override_row(done.override_id, NOW + timedelta(days=days)) for days in (2, 3)]
    assert [row.review for row in found if row] == ["to review", "overdue"]


def test_what_is_overdue_stands_in_the_control_tower():
    at = shelf()
    done = give(at.line("low"), 20)
    for days, shown in ((2, False), (3, True)):
        found = tower.troubles(at.at.site, NOW + timedelta(days=days), limit=50)
        assert ([(t.name, t.at_risk) for t in found if t.kind == "override"] == [(done.number, Decimal(200))]) is shown


def ship(at, order, now):
    shipping.ship_from_stock(ctx(ADA, now=now), ShipFromStock(at.at.site, [order.order_id]))


@pytest.mark.parametrize(
    ("gets_in_time", "loses_in_time", "outcome", "late", "cost"),
    [(True, True, "right", 0, "0"), (True, False, "at a cost", 20, "200"), (False, True, "in vain", 0, "0"),
     (False, False, "wrong", 20, "200")],
)  # fmt: skip
def test_the_outcome_is_what_the_ledger_says(gets_in_time, loses_in_time, outcome, late, cost):
    """They must leave on 3 March: who got 20 ships by it or not, and who would have had them does."""
    at = shelf(50)
    done = give(at.line("low"), 20)
    late_day = NOW + timedelta(days=5)
    row = queries.override_row(done.override_id, NOW)
    assert row is not None and (row.outcome, row.lost) == ("open", 20)
    ship(at, at.low, NOW if gets_in_time else late_day)
    outbound.receive(at.at, at.item_id, 20, "6")
    outbound.allocate(at.at.site)
    ship(at, at.big, NOW if loses_in_time else late_day)
    row = queries.override_row(done.override_id, late_day)
    assert row is not None and (row.outcome, row.late, row.cost) == (outcome, late, Decimal(cost))
    assert row.days_late == (4 if late else 0)
    [total] = queries.summary([0], now=late_day, since=NOW - timedelta(days=1))
    assert (total.made_by, total.overrides, getattr(total, outcome.replace(" ", "_"))) == ("Ada Manager", 1, 1)


def test_list_record_report_and_objection_on_pages(client):
    at = shelf()
    done = give(at.line("low"), 20)
    sql.execute("UPDATE allocation_override SET made_at = now()")
    lou = signed_in(LOU)
    for path in (
        "/allocation/overrides?view=all",
        "/allocation/overrides/right",
        f"/allocation/overrides/{done.override_id}",
    ):
        answer = lou.get(path)
        assert answer.status_code == 200
        assert "200.00" in answer.content.decode(), path
    assert "200.00" not in signed_in(HAL).get("/allocation/overrides?view=all").content.decode()
    answer = client.get("/api/v1/allocation-overrides", headers=bearer(HAL)).json()
    assert [(one["number"], one["value"]) for one in answer["items"]] == [(done.number, None)]
    form = {"note": "The fair was yesterday", "idempotency_key": "a"}
    path = f"/allocation/overrides/object?ids={done.override_id}"
    assert lou.post(path, form).status_code == 303
    assert "The fair was yesterday" in lou.get(f"/allocation/overrides/{done.override_id}").content.decode()
    whole = client.get(f"/api/v1/allocation-overrides/{done.override_id}", headers=bearer(LOU)).json()
    assert (whole["review"], whole["value"], len(whole["lines"])) == ("objected", "200.00", 3)
    assert client.get("/api/v1/allocation-overrides/summary", headers=bearer(LOU)).json()[0]["objected"] == 1
