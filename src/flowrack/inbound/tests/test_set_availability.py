"""When received goods become available is a policy: on receipt, after inspection, after putaway."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, ctx
from tests.supply import approved, counts_of, house, item, receive, standing, supplier

from flowrack.inbound import commands, rules
from flowrack.inbound.commands_availability import set_availability
from flowrack.inbound.rules import Policy
from flowrack.inbound.types import AvailabilityPolicy, Available, CountedLine, SetAvailability, TakeBack
from flowrack.ledger import queries as stock
from flowrack.platform import outbox, sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def policy(available: Available, **scope: object) -> AvailabilityPolicy:
    return AvailabilityPolicy(available, reason="tried", **scope)  # type: ignore[arg-type]


def came(at, item_id, seller, **line):
    po = approved(at.site, seller, (item_id, 10, "4"))
    return receive(po, at, CountedLine(units=Units(10), item_id=item_id, **line), by=ctx(BO))


def test_goods_available_on_receipt_stand_in_their_place_and_can_be_promised_at_once():
    here, hose, seller = house(), item("V-200"), supplier()
    on_receipt = policy(Available.ON_RECEIPT, item_id=hose, site_id=here.site, location_id=here.places["reserve1"])
    set_availability(ctx(ADA), SetAvailability([on_receipt]))
    done = came(here, hose, seller)
    assert standing(hose) == {("reserve-1", "reserve"): 10}
    assert [p.free for p in stock.pools([hose], here.site)] == [10]
    outbox.drain()
    assert sql.fetch_value("SELECT count(*) FROM storage_plannedmove") == 0
    [reason] = why(f"inbound.line:{done.lines[0].receipt_line_id}")
    assert reason.sentence == "Available on receipt in reserve-1, by the policy for V-200, W1: tried."
    commands.take_back(ctx(BO), TakeBack(done.posting_id))
    assert standing(hose) == {}


def test_the_most_specific_policy_counts_and_what_a_person_saw_comes_first():
    here, hose, seller = house(), item("V-200"), supplier()
    ids = set_availability(
        ctx(ADA),
        SetAvailability([policy(Available.AFTER_INSPECTION, supplier_id=seller),
                         policy(Available.AFTER_PUTAWAY, item_id=hose)]),
    ).policy_ids  # fmt: skip
    came(here, hose, seller)
    assert standing(hose) == {("receiving-1", "receiving"): 10}
    assert set_availability(ctx(ADA), SetAvailability(end_ids=[ids[1]])).ended == 1
    came(here, hose, seller, quality="damaged", reason="crushed")
    came(here, hose, seller)
    assert standing(hose) == {
        ("receiving-1", "receiving"): 10, ("receiving-1", "damaged"): 10, ("receiving-1", "inspection"): 10,
    }  # fmt: skip
    kept = sql.fetch_all("SELECT available, quality FROM inbound_receiptline ORDER BY id")
    assert kept == [("after_putaway", "available"), ("", "damaged"), ("after_inspection", "inspection")]


def test_every_bad_policy_is_named_and_leaves_no_trace():
    here, hose = house(), item("V-200")
    ada, bo, before = ctx(ADA), ctx(BO), counts_of()
    bad = [
        policy(Available.ON_RECEIPT, item_id=hose, site_id=here.site, location_id=here.places["receiving1"]),
        policy(Available.AFTER_PUTAWAY, location_id=here.places["reserve1"]),
        AvailabilityPolicy(Available.AFTER_PUTAWAY, item_id=hose),
        AvailabilityPolicy(Available.AFTER_PUTAWAY, item_id=hose, reason="twice"),
    ]
    with pytest.raises(Invalid) as refused:
        set_availability(ada, SetAvailability(bad))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "location"), (2, "location"), (3, "reason"), (0, "policies"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        set_availability(bo, SetAvailability([policy(Available.AFTER_PUTAWAY)]))
    assert counts_of() == before and sql.fetch_value("SELECT count(*) FROM inbound_availabilitypolicy") == 0


def test_the_same_scope_again_replaces_its_policy():
    set_availability(ctx(ADA), SetAvailability([policy(Available.AFTER_PUTAWAY)]))
    set_availability(ctx(ADA), SetAvailability([policy(Available.AFTER_INSPECTION)]))
    assert sql.fetch_all("SELECT available FROM inbound_availabilitypolicy") == [("after_inspection",)]


def test_item_before_family_before_supplier_before_site_and_the_newer_on_a_tie():
    def one(policy_id, item_id=0, family_id=0, supplier_id=0, site_id=0):
        return Policy(policy_id, Available.AFTER_PUTAWAY, item_id, family_id, supplier_id, site_id, 0, "", "", "")

    assert rules.followed([one(1), one(2, site_id=9), one(3, supplier_id=5)]).policy_id == 3
    assert rules.followed([one(3, supplier_id=5, site_id=9), one(2, family_id=4)]).policy_id == 2
    assert rules.followed([one(1, item_id=7), one(2, family_id=4, supplier_id=5, site_id=9)]).policy_id == 1
    assert rules.followed([one(1, site_id=9), one(2, site_id=9)]).policy_id == 2
    assert rules.followed([]) is None
