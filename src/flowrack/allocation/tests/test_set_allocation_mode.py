"""set_allocation_mode: one step up at a time, and the last two only where people agreed often enough."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, NOW, ctx, signed_in, user_id

from flowrack.allocation import commands_modes
from flowrack.allocation.types_modes import BadMode, GateClosed, ModeSet, SetMode
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def set_mode(site: int, mode: str, velocity: str = "") -> ModeSet:
    return commands_modes.set_allocation_mode(ctx(MAY), SetMode(site, velocity, mode, "try it"))


def decided(site: int, agreed: int, dropped: int) -> None:
    item = outbound.item(f"G{agreed}-{dropped}")
    sql.execute(
        """
        INSERT INTO allocation_suggestion (site_id, item_id, velocity, cause, units, state, made_at, decided_by_id,
                                           decided_at)
        SELECT %s, %s, 'C', 'x', 1, CASE WHEN g <= %s THEN 'agreed' ELSE 'dropped' END, %s, %s, %s
        FROM generate_series(1, %s::int) AS g
        """,
        (site, item, agreed, NOW, user_id(MAY), NOW, agreed + dropped),
    )


def test_it_goes_up_as_people_agree_and_down_at_any_time():
    site = outbound.house().site
    with pytest.raises(GateClosed, match="the next step is suggest"):
        set_mode(site, "automatic")
    assert set_mode(site, "suggest").version == 1
    with pytest.raises(GateClosed, match="people decided 0 and agreed to 0 %"):
        set_mode(site, "approve")
    decided(site, 18, 2)
    assert set_mode(site, "approve").mode == "approve"
    decided(site, 26, 0)
    with pytest.raises(GateClosed, match="people decided 46 and agreed to 95 %"):
        set_mode(site, "automatic")
    decided(site, 4, 0)
    assert set_mode(site, "automatic").version == 3
    assert sql.fetch_all("SELECT mode, ended_at IS NULL FROM allocation_allocationmode ORDER BY version") == [
        ("suggest", False), ("approve", False), ("automatic", True)
    ]  # fmt: skip
    assert set_mode(site, "off").version == 4


def test_what_people_decided_at_another_site_or_class_does_not_count():
    site = outbound.house().site
    set_mode(site, "suggest", "A")
    decided(site, 60, 0)  # of class C
    with pytest.raises(GateClosed):
        set_mode(site, "approve", "A")


def test_a_mode_that_makes_no_sense_is_refused_with_every_field():
    site = outbound.house().site
    with pytest.raises(BadMode) as refused:
        commands_modes.set_allocation_mode(ctx(MAY), SetMode(site, "Z", "always", ""))
    assert [line.field for line in refused.value.lines] == ["mode", "velocity", "reason"]
    with pytest.raises(NotPermitted):
        commands_modes.set_allocation_mode(ctx(EVE), SetMode(site, "", "suggest", "x"))


def test_a_planner_sets_it_on_the_page():
    site = outbound.house().site
    may = signed_in(MAY)
    posted = {"site_id": site, "velocity": "", "mode": "suggest", "reason": "see whether we agree"}
    assert may.post("/allocation/modes/new", posted).status_code == 303
    assert "see whether we agree" in may.get("/allocation/modes").content.decode()
    refused = may.post("/allocation/modes/new", {**posted, "mode": "automatic"})
    assert refused.status_code == 409 and "the next step is approve" in refused.content.decode()
    assert may.get("/allocation/suggestions").status_code == 200
