from datetime import date

import pytest
from tests import outbound
from tests.cast import KIM, signed_in

from flowrack.analytics.queries.promises import kept
from flowrack.platform import sql
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db
MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


def test_a_promise_is_kept_by_all_units_on_the_day_by_the_clock_of_the_site():
    """Five lines promised for Tuesday. By hand: A whole on Tuesday at 23:30; B whole on Wednesday; C half on Tuesday;
    D moved to Wednesday and whole then; E cancelled. First: 1 of 4. Latest: 1 of 3 on Tuesday, 1 of 1 on Wednesday."""
    at = given.house(500)
    lines = [outbound.order(at.site, "ACME", ("V-200", 10)).line_ids[0] for _ in range(5)]
    given.drain()
    sql.execute("UPDATE promise_linepromise SET ships_on = %s WHERE line_id = %s", (WED, lines[3]))
    sql.execute("UPDATE sales_orderline SET cancelled_units = 10 WHERE id = %s", (lines[4],))
    for line, units, when in (
        (lines[0], 10, "2026-03-03 23:30Z"), (lines[1], 10, "2026-03-04 08:00Z"), (lines[2], 5, "2026-03-03 10:00Z"),
        (lines[3], 10, "2026-03-04 10:00Z"),
    ):  # fmt: skip
        _shipped(at.site, line, units, when)
    assert kept(0, [(TUE, TUE), (WED, WED)]) == [((1, 4), (1, 3)), ((0, 0), (1, 1))]
    assert kept(at.site, [(WED, WED)]) == [((0, 0), (1, 1))]
    assert kept(at.site + 1, [(TUE, WED)]) == [((0, 0), (0, 0))]
    kim = signed_in(KIM)
    page = kim.get("/measures").content.decode()
    assert "Promises kept, first" in page and "/measures/promises?first_ships_on_from=" in page
    rows = b"".join(kim.get("/measures/promises?format=csv").streaming_content).decode()
    assert [rows.count(word) for word in ("kept as moved", "broken", "not left yet")] == [1, 1, 1]


def _shipped(site: int, line: int, units: int, when: str) -> None:
    sql.execute(
        """
        WITH s AS (
            INSERT INTO shipping_shipment (number, site_id, state, carrier, tracking, prepared_at, prepared_by_id,
                                           shipped_at, shipped_by_id, posting_id)
            SELECT 'SH-' || %s, %s, 'shipped', '', '', now(), id, %s::timestamptz, id, 1 FROM platform_user LIMIT 1
            RETURNING id
        )
        INSERT INTO shipping_shipmentline (shipment_id, order_line_id, item_id, lot_id, lpn_id, units, cost, move_id)
        SELECT s.id, l.id, l.item_id, 0, 0, %s, 0, l.id FROM s, sales_orderline l WHERE l.id = %s
        """,
        (line, site, when, units, line),
    )
