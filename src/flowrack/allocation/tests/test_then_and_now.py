"""Then against now: what changed for a line since it was decided, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests import outbound, supply

from flowrack.allocation import queries_certificates, queries_now

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def told(line_id: int) -> dict[str, tuple[str, str]]:
    """What changed, by its name: then and now."""
    view = queries_certificates.certificate_of(line_id, shows_margin=False)
    assert view is not None
    return {one.what: (one.then, one.now) for one in queries_now.then_and_now(view, NOW) if one.is_changed}


def test_nothing_changed_is_told_as_that_and_each_change_by_its_name():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    for code, tier in (("BIG", "A"), ("SMALL", "C"), ("NEW", "A")):
        outbound.customer(code, tier=tier)
    big = outbound.order(at.site, "BIG", ("4711", 14))
    small = outbound.order(at.site, "SMALL", ("4711", 8))
    outbound.allocate(at.site)
    [line_id] = small.line_ids
    before = told(line_id)
    assert before == {
        "Free of the item": ("10", "0"),
        "Wanted by those before it": ("14 by 1 line", "4 by 1 line"),
    }
    new = outbound.order(at.site, "NEW", ("4711", 5))
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    po = supply.approved(at.site, from_whom, (item, 40, "1"), due=date(2026, 3, 14)).number
    outbound.receive(at, item, 3, "1")
    assert told(line_id) == {
        "Free of the item": ("10", "3"),
        "Rank among claims on the item": ("2 of 2", "3 of 3"),
        "Wanted by those before it": ("14 by 1 line", "9 by 2 lines"),
        "Came before it, and gone from there": ("gone: nobody", f"came: {new.number} (5)"),
        "Comes next": ("nothing", f"{po} brings 40 on 14 Mar"),
    }
    outbound.receive(at, item, 30, "1")
    outbound.allocate(at.site)
    now = told(line_id)
    assert now["Rank among claims on the item"] == ("3 of 3", "wants nothing more")
    assert big.number not in str(now)
