from datetime import date

import pytest
from tests.cast import DI, bearer
from tests.supply import approved, house, item, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_a_file_confirms_whole_orders_and_names_each_bad_row(client):
    here, seller, hose, tap = house(), supplier(), item("V-200"), item("TAP")
    one, two = (approved(here.site, seller, (hose, 100, "4"), (tap, 50, "2"), due=date(2099, 3, 9)) for _ in "ab")
    text = "Order;Line;Quantity;Delivery date;Price;Their number\n" + "".join(
        f"{po.number};{no};{units};{on};{cost};OC-5\n"
        for po, no, units, on, cost in (
            (one, 1, 100, "2099-03-10", ""),
            (one, 2, 40, "2099-03-09", "2"),
            (two, 1, 100, "2099-03-09", "4"),
            (two, 9, 1, "2099-03-09", ""),
        )
    )
    url = "/api/v1/imports/confirmations?filename=oc.csv"
    found = client.post(f"{url}&dry_run=true", text, "text/csv", headers=bearer(DI)).json()
    assert sorted((p["row"], p["message"]) for p in found["problems"]) == [
        (4, "Another row of this order is wrong."),
        (5, "The order has no line 9."),
    ]
    assert client.post(f"{url}&good_rows_only=true", text, "text/csv", headers=bearer(DI)).status_code == 200
    lines = "SELECT p.line_no, l.units, l.state, c.reference, c.po_id FROM purchasing_confirmationline l JOIN "
    lines += "purchasing_confirmation c ON c.id = l.confirmation_id JOIN purchasing_poline p ON p.id = l.po_line_id"
    assert sql.fetch_all(f"{lines} ORDER BY l.id") == [
        (1, 100, "accepted", "OC-5", one.po_id),
        (2, 40, "open", "OC-5", one.po_id),
    ]
