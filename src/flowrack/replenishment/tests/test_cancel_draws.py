import pytest
from tests.cast import ADA, BO, CY, ctx
from tests.supply import counts_of

from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import EXPECTED, FIRST, clock, expects, ids, pilot, refills
from flowrack.replenishment.types import BadDraw, CancelDraws, LiftRefill
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def cancels(here, units, *, key=None):
    req = CancelDraws(here.site, EXPECTED, Units(units))
    return commands.cancel_draws(ctx(ADA, key, now=clock("13:10")), req)


def test_sixty_fewer_cancel_the_second_refill_once():
    here, hose = pilot()
    expects(here, hose)
    done = cancels(here, 60, key="k")
    assert cancels(here, 60, key="k") == done
    assert (done.units, done.planned, done.cancelled, done.sent_back) == (90, 0, 1, 0)
    assert [row[0] for row in refills()] == ["planned", "cancelled"]
    assert refills()[0][5:] == ("14:00", "13:35")  # 90 leave at 1.5 a minute
    assert sql.fetch_all("SELECT state, reason FROM storage_plannedmove ORDER BY id") == [
        ("open", ""),
        ("cancelled", "60 units of Counter sale were cancelled"),
    ]
    assert sql.fetch_all("SELECT state FROM tasks_task ORDER BY id") == [("open",), ("cancelled",)]


def test_a_pallet_on_the_fork_goes_back_and_is_wanted_again_if_the_sale_comes_back():
    here, hose = pilot()
    expects(here, hose)
    for refill_id in ids():
        commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(refill_id))
    assert cancels(here, 60).sent_back == 1
    assert [row[0] for row in refills()] == ["lifted", "going_back"]
    expects(here, hose, now="13:11")
    assert [row[0] for row in refills()] == ["lifted", "lifted"]
    assert cancels(here, 0).units == 0
    assert [row[0] for row in refills()] == ["going_back", "going_back"]


def test_more_than_was_told_is_refused_and_strangers_cancel_nothing():
    here, hose = pilot()
    expects(here, hose)
    by, stranger = ctx(ADA), ctx(BO)
    before = counts_of()
    for req in (CancelDraws(here.site, EXPECTED, Units(151)), CancelDraws(here.site, "Nobody", Units(1))):
        with pytest.raises(BadDraw):
            commands.cancel_draws(by, req)
    with pytest.raises(NotPermitted):
        commands.cancel_draws(stranger, CancelDraws(here.site, EXPECTED))
    assert counts_of() == before and refills()[0] == FIRST
