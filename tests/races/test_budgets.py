"""Two orders for one budget bind at the same moment: one is served, the other hears what is left."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.purchasing import commands, commands_versions, locks, queries_approvals, queries_budgets, queries_versions
from flowrack.purchasing.commands_budgets import set_budget
from flowrack.purchasing.tests.changing import change
from flowrack.purchasing.types import ApplyApprovals, SetBudget, SubmitPo
from flowrack.purchasing.types_versions import LineChange, SettleChanges
from flowrack.shared.errors import FlowrackError
from flowrack.shared.quantity import Units
from tests.cast import DI, ED, NOW, OZ, ctx
from tests.races.together import at_the_same_time
from tests.supply import approved, draft, house, item, supplier

pytestmark = pytest.mark.django_db(transaction=True)


def approve(standing, po_ids) -> list[Seen]:
    """Ed approves all; what he saw of each order, in the order of the ids, whatever the order of the answer."""
    seen = [Seen(standing[po_id].request_id, standing[po_id].content_hash) for po_id in po_ids]
    approvals.decide(ctx(ED), Decide(seen, "approve"))
    return seen


def without_lock(monkeypatch) -> None:
    """Neither has written when both have read what is left."""
    both_have_read = threading.Barrier(2)
    read = queries_budgets.uses_of

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        if threading.current_thread() is not threading.main_thread():
            both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(queries_budgets, "uses_of", late)
    monkeypatch.setattr(locks, "_BUDGETS", locks._BUDGETS.replace("FOR NO KEY UPDATE", ""))


def changes_together() -> list[str]:
    """Two orders of 100 grow by 600 each, of a budget of 1,000; both were approved when 400 were left."""
    here, seller = house("W1"), supplier("A")
    set_budget(ctx(OZ), SetBudget(here.site, date(2026, 3, 1), Decimal(1000)))
    pos = [approved(here.site, seller, (item(sku), 100, "1")) for sku in ("V-200", "TAP")]
    for po in pos:
        commands_versions.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(600))))
    ids = [po.po_id for po in pos]
    seen = approve(queries_versions.changes_asked(ids), ids)
    work = [
        lambda n=n: commands_versions.settle_changes(
            context_for_system(NOW, f"settle-{n}"), SettleChanges([ids[n]], [seen[n].request_id], ["approved"])
        )
        for n in range(2)
    ]
    assert not [one for one in at_the_same_time(work) if isinstance(one, FlowrackError)]
    return sorted(row[0] for row in sql.fetch_all("SELECT state FROM purchasing_poversion WHERE version_no = 2"))


def drafts_together() -> list[str]:
    """Two drafts of 600; the budget of 1,000 was set after both had asked."""
    here, seller = house("W1"), supplier("A")
    pos = [draft(here.site, seller, (item(sku), 600, "1")) for sku in ("V-200", "TAP")]
    ids = [po.po_id for po in pos]
    commands.submit_po(ctx(DI), SubmitPo(ids))
    set_budget(ctx(OZ), SetBudget(here.site, date(2026, 3, 1), Decimal(1000)))
    seen = approve(queries_approvals.approvals_of(ids), ids)
    work = [
        lambda n=n: commands.apply_approvals(
            context_for_system(NOW, f"apply-{n}"), ApplyApprovals([ids[n]], [seen[n].request_id])
        )
        for n in range(2)
    ]
    assert not [one for one in at_the_same_time(work) if isinstance(one, FlowrackError)]
    return sorted(row[0] for row in sql.fetch_all("SELECT state FROM purchasing_po"))


@pytest.mark.parametrize(
    ("together", "both"), [(changes_together, ["approved"] * 2), (drafts_together, ["approved"] * 2)]
)
def test_without_the_lock_both_overdraw_the_budget(together, both, monkeypatch):
    without_lock(monkeypatch)
    assert together() == both, "the set-up catches the race"


@pytest.mark.parametrize(
    ("together", "one"), [(changes_together, ["approved", "lapsed"]), (drafts_together, ["approved", "draft"])]
)
def test_the_second_hears_what_is_left(together, one):
    assert together() == one
