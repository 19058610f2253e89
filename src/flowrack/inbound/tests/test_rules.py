from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.inbound import rules
from flowrack.inbound.types import CountedLine
from flowrack.purchasing.types import LineForReceipt

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def line(po_line_id=1, item_id=7, ordered=100, received=0, short=0, over=0, tracking="none") -> LineForReceipt:
    return LineForReceipt(
        po_id=1,
        po_number="PO-1001",
        po_state="approved",
        site_id=1,
        supplier_id=2,
        writer_ids=[1],
        po_line_id=po_line_id,
        line_no=po_line_id,
        item_id=item_id,
        sku=f"SKU-{item_id}",
        ordered=ordered,
        received=received,
        short=short,
        over_units=over,
        unit_cost=Decimal(4),
        tracking=tracking,
        has_expiry=False,
        expected_on=date(2026, 3, 9),
    )


def shares_of(spread):
    return [(s.count, s.line.po_line_id, s.units, s.before, s.is_over) for s in spread.shares]


def test_counts_fall_on_the_lines_of_the_item_in_order_and_tolerance_comes_last():
    lines = [line(1, ordered=10, received=4, over=2), line(2, ordered=5, over=1)]
    spread = rules.spread([CountedLine(units=13, item_id=7)], lines)
    assert shares_of(spread) == [(0, 1, 6, 4, False), (0, 2, 5, 0, False), (0, 1, 2, 10, True)]
    assert spread.too_many == [] and spread.strangers == []


def test_the_tolerance_is_cumulative_over_receipts_and_counts():
    one_by_one = rules.spread([CountedLine(units=1, item_id=7)] * 21, [line(ordered=1_000, received=1_000, over=20)])
    at_once = rules.spread([CountedLine(units=21, item_id=7)], [line(ordered=1_000, received=1_000, over=20)])
    assert sum(s.units for s in one_by_one.shares) == 20 and [b.line for b in one_by_one.too_many] == [21]
    assert sum(s.units for s in at_once.shares) == 20 and [b.line for b in at_once.too_many] == [1]
    assert at_once.too_many[0].message == ("SKU-7: 1000 ordered, 1000 received, tolerance 20. 21 more are 1 too many.")
    assert at_once.too_many[0].fix == "Count 20 and set 1 aside."


def test_units_given_up_are_not_expected_any_more():
    spread = rules.spread([CountedLine(units=5, item_id=7)], [line(ordered=10, received=6, short=4)])
    assert spread.shares == []
    assert spread.too_many[0].message == (
        "SKU-7: 10 ordered, 4 were given up, 6 received, tolerance 0. 5 more are 5 too many."
    )


def test_an_item_of_no_line_is_a_stranger_and_so_is_a_line_of_another_item():
    spread = rules.spread([CountedLine(units=1, item_id=9), CountedLine(units=1, item_id=9, po_line_id=1)], [line()])
    assert [b.line for b in spread.strangers] == [1, 2]


counts = st.lists(
    st.builds(CountedLine, units=st.integers(1, 60), item_id=st.sampled_from([7, 8, 9])), min_size=1, max_size=12
)
po_lines = st.lists(
    st.tuples(st.sampled_from([7, 8]), st.integers(1, 80), st.integers(0, 5), st.integers(0, 80)),
    min_size=1,
    max_size=6,
)


@CALM
@given(counts, po_lines)
def test_no_line_takes_more_than_its_tolerance_and_nothing_owed_is_left_out(counted, drawn):
    lines = [
        line(n, item_id=item, ordered=ordered, over=over, received=min(received, ordered))
        for n, (item, ordered, over, received) in enumerate(drawn, start=1)
    ]
    spread = rules.spread(counted, lines)
    came = {x.po_line_id: x.received for x in lines}
    for share in spread.shares:
        assert share.units > 0 and share.before == came[share.line.po_line_id]
        came[share.line.po_line_id] += share.units
    assert all(came[x.po_line_id] <= x.ordered + x.over_units for x in lines)
    for item in (7, 8):
        wanted = sum(c.units for c in counted if c.item_id == item)
        room = sum(x.most for x in lines if x.item_id == item)
        assert sum(s.units for s in spread.shares if s.line.item_id == item) == min(wanted, room)
    known = {x.item_id for x in lines}
    assert len(spread.strangers) == sum(c.item_id not in known for c in counted)


def test_tracked_items_need_their_lot_and_serials_are_one_each():
    counted = [
        CountedLine(units=5, item_id=7),
        CountedLine(units=2, item_id=8, lot="S1"),
        CountedLine(units=1, item_id=8, lot="S1"),
        CountedLine(units=1, item_id=9, lot="X"),
    ]
    needed, bad = rules.lot_faults(
        counted,
        {0: line(tracking="lot"), 1: line(2, 8, tracking="serial"), 2: line(2, 8, tracking="serial"), 3: line(3, 9)},
    )
    assert [(b.line, b.message) for b in needed] == [(1, "SKU-7 needs its lot.")]
    assert [(b.line, b.message) for b in bad] == [
        (2, "A serial number is one unit, not 2."),
        (3, "Serial number S1 is counted twice."),
        (4, "SKU-9 keeps no lots."),
    ]


def test_stock_past_its_date_arrives_expired_unless_it_is_worse():
    today = date(2026, 3, 2)
    arrive = rules.quality_on_arrival
    assert arrive(stated="available", expires_on=date(2026, 3, 1), today=today) == "expired"
    assert arrive(stated="available", expires_on=today, today=today) == "available"
    assert arrive(stated="available", expires_on=None, today=today) == "available"
    assert arrive(stated="damaged", expires_on=date(2026, 3, 1), today=today) == "damaged"


def test_the_discrepancy_says_the_worst():
    assert rules.discrepancy(quality="expired", is_over=True, reason="wet") == "expired"
    assert rules.discrepancy(quality="damaged", is_over=True, reason="wet") == "wet"
    assert rules.discrepancy(quality="damaged", is_over=False, reason="") == "damaged"
    assert rules.discrepancy(quality="available", is_over=True, reason="") == "over"
    assert rules.discrepancy(quality="available", is_over=False, reason="") == ""


def test_a_count_says_what_is_wrong_with_it():
    bad = rules.faults(
        [CountedLine(units=0), CountedLine(units=1, quality="soft"), CountedLine(units=1, quality="damaged")]
    )
    assert [(b.line, b.field) for b in bad] == [(1, "units"), (2, "quality"), (2, "reason"), (3, "reason")]
