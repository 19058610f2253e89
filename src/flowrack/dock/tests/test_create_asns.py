from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.cast import BO, CY, NOW, ctx
from tests.supply import approved, item, lot

from flowrack.dock import commands, queries
from flowrack.dock.tests.yard import announced, line, notice, rows_of, sscc, stored_lines, yard
from flowrack.dock.types import AsnKnown, BadAsn, CreateAsns, NewPack, PackKind, SsccKnown
from flowrack.platform import decisions, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def test_two_pallets_of_a_notice_are_matched_to_the_order(at):
    made = announced(at, line(quantity="30", uom="case", sscc=sscc(1)), line(quantity="18", uom="case", sscc=sscc(2)))
    po_line = at.po.line_ids[0]
    assert stored_lines(made.asn_id) == [(600, sscc(1), po_line, []), (360, sscc(2), po_line, [])]
    row = queries.asn(made.asn_id)
    assert (row.number, row.state, row.pack_count, row.line_count, row.units) == (made.number, "expected", 2, 2, 960)
    why = decisions.why(f"dock.asn_line:{made.line_ids[1]}")[0]
    assert why.sentence == f"V-200: {at.po.number} line 1 waited for 400 units then."


def test_the_same_request_again_is_answered_from_the_record(at):
    request = CreateAsns([notice(at, line())])
    first = commands.create_asns(ctx(BO, "k"), request)
    assert commands.create_asns(ctx(BO, "k"), request) == first
    assert rows_of()["dock_asn"] == 1


def test_what_an_open_notice_announced_is_not_owed_to_the_next(at):
    announced(at, line(quantity="990"))
    second = announced(at, line(quantity="31"), reference="DN-2")
    assert second.flagged == 1
    assert stored_lines(second.asn_id)[0][3] == ["more_than_owed"]  # 10 owed, 20 tolerated


def test_many_notices_in_one_request_share_what_is_owed_and_cost_a_fixed_number_of_statements(
    at, django_assert_max_num_queries
):
    def asked(count: int, start: int) -> CreateAsns:
        return CreateAsns([notice(at, line(quantity="10"), reference=f"B-{start + n}") for n in range(count)])

    by = ctx(BO)
    with django_assert_max_num_queries(24):
        assert [a.flagged for a in commands.create_asns(by, asked(1, 0)).asns] == [0]
    by = ctx(BO)
    with django_assert_max_num_queries(24):
        made = commands.create_asns(by, asked(110, 10))
    assert [a.flagged for a in made.asns].count(1) == 9  # 990 owed, 20 tolerated: 101 of ten each


def test_a_line_that_nobody_ordered_is_kept_and_flagged(at):
    item("TAP")
    made = announced(at, line("TAP", "5"))
    assert made.flagged == 1
    assert stored_lines(made.asn_id) == [(5, "", 0, ["no_open_po"])]


def test_all_bad_lines_of_all_notices_are_named_and_nothing_is_written(at):
    one = notice(at, line(uom="drum"), line(po_number="PO-NONE"), reference="DN-7")
    other = notice(at, line("NOPE"), reference="DN-8")
    before = rows_of()
    with pytest.raises(BadAsn) as refused:
        commands.create_asns(ctx(BO), CreateAsns([one, other, replace(other, supplier_id=10**6, site_id=10**6)]))
    assert [(b.line, b.field, b.message) for b in refused.value.lines] == [
        (1, "uom", "DN-7: V-200 is not counted in “drum”."),
        (2, "po_number", "DN-7: This supplier has no PO PO-NONE."),
        (1, "item", "DN-8: No item has the code “NOPE”."),
        (0, "supplier", "DN-8: There is no supplier 1000000 in use."),
        (0, "site", "DN-8: There is no site 1000000 in use."),
    ]
    assert all(b.fix for b in refused.value.lines)
    assert rows_of() == before


def test_a_closed_order_is_refused_with_the_way_out(at):
    sql.execute("UPDATE purchasing_po SET state = 'closed', ended_at = now() WHERE id = %s", (at.po.po_id,))
    with pytest.raises(BadAsn) as refused:
        announced(at, line(po_number=at.po.number))
    bad = refused.value.lines[0]
    assert (bad.line, bad.field, bad.fix) == (1, "po_number", "Ask the buyer for the PO to use.")
    assert bad.message == f"{at.po.number} is closed and takes no goods."


