from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.cast import BO, DI, NOW, ROB, ctx
from tests.supply import approved, counts_of, draft, house, item, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.platform import sql
from flowrack.purchasing import commands_confirmations as commands
from flowrack.purchasing import commands_documents, queries_confirmations
from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing.tests.changing import change, changes_need_nobody, decided, states
from flowrack.purchasing.types_confirmations import (
    BadConfirmation,
    ConfirmedLine,
    NewConfirmation,
    RecordConfirmations,
    RecordSent,
    SentPo,
)
from flowrack.purchasing.types_versions import LineChange
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 9)


@pytest.fixture
def scene():
    here, seller = house(), supplier()
    po = approved(here.site, seller, (item("V-200"), 100, "4"), (item("TAP"), 50, "2"), due=DUE)
    return here, po, seller


def answer(po, *lines):
    return RecordConfirmations([NewConfirmation(po.po_id, "OC-77", [ConfirmedLine(*line) for line in lines])])


def on(days):
    return DUE + timedelta(days=days)


def lines_of(po):
    return sql.fetch_all(
        "SELECT units, unit_cost::text, due_on, expected_on FROM purchasing_poline WHERE po_id = %s ORDER BY line_no",
        (po.po_id,),
    )


def test_what_is_within_tolerance_becomes_a_version_by_itself_and_says_why(scene):
    _, po, _ = scene
    asked = answer(po, (1, Units(100), on(2), Decimal("4.04")), (2, Units(50), DUE))
    done = commands.record_confirmations(ctx(ROB, "k"), asked)
    assert [(x.line_no, x.state, x.reason) for x in done.lines] == [
        (1, "accepted", "2 days later, 2 are tolerated; price 4.00 → 4.04, 4.00 more, 2 % and 100.00 are tolerated."),
        (2, "as_ordered", "As ordered."),
    ]
    assert commands.record_confirmations(ctx(ROB, "k"), asked) == done
    assert lines_of(po) == [(100, "4.040000", DUE, on(2)), (50, "2.000000", DUE, DUE)]
    assert states(po) == [(2, "confirmation", "approved"), (1, "order", "approved")]
    by = "SELECT u.username FROM purchasing_poversion v JOIN platform_user u ON u.id = v.decided_by_id ORDER BY v.id"
    assert [row[0] for row in sql.fetch_all(by)] == ["ed", "system"]
    told = sql.fetch_value("SELECT body::json FROM platform_outboxevent WHERE kind = 'purchasing.pos_changed'")
    assert [(m["expected_before"], m["expected_on"], m["owed"]) for m in told["lines"]] == [
        ("2026-03-09", "2026-03-11", 100)
    ]


def test_what_is_beyond_waits_for_the_buyer_and_slices_of_a_slip_or_rise_add_up(scene):
    _, po, _ = scene
    commands.record_confirmations(ctx(DI), answer(po, (1, Units(100), on(2), Decimal("4.06"))))
    done = commands.record_confirmations(
        ctx(DI), answer(po, (1, Units(100), on(4), Decimal("4.12")), (2, Units(49), on(-5)))
    )
    assert [(x.state, x.reason) for x in done.lines] == [
        ("open", "4 days later, 2 are tolerated; price 4.00 → 4.12, 12.00 more, 2 % and 100.00 are tolerated."),
        ("open", "5 days earlier, 3 are tolerated; 1 of 50 units fewer, 0 are tolerated."),
    ]
    assert lines_of(po) == [(100, "4.060000", DUE, on(2)), (50, "2.000000", DUE, DUE)]
    commands.record_confirmations(ctx(DI), answer(po, (2, Units(50), DUE)))
    kept = queries_confirmations.confirmed_lines([0], po_id=po.po_id)
    assert [row.state for row in kept] == ["accepted", "open", "replaced", "as_ordered"]


