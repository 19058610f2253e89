"""Substitutes go one way, at a ratio."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cast import BO, PAM, ctx, signed_in

from flowrack.catalog import commands, queries
from flowrack.catalog.models import Substitute
from flowrack.catalog.types import CreateItem, ItemFields, ItemRefused, SetSubstitute, SubstituteRow, UnknownItem
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids() -> list[int]:
    """MUG and JUG."""
    made = [commands.create_item(ctx(PAM), CreateItem(sku, ItemFields(sku.title()))) for sku in ("MUG", "JUG")]
    return [saved.item_id for saved in made]


def test_a_substitute_goes_one_way_and_can_be_taken_back(ids: list[int]) -> None:
    mug, jug = ids
    commands.set_substitute(ctx(PAM), SetSubstitute("MUG", "JUG", 2, 1, needs_consent=False))
    assert queries.substitutes(ids) == {mug: [SubstituteRow(mug, jug, 2, 1, False)]}
    commands.set_substitute(ctx(PAM), SetSubstitute("MUG", "JUG", 0, 0))
    assert queries.substitutes(ids) == {}


def test_a_retry_is_answered_from_the_record(ids: list[int]) -> None:
    req = SetSubstitute("MUG", "JUG")
    assert commands.set_substitute(ctx(PAM, "k"), req) == commands.set_substitute(ctx(PAM, "k"), req)
    assert Substitute.objects.count() == 1


def test_what_cannot_be_is_refused_and_leaves_no_trace(ids: list[int]) -> None:
    for who, bad, refusal in (
        (PAM, SetSubstitute("MUG", "MUG"), ItemRefused),
        (PAM, SetSubstitute("MUG", "JUG", 1, 0), ItemRefused),
        (PAM, SetSubstitute("MUG", "X"), UnknownItem),
        (BO, SetSubstitute("MUG", "JUG"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.set_substitute(ctx(who), bad)
    assert not Substitute.objects.exists()


def test_packs_price_classes_and_days_are_kept_and_what_makes_no_sense_is_named(ids: list[int]) -> None:
    mug, jug = ids[0], ids[1]
    asked = SetSubstitute(
        "MUG", "JUG", multiple=12, is_price_protected=True, excluded_tiers=["C", "B", "C"], priority=5,
        valid_from=date(2026, 3, 1), valid_until=date(2026, 3, 31),
    )  # fmt: skip
    commands.set_substitute(ctx(PAM), asked)
    kept = SubstituteRow(mug, jug, 1, 1, True, 12, True, ("B", "C"), 5, date(2026, 3, 1), date(2026, 3, 31))
    assert queries.substitutes([mug]) == {mug: [kept]}
    bad = SetSubstitute(
        "MUG", "JUG", multiple=0, excluded_tiers=["X"], valid_from=date(2026, 3, 2), valid_until=date(2026, 3, 1)
    )
    with pytest.raises(ItemRefused) as refused:
        commands.set_substitute(ctx(PAM), bad)
    assert [line.field for line in refused.value.lines] == ["multiple", "excluded_tiers", "valid_until"]


def test_a_circle_is_refused_with_its_way(ids: list[int]) -> None:
    commands.create_item(ctx(PAM), CreateItem("CUP", ItemFields("Cup")))
    for sku, other in (("MUG", "JUG"), ("JUG", "CUP")):
        commands.set_substitute(ctx(PAM), SetSubstitute(sku, other))
    with pytest.raises(ItemRefused) as refused:
        commands.set_substitute(ctx(PAM), SetSubstitute("CUP", "MUG"))
    assert refused.value.message == "Substitutes would run in a circle: CUP → MUG → JUG → CUP."
    with pytest.raises(ItemRefused):
        commands.set_substitute(ctx(PAM), SetSubstitute("JUG", "MUG"))
    commands.set_substitute(ctx(PAM), SetSubstitute("JUG", "CUP", 0, 0))
    commands.set_substitute(ctx(PAM), SetSubstitute("CUP", "MUG"))


def test_a_substitute_is_named_on_the_item(ids: list[int]) -> None:
    browser = signed_in(PAM)
    form = {
        "substitute": "JUG", "ratio_num": "1", "ratio_den": "1", "multiple": "6", "excluded_tiers": "BC",
        "priority": "10", "valid_from": "", "valid_until": "", "idempotency_key": "s",
    }  # fmt: skip
    assert browser.post(f"/items/{ids[0]}/substitutes/new", form).status_code == 303
    page = browser.get(f"/items/{ids[0]}").content.decode()
    assert "JUG" in page and "B, C" in page
    again = {**form, "substitute": "NOPE", "idempotency_key": "t"}
    assert browser.post(f"/items/{ids[0]}/substitutes/new", again).status_code == 422
