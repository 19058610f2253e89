import pytest
from tests import outbound
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_setup as commands
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup, NoSuchOption, SafetyOf, SetSafety
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_safety_stock_is_kept_back_until_it_is_taken_away():
    at = given.house(10)
    commands.set_safety(ctx(ADA), SetSafety(at.site, [SafetyOf(given.item_id(), 4)]))
    with pytest.raises(NoSuchOption):
        given.quote(7)
    given.quote(6)
    commands.set_safety(ctx(ADA), SetSafety(at.site, [SafetyOf(given.item_id(), 0)]))
    assert given.quote(4).on_hand_units == 4


def test_whoever_changes_it_is_on_record_and_what_stays_is_not():
    at = given.house(10)
    other = outbound.item("V-300")
    items = [SafetyOf(given.item_id(), 4), SafetyOf(other, 7)]
    commands.set_safety(ctx(ADA), SetSafety(at.site, items, "slow supplier"))
    commands.set_safety(ctx(ADA), SetSafety(at.site, [SafetyOf(given.item_id(), 0), SafetyOf(other, 7)]))
    assert sql.fetch_all(
        "SELECT c.item_id, c.before, c.after, c.reason, c.changed_by_id FROM promise_safetychange c ORDER BY c.id"
    ) == [
        (given.item_id(), 0, 4, "slow supplier", ADA.id),
        (other, 0, 7, "slow supplier", ADA.id),
        (given.item_id(), 4, 0, "", ADA.id),
    ]
    assert sql.fetch_all("SELECT item_id, units FROM promise_safetystock") == [(other, 7)]


def test_negative_units_and_strangers_are_refused():
    at = given.house(10)
    with pytest.raises(BadSetup):
        commands.set_safety(ctx(ADA), SetSafety(at.site, [SafetyOf(given.item_id(), -1)]))
    with pytest.raises(NotPermitted):
        commands.set_safety(ctx(KIM), SetSafety(at.site, []))
    assert sql.fetch_value("SELECT count(*) FROM promise_safetystock") == 0
