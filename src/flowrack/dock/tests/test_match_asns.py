import pytest
from tests.cast import BO, ED, ctx
from tests.supply import approved

from flowrack.dock import commands, queries
from flowrack.dock.tests.yard import announced, line, stored_lines, yard
from flowrack.dock.types import MatchAsns
from flowrack.platform import outbox
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import CancelPo, ClosePo
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def test_when_an_order_is_closed_its_lines_go_to_the_next_one(at):
    next_one = approved(at.site, at.supplier, (at.hose, 50, "4"))
    made = announced(at, line(quantity="40"))
    purchasing.close_po(ctx(ED), ClosePo([at.po.po_id], "supplier is out"))
    outbox.drain()
    assert stored_lines(made.asn_id) == [(40, "", next_one.line_ids[0], [])]
    assert queries.lines_of_asn(made.asn_id)[0].match_reason == f"{next_one.number} line 1 waited for 50 units then"


def test_a_line_that_named_a_cancelled_order_is_flagged(at):
    made = announced(at, line(quantity="40", po_number=at.po.number))
    purchasing.cancel_po(ctx(ED), CancelPo([at.po.po_id], "wrong"))
    outbox.drain()
    assert stored_lines(made.asn_id) == [(40, "", 0, ["po_changed"])]
    row = queries.lines_of_asn(made.asn_id)[0]
    assert (row.po_number, row.match_reason) == (at.po.number, f"{at.po.number} takes no goods any more")


def test_matching_again_changes_nothing_when_nothing_changed(at):
    announced(at, line(quantity="40"), line(quantity="1"))
    done = commands.match_asns(ctx(ED), MatchAsns([at.po.po_id]))
    assert (done.lines, done.changed) == (2, 0)
    with pytest.raises(NotPermitted):
        commands.match_asns(ctx(BO), MatchAsns([at.po.po_id]))
