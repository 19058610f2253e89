import pytest
from tests.cast import ADA, CY, Person, ctx, user_id
from tests.supply import item

from flowrack.ledger.tests.house import house
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, plans, shelves
from flowrack.storage.types import CancelPutaways, PlanPutaways, PutawayNeed

pytestmark = pytest.mark.django_db


def test_the_putaways_of_an_origin_and_their_tasks_are_cancelled_once():
    here, hose = shelves(), item("V-200")
    at_dock(here, hose, 30)
    needs = [PutawayNeed(f"test:{n}", here.places["receiving1"], hose, Units(10)) for n in (1, 2)]
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, needs))
    with pytest.raises(NotPermitted):
        commands.cancel_putaways(ctx(CY), CancelPutaways(["test:1"], "x"))

    assert commands.cancel_putaways(ctx(ADA), CancelPutaways([], "no origin is not all origins")).count == 0
    assert commands.cancel_putaways(ctx(ADA, "k"), CancelPutaways(["test:1"], "not here")).count == 1
    assert commands.cancel_putaways(ctx(ADA, "k"), CancelPutaways(["test:1"], "not here")).count == 1
    assert commands.cancel_putaways(ctx(ADA), CancelPutaways(["test:1"], "not here")).count == 0

    assert [p[0] for p in plans()] == ["cancelled", "open"]
    assert sql.fetch_all("SELECT origin, state FROM tasks_task ORDER BY id") == [
        ("test:1", "cancelled"),
        ("test:2", "open"),
    ]


def test_a_manager_of_another_site_cancels_nothing():
    here, hose = shelves(), item("V-200")
    at_dock(here, hose, 30)
    commands.plan_putaways(
        ctx(ADA), PlanPutaways(here.site, [PutawayNeed("test:1", here.places["receiving1"], hose, Units(10))])
    )
    abe = Person("abe", "Abe Manager", ("warehouse_manager",))
    user_id(abe, site_id=house("W9").site)
    with pytest.raises(NotPermitted):
        commands.cancel_putaways(ctx(abe), CancelPutaways(["test:1"], "x"))
    assert [p[0] for p in plans()] == ["open"]