def test_nothing_is_accepted_by_itself_over_a_change_that_waits_for_approval(scene):
    _, po, _ = scene
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(90))))
    [line] = commands.record_confirmations(ctx(DI), answer(po, (1, Units(100), on(1)))).lines
    waits = "A change of the order waits for approval, so nothing is accepted by itself."
    assert (line.state, line.reason) == ("open", f"1 day later, 2 are tolerated. {waits}")
    decided(po)
    assert states(po) == [(2, "change", "approved"), (1, "order", "approved")]


def test_a_late_answer_does_not_undo_what_the_buyer_cut_without_being_asked_for(scene):
    _, po, _ = scene
    changes_need_nobody()
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(50))))
    [line] = commands.record_confirmations(ctx(DI), answer(po, (1, Units(100), DUE))).lines
    assert (line.state, line.reason) == ("open", "50 units more than asked for.")
    assert (lines_of(po)[0][0], states(po)[0]) == (50, (2, "change", "approved"))


def test_every_fault_is_named_and_leaves_no_trace(scene):
    here, po, seller = scene
    hose = sql.fetch_value("SELECT item_id FROM purchasing_poline ORDER BY id LIMIT 1")
    receive(po, here, CountedLine(units=Units(30), item_id=hose))
    by, bo, before = ctx(DI), ctx(BO), counts_of()
    first = (1, Units(29), date(2026, 3, 1))
    with pytest.raises(BadConfirmation) as refused:
        commands.record_confirmations(
            by, answer(po, first, (1, Units(30), DUE), (2, Units(1), DUE, Decimal(-1)), (7, Units(1), DUE))
        )
    assert [(x.line, x.field) for x in refused.value.lines] == [
        (1, "units"), (1, "confirmed_on"), (2, "line_no"), (3, "unit_cost"), (4, "line_no"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.record_confirmations(bo, answer(po, (1, Units(100), DUE)))
    assert counts_of() == before
    with pytest.raises(WrongState):
        commands.record_confirmations(ctx(DI), answer(draft(here.site, seller, (hose, 1, "1"))))


def test_an_order_is_overdue_days_after_it_was_sent_until_all_its_lines_are_confirmed(scene):
    _, po, _ = scene

    def missing(days=0):
        rows = queries_confirmations.unconfirmed([0], now=NOW + timedelta(days=days))
        return [(r.number, r.is_overdue, r.days, r.line_count, r.value) for r in rows]

    assert missing() == [(po.number, "not sent", None, 2, Decimal("500.00"))]
    commands_documents.record_sent(ctx(DI), RecordSent([SentPo(po.po_id, 1, "email", "orders@ostler.example")]))
    assert [row[1:3] for row in missing(2) + missing(3)] == [("in time", 2), ("overdue", 3)]
    commands.record_confirmations(ctx(DI), answer(po, (2, Units(50), DUE)))
    assert missing(3) == [(po.number, "overdue", 3, 1, Decimal("400.00"))]
    commands.record_confirmations(ctx(DI), RecordConfirmations([NewConfirmation(po.po_id)]))
    assert missing(3) == []


def test_the_database_keeps_what_was_confirmed(scene):
    _, po, _ = scene
    commands.record_confirmations(ctx(DI), answer(po, (1, Units(100), on(9))))
    for statement in (
        "UPDATE purchasing_confirmationline SET units = 7",
        "DELETE FROM purchasing_confirmationline",
        "UPDATE purchasing_confirmation SET reference = 'x'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(statement)


def test_many_orders_are_confirmed_with_as_many_statements_as_few(scene, django_assert_max_num_queries):
    here, _, seller = scene
    hose = item("NOZZLE")
    pos = [approved(here.site, seller, (hose, 10, "4"), due=DUE) for _ in range(10)]
    asked = RecordConfirmations([NewConfirmation(po.po_id, "", [ConfirmedLine(1, Units(10), on(1))]) for po in pos])
    by = ctx(DI)
    with django_assert_max_num_queries(45):
        done = commands.record_confirmations(by, asked)
    assert [x.state for x in done.lines] == ["accepted"] * 10
