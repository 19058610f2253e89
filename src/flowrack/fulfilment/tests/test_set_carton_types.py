"""set_carton_types: the cartons of the house, all at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import ADA, EVE, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.types_cartons import BadCartonType, CartonTypeOf, SetCartonTypes
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)

M = CartonTypeOf("m", 400, 300, 200, 15_000, 300, Decimal("0.60"), "Middle")
L = CartonTypeOf("L", 600, 400, 300, 20_000)


def in_use() -> list[tuple[object, ...]]:
    return sql.fetch_all("SELECT code, length_mm, cost, is_active FROM fulfilment_cartontype ORDER BY id")


def test_what_is_left_out_is_used_no_more_and_comes_back_with_its_history():
    done = commands.set_carton_types(ctx(ADA), SetCartonTypes([M, L]))
    assert (done.in_use, done.ended) == (2, [])
    assert in_use() == [("M", 400, Decimal("0.600000"), True), ("L", 600, Decimal(0), True)]
    done = commands.set_carton_types(ctx(ADA), SetCartonTypes([replace(L, length_mm=610)]))
    assert (done.in_use, done.ended) == (1, ["M"])
    assert in_use() == [("M", 400, Decimal("0.600000"), False), ("L", 610, Decimal(0), True)]
    commands.set_carton_types(ctx(ADA), SetCartonTypes([M]))
    assert in_use() == [("M", 400, Decimal("0.600000"), True), ("L", 610, Decimal(0), False)]


def test_every_bad_field_is_named_and_nothing_changes():
    bad = [
        replace(M, code="M/1"),
        replace(M, height_mm=0, tare_g=-1),
        replace(L, code=""),
        L,
        replace(L, cost=Decimal(-1)),
    ]
    with pytest.raises(BadCartonType) as refused:
        commands.set_carton_types(ctx(ADA), SetCartonTypes(bad))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "code"),
        (2, "height_mm"),
        (2, "tare_g"),
        (3, "code"),
        (4, "code"),
        (5, "code"),
        (5, "cost"),
    ]
    assert in_use() == []
    with pytest.raises(NotPermitted):
        commands.set_carton_types(ctx(EVE), SetCartonTypes([M]))


def test_the_grid_saves_all_rows_and_gives_a_bad_one_back():
    browser = signed_in(ADA)
    rows = {
        "grid-code": ["S", "M"],
        "grid-name": ["", "Middle"],
        "grid-length_mm": ["300", "400"],
        "grid-width_mm": ["200", "300"],
        "grid-height_mm": ["150", "200"],
        "grid-max_weight_g": ["10000", "15000"],
        "grid-tare_g": ["", "300"],
        "grid-cost": ["0.35", "0.60"],
    }
    bad = browser.post("/carton-types/edit", rows | {"grid-width_mm": ["20 cm", "300"]})
    assert "“20cm” is no whole number." in bad.content.decode()
    assert in_use() == []
    assert browser.post("/carton-types/edit", rows).status_code == 303
    assert [row[0] for row in in_use()] == ["S", "M"]
    page = browser.get("/carton-types").content.decode()
    assert "400 × 300 × 200" in page and "Change" in page
    assert 'value="0.35"' in browser.get("/carton-types/edit").content.decode()
