import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.cast import BO, MAY, ctx
from tests.supply import approved, counts_of, draft, house, item, sells, supplier

from flowrack.ledger.tests.house import receive as stocked
from flowrack.planning import commands
from flowrack.planning.types import BadPlan, Propose
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def levels(item_id, low, high):
    sql.execute("UPDATE catalog_item SET reorder_point = %s, order_up_to = %s WHERE id = %s", (low, high, item_id))


def proposals():
    return sql.fetch_all("SELECT item_id, units, state, position_units FROM planning_proposal ORDER BY id")


def test_items_under_their_reorder_point_are_proposed_with_the_reason():
    here, seller = house(), supplier()
    low, enough, coming = item("LOW"), item("ENOUGH"), item("COMING")
    for one in (low, enough, coming):
        levels(one, 20, 100)
        sells(seller, one, "4", multiple=24)
    stocked(here, low, 15, "4")
    stocked(here, enough, 20, "1", "forward_pick1")
    approved(here.site, seller, (coming, 24, "2"))
    draft(here.site, seller, (coming, 24, "2"))

    first = commands.propose(ctx(MAY, "k"), Propose(here.site))

    assert first.items == 3
    assert proposals() == [(low, 96, "open", 15)]
    [decision] = why(f"planning.proposal:{first.proposal_ids[0]}")
    assert decision.sentence == (
        "96 proposed: the position is 15 (15 there, 0 on order, 0 asked for), the reorder point 20; up to 100 for 5"
        " days of lead time and 7 until the next review at 0.0 a day, 0 of it safety, in multiples of 24."
    )
    assert commands.propose(ctx(MAY, "k"), Propose(here.site)) == first
    commands.propose(ctx(MAY), Propose(here.site, [seller]))
    assert [p[2] for p in proposals()] == ["superseded", "open"]
    with pytest.raises(BadPlan):
        commands.propose(ctx(MAY), Propose(here.site, review_days=0))


def test_a_stranger_proposes_nothing():
    here = house()
    bo = ctx(BO)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.propose(bo, Propose(here.site))
    assert counts_of() == before and proposals() == []


def test_the_number_of_queries_does_not_grow_with_the_items():
    here = house()

    def queries():
        by = ctx(MAY)
        with CaptureQueriesContext(connection) as seen:
            commands.propose(by, Propose(here.site))
        return len(seen)

    seller = supplier()
    for n in range(40):
        one = item(f"I{n}")
        levels(one, 5, 10)
        sells(seller, one)
        if n == 0:
            few = queries()
    assert queries() == few


def test_the_database_keeps_one_open_proposal_per_item():
    here, one = house(), item("I")
    levels(one, 5, 10)
    sells(supplier(), one)
    commands.propose(ctx(MAY), Propose(here.site))
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(
            """
            INSERT INTO planning_proposal
                   (site_id, item_id, supplier_id, units, unit_cost, position_units, reorder_point, order_up_to, state,
                    proposed_at, reason)
            SELECT site_id, item_id, supplier_id, units, unit_cost, position_units, 0, 0, state, proposed_at, ''
            FROM planning_proposal
            """
        )
