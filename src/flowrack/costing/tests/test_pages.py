import pytest
from tests.cast import ADA, NED, OZ, signed_in

from flowrack.costing.models import Revaluation
from flowrack.ledger.tests import house as h

pytestmark = pytest.mark.django_db


def text(response, status=200):
    assert response.status_code == status, response.getvalue()[:1500]
    return response.getvalue().decode()


@pytest.fixture
def stock():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 100, None)
    return house, item


def test_the_trial_balance_sums_to_zero_now_and_at_a_day(stock):
    page = text(signed_in(OZ).get("/costing/balance"))
    assert "It sums to zero." in page and "1,000.00" in page and "Received, not invoiced" in page
    assert "Nothing was posted yet." in text(signed_in(OZ).get("/costing/balance?on=2026-05-13"))
    assert "is no date" in text(signed_in(OZ).get("/costing/balance?on=tomorrow"), 422)


def test_a_new_standard_cost_is_set_on_the_page(stock):
    house, item = stock
    form = {"idempotency_key": "s1", "sku": "W", "cost": "11", "reason": "price list"}
    assert signed_in(OZ).post("/costing/standard", form).status_code == 303
    assert h.book(house, item)[1] == 1100
    assert "price list" in text(signed_in(OZ).get("/costing/revaluations"))
    wrong = {**form, "idempotency_key": "s2", "sku": "NOPE"}
    assert "There is no item NOPE." in text(signed_in(OZ).post("/costing/standard", wrong), 422)
    wrong = {**form, "idempotency_key": "s3", "cost": "a lot"}
    assert "is no amount" in text(signed_in(OZ).post("/costing/standard", wrong), 422)
    assert Revaluation.objects.count() == 1


def test_values_and_late_costs_are_listed_and_closed_to_others(stock):
    assert "1,000.00" in text(signed_in(NED).get("/costing/values"))
    assert "No late costs" in text(signed_in(NED).get("/costing/late-costs"))
    form = {"idempotency_key": "l1", "receipt": "R-0", "amount": "5", "reason": "freight", "split": "value"}
    assert "brought no stock in" in text(signed_in(NED).post("/costing/late-costs/new", form), 422)
    for url in ("/costing/values", "/costing/balance", "/costing/revaluations", "/costing/late-costs"):
        assert signed_in(ADA).get(url).status_code == 403
