"""Substitutes go one way, at a ratio."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

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