def test_a_reference_comes_once_per_supplier(at):
    first = announced(at, line())
    with pytest.raises(AsnKnown) as refused:
        announced(at, line())
    bad = refused.value.lines[0]
    assert bad.message == f"The supplier has sent DN-1 before: it is {first.number}."
    assert bad.fix == f"If this one replaces it, cancel {first.number} first."


def test_an_sscc_on_another_open_notice_is_refused_at_its_line(at):
    first = announced(at, line(sscc=sscc(1)))
    with pytest.raises(SsccKnown) as refused:
        announced(at, line(), line(sscc=sscc(1)), reference="DN-2")
    bad = refused.value.lines[0]
    assert (bad.line, bad.field) == (2, "sscc")
    assert bad.message == f"SSCC {sscc(1)} may not come again: it is on {first.number}."


@pytest.mark.parametrize(("closed", "days", "refused"), [(False, 900, True), (True, 364, True), (True, 367, False)])
def test_an_sscc_that_stood_here_within_a_year_is_refused(at, closed, days, refused):
    when = NOW - timedelta(days=days)
    sql.execute(
        "INSERT INTO locations_lpn (code, site_id, created_at, closed_at) VALUES (%s, %s, %s, %s)",
        (sscc(5), at.site, when, when if closed else None),
    )
    if refused:
        with pytest.raises(SsccKnown):
            announced(at, line(sscc=sscc(5)))
    else:
        assert announced(at, line(sscc=sscc(5))).flagged == 0


def test_a_pallet_on_a_pallet_keeps_its_tree(at):
    packs = [NewPack(sscc(2), PackKind.CARTON, sscc(1)), NewPack(sscc(1))]
    announced(at, line(quantity="7", sscc=sscc(2)), packs=packs)
    pallet = queries.pack_by_sscc(sscc(1))
    assert pallet is not None
    assert (pallet.kind, pallet.ssccs, [x.units for x in pallet.lines]) == ("pallet", [sscc(1), sscc(2)], [7])
    carton = queries.pack_by_sscc(sscc(2))
    assert carton is not None
    assert (carton.kind, carton.parent_sscc, carton.lines[0].parent_sscc) == ("carton", sscc(1), sscc(1))


def test_a_lot_of_another_item_is_refused_until_it_is_confirmed_and_then_flagged_for_the_receiver(at):
    tap = item("TAP")
    lot(tap, "L-7")
    sql.execute("UPDATE catalog_item SET tracking = 'lot' WHERE id = %s", (at.hose,))
    with pytest.raises(BadAsn) as refused:
        announced(at, line(lot="L-7"))
    fault = refused.value.lines[0]
    assert (fault.line, fault.field, fault.message) == (1, "lot", "Lot L-7 is on file for TAP, not for V-200.")
    made = announced(at, line(lot="L-7", is_lot_confirmed=True))
    assert stored_lines(made.asn_id)[0][3] == ["lot_of_another_item"]


def test_the_29th_of_february_counts_by_the_calendar_of_the_site(at):
    leap = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)
    asn = replace(notice(at, line()), expected_at=leap)
    made = commands.create_asns(ctx(BO), CreateAsns([asn])).asns[0]
    assert queries.asn(made.asn_id).expected_at == leap


def test_orders_of_another_supplier_are_not_filled(at):
    other = approved(at.site, at.supplier, (item("TAP"), 5, "1"))
    made = announced(at, line("TAP", "5", po_number=other.number))
    assert stored_lines(made.asn_id) == [(5, "", other.line_ids[0], [])]


def test_a_picker_may_not_announce(at):
    before = rows_of()
    with pytest.raises(NotPermitted):
        commands.create_asns(ctx(CY), CreateAsns([notice(at, line())]))
    assert rows_of() == before


def test_a_gtin_of_a_case_counts_cases(at):
    sql.execute("UPDATE catalog_packlevel SET gtin = '04012345000016' WHERE item_id = %s", (at.hose,))
    made = announced(at, line("4012345000016", "3"))
    assert stored_lines(made.asn_id)[0][0] == 60
    assert Decimal(3) * 20 == 60
