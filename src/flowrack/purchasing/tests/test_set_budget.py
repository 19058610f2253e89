import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.cast import DI, ED, NOW, OZ, bearer, ctx, signed_in
from tests.supply import draft, house, item, supplier

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing import commands_budgets as commands
from flowrack.purchasing.queries_budgets import budgets
from flowrack.purchasing.tests.agreed import family
from flowrack.purchasing.types import ApprovePo, BadBudget, CancelPo, SetBudget, SubmitPo
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture
def site():
    return house().site


def left(po):
    return sql.fetch_value(
        "SELECT f.value FROM approvals_requestfact f JOIN approvals_request r ON r.id = f.request_id "
        "WHERE r.subject = %s AND f.name = 'budget_left' ORDER BY r.id DESC LIMIT 1",
        (f"purchasing.po:{po.po_id}",),
    )


def test_the_newest_budget_of_a_site_and_month_counts_and_older_ones_are_kept(site):
    first = commands.set_budget(ctx(OZ, "k"), SetBudget(site, date(2026, 3, 17), Decimal("900.005"), "plan"))
    assert (first.month, first.amount, first.left) == (MARCH, Decimal("900.01"), Decimal("900.01"))
    assert commands.set_budget(ctx(OZ, "k"), SetBudget(site, date(2026, 3, 17), Decimal("900.005"), "plan")) == first
    commands.set_budget(ctx(OZ), SetBudget(site, MARCH, Decimal(1000)))
    commands.set_budget(ctx(OZ), SetBudget(site, date(2026, 4, 1), Decimal(50)))
    assert [(b.month, b.amount) for b in budgets(site_ids=[0])] == [(date(2026, 4, 1), 50), (MARCH, 1000)]
    assert sql.fetch_value("SELECT count(*) FROM purchasing_budget") == 3


def test_orders_see_what_is_left_after_them_of_what_is_ordered_and_asked(site):
    seller, hose = supplier(), item("V-200")
    commands.set_budget(ctx(OZ), SetBudget(site, MARCH, Decimal(100)))
    one, two, three, idle = (draft(site, seller, (hose, units, "4")) for units in (10, 5, 12, 99))
    purchasing.submit_po(ctx(DI), SubmitPo([one.po_id, two.po_id]))
    assert (left(one), left(two)) == ("60.00", "40.00")
    purchasing.approve_po(ctx(ED), ApprovePo([one.po_id]))
    purchasing.submit_po(ctx(DI), SubmitPo([three.po_id]))
    assert left(three) == "-8.00"
    told = sql.fetch_value("SELECT sentence FROM approvals_request ORDER BY id DESC LIMIT 1")
    assert "more than the budget" in told
    assert [(b.spent, b.left) for b in budgets(site_ids=[site])] == [(Decimal(108), Decimal(-8))]
    purchasing.cancel_po(ctx(DI), CancelPo([one.po_id, two.po_id], "not needed"))
    assert [(b.spent, b.left) for b in budgets(site_ids=[site])] == [(Decimal(48), Decimal(52))]
    assert idle.po_id


def test_what_cannot_be_a_budget_is_refused(site):
    for bad, fields in (
        (SetBudget(site, date(2026, 2, 28), Decimal(1)), ["month"]),
        (SetBudget(site, MARCH, Decimal(-1)), ["amount"]),
        (SetBudget(site + 99, MARCH, Decimal("NaN")), ["amount", "site_id"]),
    ):
        with pytest.raises(BadBudget) as refused:
            commands.set_budget(ctx(OZ), bad)
        assert [b.field for b in refused.value.lines] == fields
    with pytest.raises(NotPermitted):
        commands.set_budget(ctx(ED), SetBudget(site, MARCH, Decimal(1)))
    assert sql.fetch_value("SELECT count(*) FROM purchasing_budget") == 0
    commands.set_budget(ctx(OZ), SetBudget(site, MARCH, Decimal(1)))
    for spoil in ("UPDATE purchasing_budget SET amount = -1", "UPDATE purchasing_budget SET month = '2026-03-02'"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(spoil)
    assert NOW.date() > MARCH


def test_the_page_and_the_api_set_the_same_budget(site):
    month = now().date().replace(day=1)
    browser = signed_in(OZ)
    form = {"site": site, "month": f"{month:%Y-%m}", "amount": "500", "idempotency_key": "k"}
    assert browser.post("/budgets/new", form).headers["Location"] == "/budgets"
    assert "500.00" in browser.get("/budgets").content.decode()
    body = {"site_id": site, "month": str(month), "amount": "700"}
    api = Client().post("/api/v1/purchase-budgets", json.dumps(body), "application/json", headers=bearer(OZ))
    assert (api.status_code, api.json()["left"]) == (201, "700.00")
    [row] = Client().get("/api/v1/purchase-budgets", headers=bearer(OZ)).json()
    assert (row["amount"], row["spent"], row["set_by"]) == ("700.00", "0.00", "Oz Controller")


def test_families_and_longer_periods_count_beside_the_whole(site):
    seller, hose, tap = supplier(), item("HOSE"), item("TAP")
    valves = family("VALVES", tap)
    for req in (
        SetBudget(site, MARCH, Decimal(100)),
        SetBudget(site, date(2026, 1, 9), Decimal(1000), months=12),
        SetBudget(site, MARCH, Decimal(20), family_id=valves),
    ):
        commands.set_budget(ctx(OZ), req)
    one = draft(site, seller, (hose, 10, "4"), (tap, 3, "5"))
    two = draft(site, seller, (tap, 2, "5"))
    three = draft(site, seller, (hose, 1, "4"))
    purchasing.submit_po(ctx(DI), SubmitPo([one.po_id, two.po_id, three.po_id]))
    # The family has 20: 15 for the first, 10 for the second; the third takes nothing of it.
    assert [left(po) for po in (one, two, three)] == ["5.00", "-5.00", "31.00"]
    changes = sql.fetch_all(
        "SELECT c.label, c.before, c.after, c.is_exception FROM approvals_requestchange c"
        " JOIN approvals_request r ON r.id = c.request_id WHERE r.subject = %s AND c.field = 'Left' ORDER BY line_no",
        (f"purchasing.po:{two.po_id}",),
    )
    assert changes == [
        ("Budget W1, Mar 2026", "45.00", "35.00", False),
        ("Budget W1, Jan to Dec 2026", "945.00", "935.00", False),
        ("Budget W1, Valves, Mar 2026", "5.00", "-5.00", True),
    ]
    page = signed_in(DI).get(f"/purchase-orders/{two.po_id}").content.decode()
    assert "W1, Valves, Mar 2026" in page and "−5.00" in page
    rows = [(b.family, b.months, b.spent, b.left) for b in budgets(site_ids=[site])]
    assert rows == [("", 1, 69, 31), ("Valves", 1, 25, -5), ("", 12, 69, 931)]


def test_a_period_must_be_one_and_not_be_over(site):
    for bad, fields in (
        (SetBudget(site, date(2025, 12, 1), Decimal(1), months=3), ["month"]),
        (SetBudget(site, MARCH, Decimal(1), months=2, family_id=999_999), ["months", "family"]),
    ):
        with pytest.raises(BadBudget) as refused:
            commands.set_budget(ctx(OZ), bad)
        assert [b.field for b in refused.value.lines] == fields
    done = commands.set_budget(ctx(OZ), SetBudget(site, date(2025, 12, 1), Decimal(1), months=6))
    assert (done.months, done.left) == (6, Decimal(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute("UPDATE purchasing_budget SET months = 2")
