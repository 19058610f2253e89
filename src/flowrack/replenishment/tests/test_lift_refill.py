import pytest
from tests.cast import ADA, BO, CY, EVE, ctx

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import CellClaim
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, moves, pilot, refills
from flowrack.replenishment.types import CancelDraws, ConfirmRefill, LiftRefill, NoSuchRefill, PutDownRefill
from flowrack.shared.errors import NotFound, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage.types import Carried
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


def test_what_is_on_a_fork_is_for_nobody_else_until_it_stands_again():
    here, hose = pilot()
    expects(here, hose)
    [first, second] = ids()
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(first))
    commands.lift_refill(ctx(CY, now=clock("13:06")), LiftRefill(first))
    held = "SELECT sum(reserved)::int FROM ledger_cell WHERE location_id = %s"
    assert sql.fetch_value(held, (here.places["R-01"],)) == 60
    commands.put_down_refill(ctx(CY, now=clock("13:07")), PutDownRefill(first))
    assert sql.fetch_value(held, (here.places["R-01"],)) == 0
    commands.lift_refill(ctx(CY, now=clock("13:08")), LiftRefill(first))
    [move, _] = moves()
    commands.confirm_refill(ctx(CY, now=clock("13:09")), ConfirmRefill([Carried(move, units=Units(20))]))
    assert sql.fetch_value(held, (here.places["R-01"],)) == 40
    commands.confirm_refill(ctx(CY, now=clock("13:10")), ConfirmRefill([Carried(move)]))
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation") == 0
    cell = sql.fetch_value("SELECT id FROM ledger_cell WHERE location_id = %s", (here.places["R-02"],))
    ledger.reserve(context(), [CellClaim(cell, 60, "sales.line:77")])
    with pytest.raises(NoSuchRefill):
        commands.lift_refill(ctx(CY, now=clock("13:11")), LiftRefill(second))


def test_the_books_are_whole_while_goods_are_on_a_fork():
    here, hose = pilot()
    expects(here, hose)
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(ids()[0]))
    assert verify() == []
