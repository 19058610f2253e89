"""What a run changed: page and API name each line that got units or gave some back, before and after."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, bearer, ctx, signed_in

from flowrack.allocation import commands_runs
from flowrack.allocation.queries_changed import ChangedLine, changes
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet
from flowrack.allocation.types_runs import AllocateItems, NoSuchRun, StartRun

pytestmark = pytest.mark.django_db(transaction=True)


def a_run(site: int, items: list[int]) -> int:
    """Ada runs one part of a full run over items; the run."""
    run = commands_runs.start_run(ctx(ADA), StartRun(site))
    commands_runs.allocate_items(ctx(ADA), AllocateItems(site, items, run.run_id))
    return run.run_id


def test_a_page_and_the_api_name_each_line_that_a_run_changed_before_and_after(client):
    at = outbound.house()
    item = outbound.item("4711")
    orders = {}
    for code, tier in (("BIG", "A"), ("SMALL", "C"), ("LATE", "C")):
        outbound.customer(code, tier=tier)
        orders[code] = outbound.order(at.site, code, ("4711", 8))
    outbound.receive(at, item, 10, "1")
    run_id = a_run(at.site, [item])
    seen = changes(run_id, frozenset({at.site}))
    big, small = orders["BIG"], orders["SMALL"]
    assert (seen.part, seen.parts, seen.lines) == (1, 1, 3)
    assert seen.changed == [
        ChangedLine(big.line_ids[0], big.order_id, big.number, 1, "4711", "BIG Ltd", "A", 8, 8, 0, 0),
        ChangedLine(small.line_ids[0], small.order_id, small.number, 1, "4711", "SMALL Ltd", "C", 8, 2, 0, 6),
    ]
    page = signed_in(ADA).get(f"/allocation/runs/{run_id}").content.decode()
    assert f"/orders/{small.order_id}?line={small.line_ids[0]}#ladder" in page
    assert f"/order-lines/{big.line_ids[0]}/why" in page and orders["LATE"].number not in page
    assert f'href="/allocation/runs/{run_id}"' in signed_in(ADA).get("/allocation/runs").content.decode()
    told = client.get(f"/api/v1/allocation-runs/{run_id}/changes", headers=bearer(ADA)).json()
    assert [(one["number"], one["waited"], one["got"], one["waits"]) for one in told["changed"]] == [
        (big.number, 8, 8, 0),
        (small.number, 8, 2, 6),
    ]


def test_what_a_line_gave_back_stands_first():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    outbound.customer("OLD", tier="C")
    outbound.customer("KEY", tier="A")
    old = outbound.order(at.site, "OLD", ("4711", 8))
    outbound.allocate(at.site, old)
    key, held = ClassRule("Key", "guarantee", tiers=("A",)), ClassRule("Rest", "hold")
    rulebook.in_force(at.site, RuleSet(classes=(key, held), promises="rank"))
    new = outbound.order(at.site, "KEY", ("4711", 9))

    run_id = a_run(at.site, [item])
    assert [(one.number, one.waited, one.got, one.gave_back, one.waits)
            for one in changes(run_id, frozenset({0})).changed] == [
        (old.number, 0, 0, 7, 7),
        (new.number, 9, 9, 0, 0),
    ]  # fmt: skip


def test_a_run_of_another_site_is_not_there_and_one_that_began_has_changed_nothing(client):
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    outbound.order(at.site, "ACME", ("4711", 1))
    run = commands_runs.start_run(ctx(ADA), StartRun(at.site))
    assert changes(run.run_id, frozenset({at.site})).changed == []
    assert b"This run changed nothing." in signed_in(ADA).get(f"/allocation/runs/{run.run_id}").content
    for sites, key in ((frozenset({at.site + 1}), run.run_id), (frozenset({0}), run.run_id + 1)):
        with pytest.raises(NoSuchRun):
            changes(key, sites)
    assert client.get(f"/api/v1/allocation-runs/{run.run_id + 1}/changes", headers=bearer(ADA)).status_code == 404
