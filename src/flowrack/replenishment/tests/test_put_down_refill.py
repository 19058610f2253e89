import pytest
from tests.cast import ADA, BO, CY, EVE, ctx
from tests.supply import standing

from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, pilot, refills
from flowrack.replenishment.types import CancelDraws, LiftRefill, NoSuchRefill, PutDownRefill, ReportLeftover
from flowrack.shared.errors import NotPermitted
from flowrack.tasks.types import TaskTaken

pytestmark = pytest.mark.django_db


def test_what_is_put_down_waits_for_anybody():
    here, hose = pilot()
    expects(here, hose)
    [first, _] = ids()
    with pytest.raises(NoSuchRefill):
        commands.put_down_refill(ctx(CY), PutDownRefill(first))
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(first))
    with pytest.raises(NotPermitted):
        commands.put_down_refill(ctx(EVE), PutDownRefill(first))
    with pytest.raises(TaskTaken) as taken:
        commands.put_down_refill(ctx(BO, now=clock("13:06")), PutDownRefill(first))
    assert taken.value.message == "A colleague has it on the fork."
    with pytest.raises(TaskTaken):
        commands.report_leftover(ctx(BO, now=clock("13:06")), ReportLeftover(first))
    assert refills()[0][0] == "lifted"
    commands.put_down_refill(ctx(CY, now=clock("13:06")), PutDownRefill(first))
    assert refills()[0][0] == "planned"
    assert sql.fetch_value("SELECT state FROM tasks_task ORDER BY id LIMIT 1") == "open"


def test_what_goes_back_is_over_when_it_is_there():
    here, hose = pilot()
    expects(here, hose)
    [first, _] = ids()
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(first))
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, "Counter sale"))
    done = commands.put_down_refill(ctx(CY, "k", now=clock("13:12")), PutDownRefill(first))
    assert commands.put_down_refill(ctx(CY, "k", now=clock("13:12")), PutDownRefill(first)) == done
    assert [row[0] for row in refills()] == ["returned", "cancelled"]
    assert sql.fetch_all("SELECT state FROM storage_plannedmove") == [("cancelled",), ("cancelled",)]
    assert standing(hose)["R-01", "reserve"] == 60


def test_who_plans_may_say_that_it_stands_again():
    here, hose = pilot()
    expects(here, hose)
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(ids()[0]))
    commands.put_down_refill(ctx(ADA, now=clock("13:06")), PutDownRefill(ids()[0]))
    assert refills()[0][0] == "planned"
