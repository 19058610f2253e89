"""give_units: units by hand, out of rank only, with a record of who would have had them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, EVE, HAL, KIM, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation import commands_runs as runs
from flowrack.allocation import queries_overrides as queries
from flowrack.allocation.tests import rulebook
from flowrack.allocation.tests.byhand import TODAY, give, shelf
from flowrack.allocation.types_overrides import BadOverride, CannotGive, GiveUnits
from flowrack.allocation.types_rules import ClassRule, RuleSet
from flowrack.allocation.types_runs import AllocateItems
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import commands_holds
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def row(override_id: int, now=NOW) -> queries.OverrideRow:
    found = queries.override_row(override_id, now)
    assert found is not None
    return found


def test_free_units_go_out_of_rank_and_the_record_names_who_would_have_had_them():
    at = shelf()
    done = give(at.line("low"), 20)
    assert at.promised() == (0, 0, 20)
    one = row(done.override_id)
    assert (one.number, one.kind, one.rule, one.reason, one.made_by) == (
        done.number, "given", "allocation/1", "A stand at the fair", "Ada Manager",
    )  # fmt: skip
    assert one.broken == (
        f"By the rules as shipped they go 10 to {at.big.number} (tier A), 10 to {at.mid.number} (tier B), before "
        f"{at.low.number}."
    )
    assert (one.gained, one.lost, one.value) == (20, 20, Decimal("200.00"))
    assert (one.review, one.standing) == ("to review", "standing")
    assert one.stands_until == NOW.replace(hour=0) + timedelta(days=1)
    assert verify() == []


def test_each_line_is_told():
    at = shelf()
    done = give(at.line("low"), 20)
    said = [decisions.why(f"sales.line:{at.line(name)}")[0].sentence for name in ("low", "mid")]
    assert said == [
        f"20 by hand ({done.number}, given by hand, Ada Manager): A stand at the fair. {row(done.override_id).broken} "
        "It stands until the end of 2 Mar.",
        f"10 went to {at.low.number} by hand, against the rules ({done.number}, Ada Manager): A stand at the fair.",
    ]


def test_what_the_rules_give_as_well_is_no_override():
    at = shelf()
    done = give(at.line("big"), 50)
    assert (done.override_id, at.promised()) == (0, (50, 0, 0))
    assert sql.fetch_value("SELECT count(*) FROM allocation_override") == 0


def test_units_of_a_named_line_move_and_nothing_else():
    at = shelf()
    outbound.allocate(at.at.site)
    assert at.promised() == (50, 10, 0)
    done = give(at.line("low"), 15, of=at.line("big"))
    assert at.promised() == (35, 10, 15)
    one = row(done.override_id)
    assert one.broken == f"By the rules as shipped {at.big.number} (tier A) keeps 15."
    assert (one.gained, one.lost, one.value) == (15, 15, Decimal("150.00"))
    assert verify() == []


def test_the_same_key_gives_once():
    at = shelf()
    req = GiveUnits(at.line("low"), 20, "A fair", TODAY)
    first = commands.give_units(ctx(ADA, "k"), req)
    assert commands.give_units(ctx(ADA, "k"), req) == first
    assert at.promised() == (0, 0, 20)


def test_life_lots_and_holds_count_by_hand_as_well():
    at = shelf(0, tracking="lot")
    soon = outbound.lot(at.item_id, "L1")
    sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (TODAY + timedelta(days=5), soon))
    outbound.receive(at.at, at.item_id, 30, "6", lot_id=soon)
    sql.execute("UPDATE sales_order SET min_life_days = 30 WHERE id = %s", (at.low.order_id,))
    before = outbound.books()
    with pytest.raises(CannotGive) as refused:
        give(at.line("low"), 20)
    assert refused.value.message == (
        f"0 of the units that are free will do for {at.low.number}: lot L1 has too little life left."
    )
    assert outbound.books() == before
    commands_holds.place_holds(ctx(KIM), PlaceHolds("look", [at.mid.order_id], []))
    with pytest.raises(CannotGive):
        give(at.line("mid"), 1)


def test_whole_lines_and_complete_orders_stay_whole():
    at = shelf()
    sql.execute("UPDATE sales_order SET policy = 'line' WHERE id = %s", (at.low.order_id,))
    with pytest.raises(CannotGive) as refused:
        give(at.line("low"), 10)
    assert refused.value.message == "LOW Ltd takes lines only whole."
    give(at.line("low"), 20)
    assert at.promised() == (0, 0, 20)


def test_every_bad_field_is_named_and_nothing_changes():
    at = shelf()
    before = outbound.books()
    with pytest.raises(BadOverride) as refused:
        give(at.line("low"), 0, until=TODAY - timedelta(days=1), reason=" ")
    assert [line.field for line in refused.value.lines] == ["units", "reason", "until_on"]
    with pytest.raises(BadOverride) as refused:
        give(at.line("low"), 21)
    assert refused.value.message == f"{at.low.number} waits for 20 only."
    with pytest.raises(BadOverride):
        give(at.line("low"), 5, of=at.line("low"))
    with pytest.raises(OrderNotFound):
        give(10**9, 5)
    assert outbound.books() == before


def test_who_may_not_changes_nothing():
    at = shelf()
    before = outbound.books()
    for person in (EVE, HAL):
        with pytest.raises(NotPermitted):
            give(at.line("low"), 20, by=person)
    assert outbound.books() == before


def test_a_run_does_not_move_what_was_given_by_hand_while_it_stands():
    """A class that shares gives back at each run all that it holds, but not these."""
    at = shelf()
    rulebook.in_force(at.at.site, RuleSet(classes=(ClassRule("Everybody", semantics="share"),), promises="rank"))
    outbound.allocate(at.at.site, at.low)
    give(at.line("mid"), 15)
    assert at.promised() == (0, 15, 20)
    runs.allocate_items(ctx(ADA), AllocateItems(at.at.site, [at.item_id]))
    assert at.promised() == (45, 15, 0)
    assert verify() == []


def test_the_page_and_the_api_give(client):
    at = shelf()
    ada = signed_in(ADA)
    path = f"/order-lines/{at.line('low')}/give"
    shown = ada.get(path).content.decode()
    assert "20 wait, 60 are free" in shown and "BIG Ltd" in shown
    sql.execute("UPDATE sales_order SET requested_on = current_date + 2")
    posted = {"units": 5, "from_line_id": 0, "reason": "fair", "until_on": "2099-01-01", "idempotency_key": "a"}
    assert "too far away" in ada.post(path, posted).content.decode()
    today = str(sql.fetch_value("SELECT current_date"))
    assert ada.post(path, {**posted, "until_on": today, "idempotency_key": "b"}).status_code == 303
    assert at.promised() == (0, 0, 5)
    body = {"units": 5, "reason": "fair", "until_on": today}
    answer = client.post(
        f"/api/v1/order-lines/{at.line('low')}/give", body, "application/json",
        headers={**bearer(KIM), "Idempotency-Key": "c"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["units"], at.promised()) == (200, 5, (0, 0, 10))
    outbound.allocate(at.at.site)
    page = ada.get(f"/order-lines/{at.line('mid')}/why").content.decode()
    for number in sql.fetch_all("SELECT number FROM allocation_override"):
        assert f">{number[0]}<" in page, "who lost by hand finds who did it"


def test_a_page_that_can_give_nothing_says_why_and_the_way_out_and_has_no_form():
    at = shelf()
    ada, path = signed_in(ADA), f"/order-lines/{at.line('low')}/give"
    sql.execute("UPDATE ledger_pool SET committed = reserve + forward_pick")
    page = ada.get(path).content.decode()
    assert "There is no X to give: none is free at the site" in page and "Why the rules should not" not in page
    assert f"/order-lines/{at.line('low')}/instead" in page and "BIG Ltd" in page
    sql.execute("UPDATE sales_order SET state = 'cancelled' WHERE id = %s", (at.low.order_id,))
    page = ada.get(path).content.decode()
    assert f"{at.low.number} is cancelled: nothing is given to it any more." in page
