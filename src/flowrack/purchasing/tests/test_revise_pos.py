from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.cast import BO, DI, ED, ctx
from tests.supply import approved, counts_of, draft, house, item, po_state, receive, sells, supplier

from flowrack.inbound.types import CountedLine
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing import commands_requisitions, queries_approvals, queries_versions, rules_versions
from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing.queries_requisitions import requisition
from flowrack.purchasing.tests.asking import ask, decide, line, state
from flowrack.purchasing.tests.asking import scene as requested
from flowrack.purchasing.tests.changing import change, changes_need_nobody, decided, states
from flowrack.purchasing.types import ApprovePo, BelowMinimum, OverReceipt
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.purchasing.types_requisitions import LineToOrder, OrderRequisitions
from flowrack.purchasing.types_versions import (
    BadChange,
    LineChange,
    NothingChanges,
    PoChange,
    RevisePos,
)
from flowrack.shared.errors import NotPermitted, Stale, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE, LATER = date(2026, 3, 9), date(2026, 3, 20)


@pytest.fixture
def scene():
    here, seller, hose, tap, nozzle = house(), supplier(), item("V-200"), item("TAP"), item("NOZZLE")
    po = approved(here.site, seller, (hose, 100, "4"), (tap, 50, "2"), due=DUE)
    return here, po, hose, tap, nozzle


def lines_of(po):
    return sql.fetch_all(
        "SELECT line_no, units, unit_cost::text, received_units, due_on, expected_on FROM purchasing_poline "
        "WHERE po_id = %s ORDER BY line_no",
        (po.po_id,),
    )


def test_a_change_waits_while_receipts_follow_the_last_approved_version_then_becomes_the_order(scene):
    here, po, hose, tap, nozzle = scene
    receive(po, here, CountedLine(units=Units(30), item_id=hose))
    asked = change(
        po,
        LineChange(1, units=Units(60), unit_cost=Decimal("4.2")),
        LineChange(2, is_dropped=True),
        LineChange(item_id=nozzle, units=Units(8), unit_cost=Decimal(3), due_on=LATER),
    )
    [version] = changes.revise_pos(ctx(DI, "k"), asked).versions
    assert (version.version_no, version.state) == (2, "waiting")
    assert changes.revise_pos(ctx(DI, "k"), asked).versions == [version]
    assert po_state(po) == ("receiving", [(100, 30, 0), (50, 0, 0)])
    receive(po, here, CountedLine(units=Units(10), item_id=hose))
    decided(po)
    assert lines_of(po) == [
        (1, 60, "4.200000", 40, DUE, DUE),
        (2, 0, "2.000000", 0, DUE, DUE),
        (3, 8, "3.000000", 0, LATER, LATER),
    ]
    assert states(po) == [(2, "change", "approved"), (1, "order", "approved")]
    assert queries_approvals.approvals_of([po.po_id])[po.po_id].state == "voided"
    before, after = queries_versions.two_versions(po.po_id, 1, 2)
    assert [(d.line_no, d.field, d.before, d.after) for d in rules_versions.differences(before, after)] == [
        (1, "Units", "100", "60"),
        (1, "Unit cost", "4.00", "4.20"),
        (2, "Units", "50", "dropped"),
        (3, "Units", "", "8"),
        (3, "Unit cost", "", "3.00"),
        (3, "Due", "", "20 Mar 2026"),
    ]
    told = sql.fetch_value("SELECT body::json FROM platform_outboxevent WHERE kind = 'purchasing.pos_changed'")
    assert [(m["owed_before"], m["owed"], m["expected_before"]) for m in told["lines"]] == [
        (60, 20, "2026-03-09"), (50, 0, "2026-03-09"), (0, 8, None),
    ]  # fmt: skip
    with pytest.raises(OverReceipt) as refused:
        receive(po, here, CountedLine(units=Units(5), item_id=tap))
    assert refused.value.lines[0].message.startswith("TAP: taken off the order by version 2 on 2 Mar 2026")
    with pytest.raises(Stale):
        changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(70))))
    receive(po, here, CountedLine(units=Units(20), item_id=hose), CountedLine(units=Units(8), item_id=nozzle))
    assert po_state(po)[0] == "received"


def test_receivers_hear_of_a_cut_until_a_later_version_undoes_it(scene):
    _, po, hose, *_ = scene
    changes_need_nobody()
    told = []
    for version, units in ((1, 50), (2, 100), (3, 90)):
        changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(units)), version=version))
        told.append(queries_versions.words_for_receivers(po.po_id))
    assert told == [
        {hose: "cut from 100 to 50 by version 2 on 2 Mar 2026 (The customer wants fewer)"},
        {},
        {hose: "cut from 100 to 90 by version 4 on 2 Mar 2026 (The customer wants fewer)"},
    ]


def test_units_on_top_are_held_against_what_is_coming_but_not_against_the_order_itself(scene):
    here, po, hose, *_ = scene
    seller = sql.fetch_value("SELECT supplier_id FROM purchasing_po WHERE id = %s", (po.po_id,))
    other = approved(here.site, seller, (hose, 40, "4"), due=DUE)
    by, before = ctx(DI), counts_of()
    more = (LineChange(2, units=Units(70)), LineChange(1, units=Units(130)))
    with pytest.raises(AlreadyCovered) as refused:
        changes.revise_pos(by, change(po, *more))
    [line] = refused.value.lines
    assert (line.line, line.message.split(" until ")[0]) == (2, "V-200: 30 wanted, 40 come")
    assert f"({other.number} 40 due 9 Mar). Net need 0." in line.message
    with pytest.raises(AlreadyCovered):
        changes.revise_pos(ctx(DI), change(po, LineChange(item_id=hose, units=Units(1), unit_cost=Decimal(4))))
    assert counts_of() == before
    changes.revise_pos(
        ctx(DI),
        change(po, LineChange(1, is_dropped=True), LineChange(item_id=hose, units=Units(100), unit_cost=Decimal(4))),
    )
    changes.revise_pos(ctx(DI), change(po, *more, cover_reason="a second fair"))
    kept = sql.fetch_all("SELECT po_id, item_id, need_units, covered_units, reason FROM purchasing_coveroverride")
    assert kept[-1] == (po.po_id, hose, 30, 30, "a second fair")
    facts = sql.fetch_all("SELECT value FROM approvals_requestfact WHERE name = 'covered_units' ORDER BY request_id")
    assert [row[0] for row in facts[-2:]] == ["0", "30"]


