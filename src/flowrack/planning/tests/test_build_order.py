import json
from decimal import Decimal

import pytest
from django.test import Client
from tests.cast import BO, DI, MAY, bearer, ctx, signed_in
from tests.supply import counts_of, draft, house, item, sells, supplier

from flowrack.ledger.tests.house import value
from flowrack.planning import commands as planning
from flowrack.planning import commands_orders as commands
from flowrack.planning.types import BadPlan, Propose
from flowrack.planning.types_orders import BuildOrder, OrderChanged
from flowrack.platform import decisions, sql
from flowrack.platform.http import now
from flowrack.purchasing.tests.agreed import in_force, prices
from flowrack.purchasing.types import BadPo
from flowrack.purchasing.types_agreements import AgreedLine
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db


def sold(item_id, site, units, month="2026-01-01"):
    """So many units left for customers in a month."""
    book = value(
        "INSERT INTO ledger_book (item_id, site_id, account, lot_id) VALUES (%s, %s, 'cogs', 0) RETURNING id",
        item_id,
        site,
    )
    sql.execute(
        "INSERT INTO ledger_bookmonth (book_id, month, units, value) VALUES (%s, %s, %s, 0)", (book, month, units)
    )


@pytest.fixture
def pilot():
    """355 of MAIN are needed, in cases of 24 at 12.00; LOW sells 4 a day and has none; NEXT lasts 60 days."""
    here, seller = house(), supplier("VENDOR")
    sql.execute("UPDATE parties_supplierterms SET min_order_value = 5000")
    main, low, other = item("MAIN"), item("LOW"), item("NEXT")
    sells(seller, main, "12", multiple=24)
    sells(seller, low, "17", multiple=10)
    sells(seller, other, "5", multiple=10)
    sold(low, here.site, 4 * 92)
    sold(other, here.site, 92)
    draft(here.site, seller, (other, 60, "5"))
    sql.execute("UPDATE catalog_item SET reorder_point = 300, order_up_to = 355 WHERE id = %s", (main,))
    planning.propose(ctx(MAY), Propose(here.site))
    return here, seller, main, low


def lines(po_id):
    return sql.fetch_all(
        "SELECT i.sku, l.units, l.unit_cost::int FROM purchasing_poline l JOIN catalog_item i ON i.id = l.item_id"
        " WHERE l.po_id = %s ORDER BY l.line_no",
        (po_id,),
    )


def test_a_proposal_of_4320_is_filled_by_680_with_what_runs_out_first(pilot):
    here, seller, _, _ = pilot
    done = commands.build_order(ctx(DI, "k"), BuildOrder(seller, here.site))
    assert commands.build_order(ctx(DI, "k"), BuildOrder(seller, here.site)) == done
    assert (done.total, done.share_pct, done.is_reached, len(done.proposal_ids)) == (Decimal(5_000), 100, True, 1)
    assert lines(done.po_id) == [("MAIN", 360, 12), ("LOW", 40, 17)]
    [whole] = decisions.why(f"purchasing.po:{done.po_id}")
    assert whole.sentence == "4,320.00 needed, 680.00 added in 1 line to reach the minimum of 5,000.00: 100 %."
    ids = [
        row[0] for row in sql.fetch_all("SELECT id FROM purchasing_poline WHERE po_id = %s ORDER BY 1", (done.po_id,))
    ]
    assert [why.sentence for i in ids for why in decisions.why(f"purchasing.po_line:{i}")] == [
        "360 units needed: 4,320.00; the order is at 86 % of the minimum.",
        "40 units: 10 more days of cover, 680.00 towards the minimum, now 100 %.",
    ]
    assert sql.fetch_all("SELECT state, po_line_id FROM planning_proposal") == [("ordered", ids[0])]
    # What is drafted counts: LOW lasts ten days now, and nothing is proposed any more.
    assert planning.propose(ctx(MAY), Propose(here.site)).proposal_ids == []


