"""What carriers did and cost, counted by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import ADA, CY, KIM, NED, NOW, OZ, bearer, ctx, signed_in

from flowrack.analytics.pages import carriers
from flowrack.analytics.queries.carriers import carrier_rows
from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, enter, line
from flowrack.freight.types import DecideCharges
from flowrack.platform import sql
from flowrack.shipping.types_proofs import Retention

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
YEAR = NOW - timedelta(days=30)


def test_a_month_of_a_carrier_has_its_punctuality_and_what_was_predicted_and_billed(client, monkeypatch):
    monkeypatch.setattr(carriers, "now", lambda: NOW + timedelta(days=9))
    sent = Sent()
    (first_id, first), (_, second), (_, third) = sent.ship(), sent.ship(), sent.ship()
    sql.execute("UPDATE shipping_shipment SET carrier = 'Swift' WHERE number = %s", (third,))
    sql.execute("UPDATE sales_order SET requested_on = %s", (NOW.date() + timedelta(days=4),))
    sql.execute(
        """
        INSERT INTO shipping_proof (number, site_id, shipment_id, outcome, received_by, happened_at, recorded_at,
                                    recorded_by_id, retention, keep_until, chain_no, sha256)
        SELECT 'PD-1', site_id, id, 'delivered', 'J. Day', %s, %s, %s, %s, '2040-01-01', 1, repeat('0', 64)
        FROM shipping_shipment WHERE id = %s
        """,
        (NOW + timedelta(days=7), NOW, ADA.id, str(Retention.REGULATED), first_id),
    )
    made = enter("A1", line(first, "6.49"), line(second, "9.49"))
    [dear] = [one.id for one in queries.charges_of(made.invoice_id) if one.state == "open"]
    commands.decide_freight_charges(ctx(NED), DecideCharges([dear], "accept", "dearer since March"))
    north, swift = carrier_rows(frozenset({0}), since=YEAR, limit=9)
    assert (north.carrier, north.shipments, north.left_pct, north.delivered, north.in_time_pct, north.lines) == (
        "North Freight", 2, D(100), 1, D(0), 2,
    )  # fmt: skip
    assert (north.predicted, north.billed, north.expected, north.over) == (
        D("12.98"),
        D("15.98"),
        D("12.98"),
        D("23.1"),
    )
    assert north.line_cost == D("7.99")
    assert swift.line_cost is None
    assert (swift.carrier, swift.shipments, swift.predicted, swift.billed_shipments) == ("Swift", 1, 0, 0)
    [told, _] = client.get("/api/v1/carrier-measures", headers=bearer(CY)).json() or [{}, {}]
    assert (told["shipments"], told["billed"]) == (2, None)
    page = signed_in(OZ).get("/measures/carriers").content.decode()
    assert "North Freight" in page and "/freight-charges?view=all" in page.replace("&amp;", "&")
    listed = signed_in(KIM).get("/shipments?view=all&q=North+Freight").content.decode()
    assert first in listed and third not in listed
