"""Who scans a return finds only those of the sites where returns are theirs to receive."""

import pytest
from tests.cast import JO, OZ, signed_in, user_id

from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from flowrack.platform.web.viewer import Viewer
from flowrack.returns.queries import desk
from flowrack.returns.scan import waiting
from flowrack.returns.tests.scene import sold
from flowrack.returns.tests.test_create_rma import announce

pytestmark = pytest.mark.django_db


def test_a_clerk_of_one_site_neither_finds_nor_opens_returns_of_another():
    here, there = sold(10), sold(10, sku="ELSEWHERE", at=h.house("W2"))
    ours, theirs = announce(here, 2), announce(there, 2)
    user_id(JO, site_id=here.house.site)
    assert desk.rmas_for(ours.number, frozenset({here.house.site})) == [ours.rma_id]
    assert desk.rmas_for(theirs.number, frozenset({here.house.site})) == []
    assert desk.rmas_for(theirs.number, frozenset({0})) == [theirs.rma_id]
    assert desk.rmas_for(theirs.number, frozenset()) == []

    browser = signed_in(JO)
    assert browser.get(f"/returns/{theirs.rma_id}").status_code == 403
    order = sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (there.order,))
    page = browser.get(f"/returns/new?order={order}")
    assert (page.status_code, b"There is no order" in page.content) == (422, True)
    screen = browser.get("/scan/returns")
    assert screen.status_code == 200
    assert waiting(_viewer(here.house.site, frozenset({here.house.site}))) == 1
    assert waiting(_viewer(0, frozenset({here.house.site}))) == 1
    assert waiting(_viewer(0, frozenset({0}))) == 2
    assert waiting(_viewer(there.house.site, frozenset({here.house.site}))) == 1


def _viewer(site_id: int, held: frozenset[int]) -> Viewer:
    return Viewer(user=OZ, grants={"returns.receive": held}, site_id=site_id)
