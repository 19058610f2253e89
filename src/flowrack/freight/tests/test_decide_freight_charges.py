"""decide_freight_charges: accepted, disputed, credited; above the limit by a controller."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import MAY, NED, OZ, bearer, ctx, signed_in

from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import Sent, books, enter, line
from flowrack.freight.types import (
    DecideCharges,
    FreightChargeNotFound,
    FreightNoteMissing,
    FreightOverLimit,
    WrongFreightState,
)
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def decide(who, ids: list[int], action: str, note: str = "as agreed") -> str:
    return commands.decide_freight_charges(ctx(who), DecideCharges(ids, action, note)).state


def ids_of(invoice_id: int) -> list[int]:
    return [one.id for one in queries.charges_of(invoice_id)]


@pytest.fixture
def charges() -> list[int]:
    """Charges of 80.00, 9.00 and 6.49 (matched), the greatest difference first."""
    _, number = Sent().ship()
    return ids_of(enter("A1", line("X", "80.00"), line("Y", "9.00"), line(number, "6.49")).invoice_id)


def test_a_dispute_is_paid_as_expected_and_ends_in_a_credit_or_is_accepted(charges):
    high, low, _ = charges
    assert decide(NED, [high, low], "dispute", "not our parcels") == "disputed"
    [row] = queries.invoices_after(0, limit=5)
    assert (row.open, row.disputed, row.payable) == (0, 2, Decimal("6.49"))
    assert decide(NED, [high], "credit", "note C-7") == "credited"
    assert decide(NED, [low], "accept", "it was a return") == "accepted"
    [row] = queries.invoices_after(0, limit=5)
    assert (row.disputed, row.payable) == (0, Decimal("15.49"))
    [kept] = queries.charges_named([high])
    assert (kept.note, kept.decided_by, kept.state) == ("note C-7", NED.full_name, "credited")


def test_above_the_limit_a_clerk_does_not_accept(charges):
    high, low, matched = charges
    before = books()
    with pytest.raises(FreightOverLimit, match=r"X is 80\.00 more than expected, above 50\.00"):
        decide(NED, [high, low], "accept")
    for ids, error in (([matched], WrongFreightState), ([10**9], FreightChargeNotFound), ([], WrongFreightState)):
        with pytest.raises(error):
            decide(NED, ids, "accept")
    with pytest.raises(FreightNoteMissing):
        decide(NED, [low], "accept", " x")
    with pytest.raises(NotPermitted):
        decide(MAY, [low], "accept")
    assert books() == before
    assert decide(OZ, [high, low], "accept") == "accepted"


def test_page_and_api(charges, client):
    high, low, _ = charges
    ned = signed_in(NED)
    page = ned.get(f"/freight-charges/decide?ids={low}").content.decode()
    assert "Y: no shipment of ours has this reference. 9.00 more than expected." in page
    assert ned.post(f"/freight-charges/decide?ids={low}", {"action": "dispute", "note": "not ours"}).status_code == 303
    body = {"charge_ids": [high], "action": "accept", "note": "as agreed"}
    said = {"content_type": "application/json"}
    refused = client.post("/api/v1/freight-charges/decisions", body, headers=bearer(NED), **said)
    assert (refused.status_code, refused.json()["code"]) == (409, "freight_over_limit")
    done = client.post("/api/v1/freight-charges/decisions", body, headers=bearer(OZ), **said).json()
    assert done == {"charge_ids": [high], "state": "accepted"}
    assert "billed twice" in ned.get("/freight-charges?view=all").content.decode()