def test_an_agreement_in_force_says_price_quantities_and_minimum(pilot):
    here, seller, main, low = pilot
    in_force(
        seller,
        AgreedLine(main, prices=prices((1, "12"), (300, "10")), multiple=40),
        AgreedLine(low, prices=prices((1, "8"))),
        min_value=Decimal(4_200),
    )  # fmt: skip
    planning.propose(ctx(MAY), Propose(here.site))
    assert sql.fetch_all("SELECT units, unit_cost::int FROM planning_proposal WHERE state = 'open'") == [(360, 10)]
    done = commands.build_order(ctx(DI), BuildOrder(seller, here.site))
    # 3,600 needed; 600 more in tens at 8.00.
    assert lines(done.po_id) == [("MAIN", 360, 10), ("LOW", 80, 8)]
    assert (done.total, done.share_pct) == (Decimal(4_240), 100)


def test_refusals_leave_no_trace_and_cover_has_an_end(pilot):
    here, seller, _, _ = pilot
    di, bo, empty = ctx(DI), ctx(BO), supplier("EMPTY")
    before = counts_of()
    for by, req, kind in (
        (di, BuildOrder(seller, here.site, seen="what was seen before"), OrderChanged),
        (di, BuildOrder(seller, here.site, 0), BadPlan),
        (di, BuildOrder(1, here.site), NotFound),
        (di, BuildOrder(empty, here.site), BadPo),
        (bo, BuildOrder(seller, here.site), NotPermitted),
    ):
        with pytest.raises(kind):
            commands.build_order(by, req)
        assert counts_of() == before
    done = commands.build_order(ctx(DI), BuildOrder(seller, here.site, 5))
    # Five days of LOW are 20 units; nothing else sells soon enough.
    assert lines(done.po_id) == [("MAIN", 360, 12), ("LOW", 20, 17)]
    assert (done.share_pct, done.is_reached, done.total) == (93, False, Decimal(4_660))


def test_what_is_shown_by_page_and_api_is_what_is_ordered(pilot):
    here, seller, _, low = pilot
    month = now().date().replace(day=1)
    sql.execute(
        "INSERT INTO ledger_bookmonth (book_id, month, units, value)"
        " SELECT id, %s, 100000, 0 FROM ledger_book WHERE item_id = %s",
        (month, low),
    )
    page = signed_in(DI).get(f"/supplier-order/{seller}/{here.site}").content.decode()
    assert "680.00 towards the minimum" in page and "Write draft" in page
    url = f"/api/v1/supplier-orders/preview?supplier_id={seller}&site_id={here.site}"
    seen = Client().get(url, headers=bearer(DI)).json()
    assert [(x["sku"], x["needed"], x["filled"]) for x in seen["lines"]] == [("MAIN", 360, 0), ("LOW", 0, 40)]

    def post():
        body = {"supplier_id": seller, "site_id": here.site, "seen": seen["fingerprint"]}
        return Client().post("/api/v1/supplier-orders", json.dumps(body), "application/json", headers=bearer(DI))

    sql.execute("UPDATE planning_proposal SET units = 384")
    assert (post().status_code, post().json()["code"]) == (409, "order_changed")
    sql.execute("UPDATE planning_proposal SET units = 360")
    made = post()
    assert (made.status_code, made.json()["total"]) == (201, "5000.00")


def test_the_page_asks_for_whom_and_shows_the_order(pilot):
    here, seller, _, _ = pilot
    browser = signed_in(DI)
    form = {"supplier": "VENDOR", "site": str(here.site), "days": "180"}
    assert browser.get("/supplier-order").status_code == 200
    sent = browser.post("/supplier-order", form)
    assert sent.headers["Location"] == f"/supplier-order/{seller}/{here.site}?days=180"
    assert browser.post("/supplier-order", {**form, "supplier": "NOBODY"}).status_code == 422
    written = browser.post(sent.headers["Location"], {"idempotency_key": "a"})
    assert written.status_code == 303 and written.headers["Location"].startswith("/purchase-orders/")
    assert signed_in(BO).get("/supplier-order").status_code == 403
