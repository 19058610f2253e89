"""A form says in one round what is wrong with its fields and what its command would refuse."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import ADA, DI, ED, LOU, PAM, signed_in
from tests.supply import approved, house, item, supplier

pytestmark = pytest.mark.django_db

TOLERANCE = {f"on_{name}": "flag" for name in ("over", "under", "early", "late", "short_dated")}
RULES = {"site_id": "0", "factor": "5", "least_spread": "0.7", "floor_units": "50", "least_lines": "8", "reason": "x"}
CONFIRMED = {
    "late_days": "1", "early_days": "1", "cut_pct": "0", "price_up_pct": "1", "price_up_amount": "5",
    "confirm_within_days": "2", "reason": "x",
}  # fmt: skip
ITEM = {
    "sku": "NEW", "name": "New", "base_uom": "each", "tracking": "none", "costing": "average",
    "storage_class": "general", "temperature": "ambient", "velocity": "C",
}  # fmt: skip
PRICES = ("item", "family", "from_units", "unit_cost", "starts_on", "moq", "multiple", "lead_time_days", "over_pct")
LINES = ("line_no", "item", "units", "confirmed_on", "unit_cost", "reference")


def grid(names, *rows):
    return {f"grid-{name}": [row.get(name, "") for row in rows] for name in names}


def both(who, url, form, of_the_form, of_the_command):
    page = signed_in(who).post(url, {**form, "idempotency_key": "k"})
    body = page.content.decode()
    assert page.status_code == 422, body[:2000]
    assert of_the_form in body, "the form's own fault"
    assert of_the_command in body, "what the command refuses"


def test_tolerances():
    both(ED, "/tolerances/new", {**TOLERANCE, "supplier": "NOBODY", "over_pct": "150"},
         "There is no supplier “NOBODY”", "150 % is no tolerance")  # fmt: skip
    both(ED, "/confirmation-tolerances/new", {**CONFIRMED, "supplier": "NOBODY", "reason": " ", "late_days": "5000"},
         "There is no supplier “NOBODY”", "5000 is not possible")  # fmt: skip


def test_hold_rules():
    both(
        LOU,
        "/orders/hold-rules/new",
        {**RULES, "factor": "much", "floor_units": "-5"},
        "This is not a number",
        "The floor is less than 1",
    )


def test_agreements():
    supplier("OSTLER")
    form = {"supplier": "OSTLER", "valid_from": "2026-05-01", "valid_to": "2026-04-01", "closed_days": "Christmas"}
    item("HOSE")
    both(DI, "/supplier-agreements/new", {**form, **grid(PRICES, {"item": "HOSE", "unit_cost": "4"})},
         "“Christmas” is no day", "It would end before it begins")  # fmt: skip


def test_confirmations():
    here, seller, hose, cup = house(), supplier(), item("HOSE"), item("CUP")
    po = approved(here.site, seller, (hose, 10, "4"), (cup, 5, "1"))
    rows = grid(
        LINES,
        {"line_no": "1", "units": "10", "confirmed_on": "soon"},
        {"line_no": "2", "units": "5", "confirmed_on": date(2020, 1, 1).isoformat()},
    )
    both(DI, f"/purchase-orders/{po.po_id}/confirm", {"reference": "R" * 81, **rows},
         "“soon” is no date", "2020-01-01 is past")  # fmt: skip


def test_items_and_places():
    both(
        PAM,
        "/items/new",
        {**ITEM, "hs_code": "abc", "each_gtin": "4006381333930"},
        "This is not written as it must be",
        "is no GTIN",
    )
    here = house()
    both(PAM, "/sites/new", {"code": "W1", "name": "Again", "timezone": "UTC", "country": "Germany"},
         "Two letters", "W1")  # fmt: skip
    place = here.places["reserve1"]
    form = {"kind": "bin", "temperature": "ambient", "pick_sequence": "x", "version": "99"}
    both(ADA, f"/locations/{place}/change", form,
         "whole number", "changed")  # fmt: skip
