import pytest
from tests.cast import BO, MAY, ctx
from tests.supply import counts_of, house, item, sells, supplier

from flowrack.planning import commands
from flowrack.planning.types import ProposalGone, ProposalToOrder, Propose, RequestProposals
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_a_planner_who_may_not_order_asks_for_what_runs_low():
    here, seller, hose, tap = house(), supplier("A"), item("V-200"), item("TAP")
    sells(seller, hose, "4")
    sells(seller, tap, "2")
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100")
    first, second = commands.propose(ctx(MAY), Propose(here.site)).proposal_ids
    req = RequestProposals([ProposalToOrder(first, Units(60)), ProposalToOrder(second)], "runs low")
    bo = ctx(BO)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.request_proposals(bo, req)
    assert counts_of() == before
    done = commands.request_proposals(ctx(MAY, "k"), req)
    assert commands.request_proposals(ctx(MAY, "k"), req) == done
    lines = sql.fetch_all(
        """
        SELECT r.state, r.reason, l.units, l.supplier_id, p.state FROM purchasing_requisitionline l
        JOIN purchasing_requisition r ON r.id = l.requisition_id
        JOIN planning_proposal p ON p.requisition_id = r.id AND p.item_id = l.item_id ORDER BY l.id
        """
    )
    assert lines == [
        ("requested", "runs low", 60, seller, "requested"),
        ("requested", "runs low", 100, seller, "requested"),
    ]
    with pytest.raises(ProposalGone):
        commands.request_proposals(ctx(MAY), req)
    assert commands.propose(ctx(MAY), Propose(here.site)).proposal_ids == []
