"""release_next: continuous release under a limit of open lines in a zone."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY, EVE, MAY, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_floor as commands
from flowrack.waves import jobs
from flowrack.waves.tests import cases
from flowrack.waves.types import NothingNext, ReleaseNext

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    """Three orders of one line, the second of the best customer; room for two open lines in a zone."""
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer("TIN", tier="C")
    outbound.customer("GOLD", tier="A")
    template = cases.template(at, mode="continuous", wip_lines=2)
    orders = [cases.reserved(at, ("4711", 5), who=who) for who in ("TIN", "GOLD", "TIN")]
    return at, template, orders


def test_the_dearest_to_wait_go_first_until_the_zone_is_full(case):
    _, template, (tin, gold, last) = case
    done = commands.release_next(ctx(MAY), ReleaseNext(template))
    assert (done.orders, done.lines, done.why) == (2, 2, "zone reserve is at its limit of 2 open lines")
    assert [outbound.order_state(one) for one in (tin, gold, last)] == ["released", "released", "confirmed"]
    assert sql.fetch_one("SELECT template, cut_off_at FROM waves_run") == ("Parcels", cases.CUT_OFF)
    assert why(f"sales.line:{gold.line_ids[0]}")[0].sentence == (
        "next by cut-off 10:30 and penalty 450; open lines before: reserve 0 of 2"
    )
    before = cases.books()
    with pytest.raises(NothingNext, match="zone reserve is at its limit of 2 open lines"):
        commands.release_next(ctx(MAY), ReleaseNext(template))
    assert cases.books() == before


def test_the_worker_goes_on_when_a_pick_is_done_and_leaves_no_trace_when_idle(case):
    _, template, (_, _, last) = case
    done = commands.release_next(ctx(MAY), ReleaseNext(template))
    before = cases.books()
    jobs.release_next(ctx(MAY))
    assert cases.books() == before, "a template does not release by itself unless it says so"
    sql.execute("UPDATE waves_template SET is_automatic = true")
    jobs.release_next(ctx(MAY))
    assert cases.books() == before, "the zone is full"
    pick = sql.fetch_value("SELECT min(id) FROM fulfilment_pickline WHERE wave_id = %s", (done.wave_id,))
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick)]))
    jobs.release_next(ctx(MAY))
    assert outbound.order_state(last) == "released"


def test_an_order_that_the_release_would_skip_does_not_keep_others_from_the_floor(case):
    at, template, (tin, gold, last) = case
    sql.execute("UPDATE sales_order SET min_shipment_value = 10000 WHERE id = %s", (gold.order_id,))
    sql.execute("UPDATE sales_orderline SET units = units + 1 WHERE order_id = %s", (gold.order_id,))
    outbound.receive(at, outbound.item("6024"), 30, "1", "forward_pick1")
    blocked = cases.reserved(at, ("6024", 2), who="GOLD")
    sql.execute("UPDATE locations_location SET blocked_reason = 'leak' WHERE id = %s", (at.places["forward_pick1"],))
    assert commands.release_next(ctx(MAY), ReleaseNext(template)).orders == 2
    found = [outbound.order_state(one) for one in (tin, gold, last, blocked)]
    assert found == ["released", "confirmed", "released", "confirmed"]


def test_a_line_that_waits_for_its_refill_is_not_given_again(case):
    at, template, (tin, gold, last) = case
    sql.execute(
        """
        INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, "end")
        SELECT %s, min(b.id), l.item_id, l.id, 5, now(), '' FROM sales_orderline l, locations_location b
        WHERE l.order_id = %s GROUP BY l.id
        """,
        (at.site, gold.order_id),
    )
    commands.release_next(ctx(MAY), ReleaseNext(template))
    assert [outbound.order_state(one) for one in (tin, gold, last)] == ["released", "confirmed", "released"]


def test_a_template_that_is_refused_does_not_stop_the_next(case, monkeypatch):
    at, first, _ = case
    second = cases.template(at, "Others", mode="continuous", wip_lines=2)
    sql.execute("UPDATE waves_template SET is_automatic = true")
    asked = []

    def refuses(_, req):
        asked.append(req.template_id)
        raise NothingNext("No staging place.", fix="Add one.")

    monkeypatch.setattr(commands, "release_next", refuses)
    monkeypatch.setattr(jobs.queries_flow, "can_release", lambda *_: True)
    jobs.release_next(ctx(MAY))
    assert asked == [first, second]


def test_a_template_by_cut_off_is_not_released_so():
    case = cases.planned()
    template = sql.fetch_value("SELECT id FROM waves_template")
    with pytest.raises(NothingNext, match="is released by cut-off"):
        commands.release_next(ctx(MAY), ReleaseNext(template))
    assert outbound.order_state(case.orders[0]) == "confirmed"


def test_an_outsider_releases_nothing(case):
    _, template, _ = case
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.release_next(ctx(EVE), ReleaseNext(template))
    assert cases.books() == before
