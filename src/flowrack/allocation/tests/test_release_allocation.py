"""release_allocation: promises taken back, the lowest rank first."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, EVE, NOW, Person, ctx, user_id

from flowrack.allocation import commands
from flowrack.allocation.types import NothingToTakeBack, ReleaseAllocation
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
ADA_ELSEWHERE = Person("abe", "Abe Manager", ("warehouse_manager",))


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 60, "1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(at.site, "BIG", ("4711", 30))
    small = outbound.order(at.site, "SMALL", ("4711", 20))
    outbound.allocate(at.site)
    return at, item, big, small


def test_taken_back_units_are_free_and_the_line_waits(case):
    at, item, big, _ = case
    done = commands.release_allocation(ctx(ADA), ReleaseAllocation(big.line_ids, "for another"))
    assert done.units == [30]
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "waiting": 30}
    assert sum(pool.free for pool in stock.pools([item], at.site)) == 40
    assert not verify()
    with pytest.raises(NothingToTakeBack):
        commands.release_allocation(ctx(ADA), ReleaseAllocation(big.line_ids, "again"))


def test_an_outsider_takes_nothing_back(case):
    _, _, big, _ = case
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.release_allocation(ctx(EVE), ReleaseAllocation(big.line_ids, "spite"))
    assert outbound.books() == before


def test_a_manager_of_another_site_takes_nothing_back(case):
    _, _, big, _ = case
    user_id(ADA_ELSEWHERE, site_id=outbound.house("W2").site)
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.release_allocation(ctx(ADA_ELSEWHERE), ReleaseAllocation(big.line_ids, "for us"))
    assert outbound.books() == before


@pytest.mark.parametrize("policy", ["line", "complete"])
def test_what_leaves_only_whole_waits_whole_while_a_part_is_taken_back(policy):
    at = outbound.house()
    for sku in ("V-1", "V-2"):
        outbound.receive(at, outbound.item(sku), 10, "1")
    outbound.customer("WHOLE", policy=policy)
    order = outbound.order(at.site, "WHOLE", ("V-1", 10), ("V-2", 10))
    outbound.allocate(at.site)
    first, second = order.line_ids
    commands.release_allocation(ctx(ADA), ReleaseAllocation([first], "He does not pay", NOW.date()))
    sql.execute("UPDATE allocation_overrideline SET units = -4")  # a part: the rest would count as whole
    commands.release_allocation(ctx(ADA), ReleaseAllocation([second], "for another"))
    outbound.allocate(at.site)
    got = [outbound.counts(line).get("allocated", 0) for line in order.line_ids]
    assert got == ([0, 0] if policy == "complete" else [0, 10])
    said = "Nothing more is reserved for it before the end of 2 Mar: it leaves only whole (OV-"
    told = [any(why.sentence.startswith(said) for why in decisions.why(f"sales.line:{n}")) for n in order.line_ids]
    assert told == [True, policy == "complete"]
