"""Nobody buys twice: what requisitions, orders, ASNs and transfers bring is held against every new need."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from flowrack.allocation import queries_coming
from flowrack.dock import commands as dock
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine
from flowrack.ledger.tests.house import receive
from flowrack.planning import commands as planning
from flowrack.planning.types import OrderProposals, ProposalToOrder, Propose, ProposeOrders, RequestProposals
from flowrack.platform import sql
from flowrack.promise import queries as promise
from flowrack.promise.queries_supply import PromisedSupply
from flowrack.purchasing import commands, commands_requisitions
from flowrack.purchasing.queries_cover import covers, net_needs, overrides
from flowrack.purchasing.types import ApprovePo, BadPo, ChangePo, CreatePo, NewPo, NewPoLine, SubmitPo
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.purchasing.types_requisitions import CreateRequisitions, NewRequisition, NewRequisitionLine
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging
from flowrack.storage import commands_transfers as storage
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import CancelTransfer, SendStock, StageTransfer
from tests.cast import BO, DI, ED, MAY, NOW, ctx
from tests.outbound import customer, order
from tests.supply import approved, counts_of, house, item, sells, supplier

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def ask(site, item_id, units, *, days=10, cover_reason=""):
    line = NewRequisitionLine(item_id, Units(units), TODAY + timedelta(days=days))
    req = CreateRequisitions([NewRequisition(site, [line], "trade fair", cover_reason)])
    return commands_requisitions.create_requisition(ctx(MAY), req).requisitions[0]


def buy(site, seller, item_id, units, **more):
    return commands.create_po(ctx(DI), CreatePo([NewPo(seller, site, [NewPoLine(item_id, Units(units))], **more)])).pos[
        0
    ]


def announce(site, seller, sku, units, *, days=2):
    line = NewAsnLine(sku, Decimal(units))
    asn = NewAsn(seller, site, f"DN-{units}", [line], expected_at=NOW + timedelta(days=days))
    return dock.create_asns(ctx(BO), CreateAsns([asn])).asns[0]


@pytest.fixture
def pilot():
    """Requisition 200, open PO 150, transfer 80 on its way: of a need of 300 nothing is left to buy."""
    here, other, seller, hose = house("W1"), house("W2"), supplier("A", lead_time_days=5), item("V-200")
    sells(seller, hose, "4")
    receive(other, hose, 100, "4", "reserve1")
    asked = ask(here.site, hose, 200)
    po = approved(here.site, seller, (hose, 150, "4"))
    send = SendStock(other.site, here.site, [StockAt(other.places["reserve1"], hose, Units(80))], due_on=TODAY)
    sent = storage.send_stock(ctx(BO), send)
    return here, seller, hose, asked, po, sent


def need(here, hose, units=300, *, days=15):
    return net_needs({(here.site, hose): (units, TODAY + timedelta(days=days))}, now=NOW)[here.site, hose]


def test_a_need_is_netted_to_the_unit_with_each_document(pilot):
    here, _, hose, asked, po, sent = pilot
    found = need(here, hose)
    assert [(c.number, c.units) for c in found.covers] == [(sent.number, 80), (po.number, 150), (asked.number, 200)]
    assert (found.coming, found.net, found.covered) == (430, 0, 300)
    assert (need(here, hose, 500).net, need(here, hose, 430).net, need(here, hose, 431).net) == (70, 0, 1)
    # Until tomorrow only the transfer comes: what is due later covers nothing of that need.
    assert (need(here, hose, days=1).coming, need(here, hose, days=1).net) == (80, 220)


def test_what_waits_elsewhere_for_its_truck_counts_where_it_goes_until_it_is_called_off():
    here, other, hose = house("W1"), house("W2"), item("V-200")
    receive(other, hose, 100, "4", "reserve1")

    def stage(units, due_on):
        lines = [StockAt(other.places["reserve1"], hose, Units(units))]
        req = StageTransfer(other.site, here.site, other.places["staged1"], lines, due_on=due_on)
        return commands_staging.stage_transfer(ctx(BO), req)

    def promised():
        """The numbers that bring the item, with their units, as orders at the site are promised and judged by them."""
        pair, today = (hose, here.site), NOW.date()
        stock, _ = promise.stocks([hose], [here.site])
        return (
            [(one.name, one.units) for one in (stock[pair].supplies if pair in stock else ())],
            [(one.number, one.units) for one in PromisedSupply().supplies([pair], NOW, {})[pair]],
            queries_coming.incoming([hose], here.site, today).get(hose, ""),
        )

    dated, undated = stage(60, TODAY + timedelta(days=2)), stage(20, None)
    both = [(undated.number, 20), (dated.number, 60)]
    names, supplies, said = promised()
    assert (names, supplies) == (both, both)
    assert said == f"{undated.number} brings 20 on 3 Mar, {dated.number} brings 60 on 4 Mar", "as its truck can be here"
    found = [(c.number, c.units, c.due_on, c.party[:10]) for c in need(here, hose).covers]
    assert found == [
        (undated.number, 20, TODAY + timedelta(days=1), "staged at "),
        (dated.number, 60, TODAY + timedelta(days=2), "staged at "),
    ]
    for staged in (dated, undated):
        commands_staging.cancel_transfer(ctx(BO), CancelTransfer(staged.transfer_id, "goes with more"))
    assert promised() == ([], [], "") and not need(here, hose).covers


def test_whoever_buys_what_is_coming_is_refused_with_the_documents_and_leaves_no_trace(pilot):
    here, seller, hose, asked, po, sent = pilot
    may, di = ctx(MAY), ctx(DI)
    before = counts_of()
    with pytest.raises(AlreadyCovered) as refused:
        buy(here.site, seller, hose, 300)
    assert [c["number"] for c in refused.value.details["covers"]] == [sent.number, po.number, asked.number]
    assert "Net need 0." in refused.value.lines[0].message
    line = NewRequisitionLine(hose, Units(500), TODAY + timedelta(days=10))
    with pytest.raises(AlreadyCovered) as refused:
        commands_requisitions.create_requisition(may, CreateRequisitions([NewRequisition(here.site, [line], "fair")]))
    assert refused.value.lines[0].fix == "Take 70, or give a reason to buy on top."
    bad = NewPo(seller, here.site, [NewPoLine(hose, Units(10)), NewPoLine(999_999, Units(1))])
    with pytest.raises(Exception) as both:
        commands.create_po(di, CreatePo([bad]))
    assert [(x.line, x.field) for x in both.value.lines] == [(1, "units"), (2, "item")]
    assert counts_of() == before


def test_a_reason_lets_it_through_and_is_kept_shown_and_told_to_approvers(pilot):
    here, seller, hose, _, po, sent = pilot
    made = buy(here.site, seller, hose, 300, cover_reason="a second fair")
    [kept] = overrides("purchasing.po", [made.po_id])
    assert (kept.need_units, kept.covered_units, kept.reason, kept.by) == (300, 300, "a second fair", "Di Buyer")
    assert kept.documents.startswith(f"{sent.number} 80 due 2 Mar, {po.number} 150 due ")
    why = sql.fetch_value("SELECT sentence FROM platform_decision WHERE subject = %s", (f"purchasing.po:{made.po_id}",))
    assert why.endswith("Net need 0. Bought on top: a second fair")
    commands.submit_po(ctx(DI), SubmitPo([made.po_id]))
    rows = sql.fetch_all(
        """
        SELECT f.value, r.reason, r.sentence FROM approvals_request r
        JOIN approvals_requestfact f ON f.request_id = r.id AND f.name = 'covered_units' WHERE r.subject = %s
        """,
        (f"purchasing.po:{made.po_id}",),
    )
    assert [(value, reason) for value, reason, _ in rows] == [("300", "a second fair")]
    assert "300 units that are coming already" in rows[0][2]


def test_a_draft_that_is_changed_is_asked_only_about_what_it_buys_more():
    here, seller, hose = house(), supplier("A"), item("V-200")
    sells(seller, hose, "4")
    first = buy(here.site, seller, hose, 100)
    buy(here.site, seller, hose, 50, cover_reason="on top")

    def change(version, units, **more):
        order_ = NewPo(seller, here.site, [NewPoLine(hose, Units(units), Decimal(5))], **more)
        return commands.change_po(ctx(DI), ChangePo(first.po_id, version, order_))

    line_ids = first.line_ids
    assert change(1, 100).line_ids == line_ids, "a line that stays is the line it was"
    with pytest.raises(AlreadyCovered) as refused:
        change(2, 120)
    assert "20 wanted, 50 come until" in refused.value.lines[0].message
    assert change(2, 120, cover_reason="more").line_ids == line_ids
    assert [o.covered_units for o in overrides("purchasing.po", [first.po_id])] == [20]


def test_a_draft_that_nobody_sends_counts_for_three_days_and_is_held_against_what_came_since_when_it_is_sent():
    here, seller, hose = house(), supplier("A"), item("V-200")
    sells(seller, hose, "4")
    first = buy(here.site, seller, hose, 100)
    later = NOW + timedelta(days=4)
    [cover] = covers([(here.site, hose)], today=TODAY + timedelta(days=3))
    assert (cover.units, cover.ends_on) == (100, TODAY + timedelta(days=3))
    with pytest.raises(AlreadyCovered) as refused:
        buy(here.site, seller, hose, 40)
    assert f"({first.number} 100 due 9 Mar, a draft not sent, counts until 5 Mar)" in refused.value.lines[0].message
    assert covers([(here.site, hose)], today=later.date()) == []
    order_ = NewPo(seller, here.site, [NewPoLine(hose, Units(40))])
    second = commands.create_po(ctx(DI, now=later), CreatePo([order_])).pos[0]
    commands.submit_po(ctx(DI, now=later), SubmitPo([second.po_id]))
    with pytest.raises(AlreadyCovered) as late:
        commands.submit_po(ctx(DI, now=later), SubmitPo([first.po_id]))
    assert "100 wanted, 40 come until" in late.value.lines[0].message and "Net need 60." in late.value.lines[0].message
    again = replace(order_, lines=[NewPoLine(hose, Units(100))], cover_reason="for the fair")
    commands.change_po(ctx(DI, now=later), ChangePo(first.po_id, 1, again))
    commands.submit_po(ctx(DI, now=later), SubmitPo([first.po_id]))
    assert [(c.number, c.ends_on) for c in covers([(here.site, hose)], today=later.date())] == [
        (first.number, None), (second.number, None),
    ]  # fmt: skip


def test_a_slip_of_the_keyboard_is_no_order():
    here, seller, hose = house(), supplier("A"), item("V-200")
    sells(seller, hose, "4", multiple=12)
    by, before = ctx(DI), counts_of()
    order_ = NewPo(seller, here.site, [NewPoLine(hose, Units(10**12))])
    with pytest.raises(BadPo) as refused:
        commands.create_po(by, CreatePo([order_]))
    assert [x.message for x in refused.value.lines] == ["1000000000000 is more than any order."]
    assert counts_of() == before


def test_goods_that_an_asn_announces_count_once():
    here, seller, hose = house(), supplier("A"), item("V-200")
    sells(seller, hose, "4")
    po = approved(here.site, seller, (hose, 100, "4"))
    asn = announce(here.site, seller, "V-200", 70)
    found = covers([(here.site, hose)], today=TODAY)
    assert sorted((c.kind, c.number, c.units) for c in found) == [
        ("dock.asn", asn.number, 70), ("purchasing.po", po.number, 30),
    ]  # fmt: skip
    # Beyond the order: 40 more come, of which 30 fill it, so that nothing is owed on it any more.
    announce(here.site, seller, "V-200", 40)
    assert sum(c.units for c in covers([(here.site, hose)], today=TODAY)) == 110
    tap = item("TAP")
    blind = announce(here.site, seller, "TAP", 25)
    assert [(c.number, c.units) for c in covers([(here.site, tap)], today=TODAY)] == [(blind.number, 25)]


def test_what_customers_take_until_then_is_no_cover():
    here, seller, hose = house(), supplier("A", lead_time_days=5), item("V-200")
    sells(seller, hose, "4")
    approved(here.site, seller, (hose, 100, "4"))
    order(here.site, customer(), ("V-200", 60))
    receive(here, hose, 15, "4", "reserve1")
    # 60 were ordered in the 7 days that the house is taken to be old: in 7 days 60 leave, of which 15 are there.
    found = need(here, hose, 80, days=7)
    assert (found.coming, found.claimed, found.free, found.net) == (100, 45, 55, 25)
    # In 10 days ceil(60 x 10 / 7) = 86 leave.
    assert (need(here, hose, 80, days=10).claimed, need(here, hose, 80, days=10).net) == (71, 51)


def test_planning_counts_every_document_and_a_second_look_proposes_nothing(pilot):
    here, _, hose, asked, po, sent = pilot
    sql.execute("UPDATE catalog_item SET reorder_point = 300, order_up_to = 300 WHERE id = %s", (hose,))
    assert planning.propose(ctx(MAY), Propose(here.site)).proposal_ids == []
    sql.execute("UPDATE catalog_item SET reorder_point = 500, order_up_to = 500 WHERE id = %s", (hose,))
    [proposal_id] = planning.propose(ctx(MAY), Propose(here.site)).proposal_ids
    detail = sql.fetch_value(
        "SELECT detail::json FROM platform_decision WHERE subject = %s", (f"planning.proposal:{proposal_id}",)
    )
    assert (detail["on_order"], [c[:2] for c in detail["coming"]]) == (
        430,
        [[sent.number, 80], [po.number, 150], [asked.number, 200]],
    )
    chosen = [ProposalToOrder(proposal_id)]
    made = planning.request_proposals(ctx(MAY), RequestProposals(chosen, "runs low"))
    rows = sql.fetch_all(
        "SELECT l.units, p.state, r.number FROM planning_proposal p JOIN purchasing_requisition r "
        "ON r.id = p.requisition_id JOIN purchasing_requisitionline l ON l.requisition_id = r.id WHERE p.id = %s",
        (proposal_id,),
    )
    assert rows == [(70, "requested", made.numbers[0])]
    assert planning.propose_orders(ctx(MAY), ProposeOrders(here.site)).pos == []


def test_a_proposal_that_was_overtaken_is_refused():
    here, seller, hose = house(), supplier("A"), item("V-200")
    sells(seller, hose, "4")
    sql.execute("UPDATE catalog_item SET reorder_point = 100, order_up_to = 100 WHERE id = %s", (hose,))
    [proposal_id] = planning.propose(ctx(MAY), Propose(here.site)).proposal_ids
    overtaking = buy(here.site, seller, hose, 60)
    with pytest.raises(AlreadyCovered) as refused:
        planning.order_proposals(ctx(DI), OrderProposals([ProposalToOrder(proposal_id)]))
    assert [c["number"] for c in refused.value.details["covers"]] == [overtaking.number]
    assert refused.value.lines[0].fix == "Take 40, or give a reason to buy on top."
    commands.approve_po(ctx(ED), ApprovePo([overtaking.po_id]))
