import pytest
from tests.cast import BO, DI, MAY, ctx
from tests.supply import counts_of, house, item, sells, supplier

from flowrack.planning import commands
from flowrack.planning.types import OrderProposals, ProposalGone, ProposalToOrder, Propose
from flowrack.platform import sql
from flowrack.purchasing.types import BelowMinimum
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def open_proposals(here, *items):
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100 WHERE id = ANY(%s)", (list(items),))
    return commands.propose(ctx(MAY), Propose(here.site)).proposal_ids


def test_proposals_become_one_draft_for_each_supplier():
    here, a, b = house(), supplier("A"), supplier("B")
    one, two, three = item("ONE"), item("TWO"), item("THREE")
    sells(a, one, "4")
    sells(a, two, "5", multiple=10)
    sells(b, three, "6")
    first, second, third = open_proposals(here, one, two, three)
    req = OrderProposals([ProposalToOrder(first), ProposalToOrder(second, Units(50)), ProposalToOrder(third)])

    done = commands.order_proposals(ctx(DI, "k"), req)

    assert commands.order_proposals(ctx(DI, "k"), req) == done
    lines = sql.fetch_all(
        """
        SELECT po.state, po.supplier_id, l.item_id, l.units, l.unit_cost::int, p.id, p.state
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
        JOIN planning_proposal p ON p.po_line_id = l.id ORDER BY l.id
        """
    )
    assert lines == [
        ("draft", a, one, 100, 4, first, "ordered"),
        ("draft", a, two, 50, 5, second, "ordered"),
        ("draft", b, three, 100, 6, third, "ordered"),
    ]
    with pytest.raises(ProposalGone):
        commands.order_proposals(ctx(DI), OrderProposals([ProposalToOrder(first)]))
    # 50 of 100 are above the reorder point of 20: nothing is proposed again.
    assert commands.propose(ctx(MAY), Propose(here.site)).proposal_ids == []


def test_what_cannot_be_ordered_leaves_no_trace():
    here, a = house(), supplier("A")
    one = item("ONE")
    sells(a, one, "4", multiple=10)
    [first] = open_proposals(here, one)
    di, bo = ctx(DI), ctx(BO)
    before = counts_of()
    for who, ordered, kind in (
        (di, [ProposalToOrder(first, Units(55))], BelowMinimum),
        (di, [ProposalToOrder(first), ProposalToOrder(999_999)], ProposalGone),
        (bo, [ProposalToOrder(first)], NotPermitted),
    ):
        with pytest.raises(kind):
            commands.order_proposals(who, OrderProposals(ordered))
        assert counts_of() == before
    assert sql.fetch_value("SELECT count(*) FROM planning_proposal WHERE state = 'open'") == 1