def test_units_cut_from_an_order_are_open_again_in_the_requisition_that_it_orders():
    here, _, _, hose, _, _ = requested()
    made = ask(here.site, line(hose, 50))
    decide(made)
    done = commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(made.line_ids[0])]))
    purchasing.approve_po(ctx(ED), ApprovePo(done.po_ids))
    changes_need_nobody()
    found = [state(made)]
    for version, units in ((1, 30), (2, 50)):
        asked = PoChange(done.po_ids[0], version, "as it goes", [LineChange(1, units=Units(units))])
        changes.revise_pos(ctx(DI), RevisePos([asked]))
        found.append((state(made), requisition(made.requisition_id, frozenset({0})).head.open_units))
    assert found == ["ordered", ("approved", 20), ("ordered", 0)]


def test_a_new_date_moves_the_lines_that_were_due_on_the_old_one(scene):
    _, po, *_ = scene
    changes.revise_pos(ctx(DI), change(po, LineChange(2, due_on=LATER), due_on=date(2026, 3, 16)))
    decided(po)
    assert [row[4:] for row in lines_of(po)] == [(date(2026, 3, 16),) * 2, (LATER, LATER)]
    assert sql.fetch_all("SELECT due_on, version FROM purchasing_po") == [(date(2026, 3, 16), 2)]


def test_every_fault_of_a_change_is_named_with_the_way_out_and_leaves_no_trace(scene):
    here, po, hose, _, nozzle = scene
    receive(po, here, CountedLine(units=Units(30), item_id=hose))
    by, before = ctx(DI), counts_of()
    with pytest.raises(BadChange) as refused:
        changes.revise_pos(
            by,
            change(
                po,
                LineChange(1, units=Units(29), unit_cost=Decimal(-1)),
                LineChange(2, due_on=date(2026, 3, 1)),
                LineChange(9, units=Units(1)),
                LineChange(2, units=Units(1)),
                LineChange(item_id=nozzle),
            ),
        )
    assert [(x.line, x.field, x.fix) for x in refused.value.lines] == [
        (1, "units", "Order at least 30."),
        (1, "unit_cost", "Type 0 or more."),
        (2, "due_on", "Choose today or later."),
        (3, "line_no", "Use 0 for a new line."),
        (4, "line_no", "Name each line once."),
        (5, "units", "Type how many."),
    ]
    with pytest.raises(BadChange, match="30 have come of line 1, so it stays"):
        changes.revise_pos(by, change(po, LineChange(1, is_dropped=True)))
    with pytest.raises(NothingChanges):
        changes.revise_pos(by, change(po, LineChange(1, units=Units(100))))
    assert counts_of() == before and states(po) == [(1, "order", "approved")]


def test_an_added_line_keeps_to_the_suppliers_minimum_and_only_bound_orders_change(scene):
    here, po, _, _, nozzle = scene
    seller = sql.fetch_value("SELECT supplier_id FROM purchasing_po WHERE id = %s", (po.po_id,))
    sells(seller, nozzle, "3.25", moq=12)
    asked = change(po, LineChange(1, units=Units(90)), LineChange(item_id=nozzle, units=Units(5)))
    with pytest.raises(BelowMinimum) as refused:
        changes.revise_pos(ctx(DI), asked)
    assert [(x.line, x.fix) for x in refused.value.lines] == [(2, "Order 12.")]
    changes.revise_pos(ctx(DI), change(po, LineChange(item_id=nozzle, units=Units(12))))
    decided(po)
    assert lines_of(po)[2][:3] == (3, 12, "3.250000")
    with pytest.raises(NotPermitted):
        changes.revise_pos(ctx(BO), asked)
    with pytest.raises(WrongState):
        changes.revise_pos(ctx(DI), change(draft(here.site, seller, (nozzle, 12, "3")), LineChange(1, units=Units(24))))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purchasing_poversion SET reason = 'another'",
        "DELETE FROM purchasing_poversionline",
        "UPDATE purchasing_poversionline SET units = 7",
        "UPDATE purchasing_poline SET expected_on = '2026-04-01'",
        "INSERT INTO purchasing_poline (po_id, line_no, item_id, units, unit_cost, due_on, expected_on, short_reason) "
        "SELECT po_id, 7, item_id, 1, 1, due_on, expected_on, '' FROM purchasing_poline LIMIT 1",
    ],
)
def test_the_database_keeps_versions_and_what_they_say(scene, statement):
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(statement)


def test_many_orders_change_with_as_many_statements_as_few(scene, django_assert_max_num_queries):
    here, _, hose, *_ = scene
    seller = supplier("HOLM")
    pos = [approved(here.site, seller, (hose, 10, "4")) for _ in range(12)]
    asked = RevisePos([PoChange(po.po_id, 1, "fewer", [LineChange(1, units=Units(9))]) for po in pos])
    by = ctx(DI)
    with django_assert_max_num_queries(33):
        done = changes.revise_pos(by, asked)
    assert [v.state for v in done.versions] == ["waiting"] * 12
