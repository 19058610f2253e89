import pytest
from tests.cast import ADA, BO, CY, EVE, ctx

from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, pilot, refills
from flowrack.replenishment.types import CancelDraws, LiftRefill, NoSuchRefill
from flowrack.shared.errors import NotFound, NotPermitted
from flowrack.tasks.types import TaskTaken

pytestmark = pytest.mark.django_db


def test_the_work_is_the_drivers_and_no_other_gets_it():
    here, hose = pilot()
    expects(here, hose)
    [first, second] = ids()
    done = commands.lift_refill(ctx(CY, "k", now=clock("13:05")), LiftRefill(first))
    assert commands.lift_refill(ctx(CY, "k", now=clock("13:05")), LiftRefill(first)) == done
    assert [row[0] for row in refills()] == ["lifted", "planned"]
    assert sql.fetch_all("SELECT state, leased_by_id FROM tasks_task ORDER BY id") == [
        ("leased", CY.id),
        ("open", None),
    ]
    with pytest.raises(TaskTaken):
        commands.lift_refill(ctx(BO, now=clock("13:06")), LiftRefill(first))
    with pytest.raises(NotPermitted):
        commands.lift_refill(ctx(EVE), LiftRefill(second))
    with pytest.raises(NotFound):
        commands.lift_refill(ctx(CY), LiftRefill(second + 999))
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, "Counter sale"))
    with pytest.raises(NoSuchRefill):
        commands.lift_refill(ctx(CY), LiftRefill(second))
    assert [row[0] for row in refills()] == ["going_back", "cancelled"]
