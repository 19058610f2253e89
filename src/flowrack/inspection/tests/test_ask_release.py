"""A release that a policy asks about: asked with its reason, decided by another person, done once."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, FAY, HAL, ctx
from tests.supply import item, standing

from flowrack.approvals.types import ApprovalNeeded
from flowrack.fulfilment.commands import stock as stocks
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection import commands_holds as commands
from flowrack.inspection import queries
from flowrack.inspection.tests.house import answer, shelves
from flowrack.inspection.types_holds import Cause, ChangeHold, ReleaseHold
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """Of 300 units at 30.00, 250 are held: 7,500.00."""
    here, hose = shelves(), item("V-200")
    receive(here, hose, 300, "30", "R-01")
    line = StockAt(here.places["R-01"], hose, Units(250))
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [line], "torn seals", owner_id=FAY.id))
    [hold] = queries.open_holds_of_site([here.site])
    return here, hose, hold


def states():
    return [row[0] for row in sql.fetch_all("SELECT state FROM inspection_release ORDER BY id")]


def waiting():
    return sql.fetch_all("SELECT number FROM approvals_request WHERE state = 'waiting' ORDER BY id")


def test_much_money_is_asked_shown_before_and_after_and_released_when_approved(held):
    _, hose, hold = held
    asked = commands.ask_release(ctx(FAY, "k"), ReleaseHold(hold.id, "resealed"))
    assert commands.ask_release(ctx(FAY, "k"), ReleaseHold(hold.id, "resealed")) == asked
    assert (asked.state, asked.units, standing(hose)["R-01", "hold"]) == ("waiting", 250, 250)
    assert sql.fetch_all("SELECT field, before, after FROM approvals_requestchange ORDER BY line_no") == [
        ("Quality of 250", "hold", "available"), ("Free to promise", "50", "300"),
    ]  # fmt: skip
    request = sql.fetch_one("SELECT amount, reason, sentence, partner_name FROM approvals_request")
    assert request == (7500, "resealed", f"{hold.number} holds 250 since 2026-03-02: torn seals.", "V-200")
    answer(asked.approval)
    assert states() == ["released"] and standing(hose) == {("R-01", "reserve"): 300}
    assert sql.fetch_one("SELECT reason, released_by_id FROM inspection_holdrelease") == ("resealed", ADA.id)


def test_who_asked_and_who_placed_the_hold_do_not_decide(held):
    _, _, hold = held
    hal_inspects = ctx(HAL)
    hal_inspects.grants = {**hal_inspects.grants, "inspection.release": frozenset({0})}
    asked = commands.ask_release(hal_inspects, ReleaseHold(hold.id, "resealed"))
    assert asked.state == "waiting", "who placed it may ask"
    with pytest.raises(DutiesConflict):
        commands.release_hold(hal_inspects.keyed("2"), ReleaseHold(hold.id, "resealed", 1))
    sql.execute("UPDATE platform_userrole SET role_id = (SELECT id FROM platform_role WHERE code = 'warehouse_manager')"
                " WHERE user_id = %s", (HAL.id,))  # fmt: skip
    with pytest.raises(DutiesConflict):
        answer(asked.approval, by=ctx(HAL))
    with pytest.raises(NotPermitted):
        commands.ask_release(ctx(BO), ReleaseHold(hold.id, "fine"))
    assert sql.fetch_value("SELECT count(*) FROM approvals_verdict") == 0


def test_small_releases_of_one_person_add_up_over_the_day(held):
    here, hose, hold = held
    receive(here, hose, 300, "30", "R-02")
    line = StockAt(here.places["R-02"], hose, Units(300))
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [line], "wet"))
    wet = queries.open_holds_of_site([here.site])[1]
    for hold_id in (hold.id, wet.id):
        commands.release_hold(ctx(FAY), ReleaseHold(hold_id, "fine", 160))
    with pytest.raises(ApprovalNeeded, match=r"that day 10,020.00 is more than 10,000.00"):
        commands.release_hold(ctx(FAY), ReleaseHold(wet.id, "fine", 14))
    assert commands.release_hold(ctx(FAY), ReleaseHold(wet.id, "fine", 13)).left_units == 127


def test_another_number_of_units_voids_the_question_and_so_does_a_release(held):
    _, hose, hold = held
    first = commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "resealed"))
    second = commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "resealed", 200))
    assert states() == ["voided", "waiting"] and waiting() == [(second.approval,)]
    assert commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "resealed", 200)).approval == second.approval
    commands.release_hold(ctx(ADA), ReleaseHold(hold.id, "fine", 10))
    assert states() == ["voided", "voided", "released"] and waiting() == [] and first
    assert standing(hose)["R-01", "hold"] == 240


def test_a_rejected_release_stays_held_and_does_not_ask_again_as_it_is(held):
    _, hose, hold = held
    answer(commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "resealed")).approval, "reject")
    assert states() == ["rejected"] and standing(hose)["R-01", "hold"] == 250
    outbox.drain()
    assert queries.hold_row(hold.id).left_units == 250


def test_the_policies_that_come_along_ask_quality_about_quality_and_finance_about_money():
    rows = sql.fetch_all(
        """
        SELECT p.code, s.roles, array_agg(c.field || ' ' || c.operator || ' ' || c.value)
        FROM approvals_policy p JOIN approvals_policystep s ON s.policy_id = p.id
        JOIN approvals_policycondition c ON c.policy_id = p.id
        WHERE p.kind = 'inspection.release' AND p.version = 2 GROUP BY 1, 2 ORDER BY 1
        """
    )
    quality, money = ["qc_inspector", "warehouse_manager"], ["finance_controller", "warehouse_manager"]
    assert rows == [
        ("day", money, ["day_total > 10000"]),
        ("defect", quality, ["defect = yes"]),
        ("expired", quality, ["expired = yes"]),
        ("regulated", quality, ["regulated = yes"]),
        ("value", money, ["amount > 5000"]),
    ]
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    stock = StockAt(here.places["R-01"], hose, Units(20))
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [stock], "torn", "damaged"))
    hold = sql.fetch_value("SELECT id FROM inspection_hold")
    asked = commands.ask_release(ctx(ADA), ReleaseHold(hold, "sewn"))
    assert asked.state == "waiting"
    answer(asked.approval, by=ctx(FAY))
    assert sql.fetch_value("SELECT left_units FROM inspection_hold") == 0


@pytest.mark.parametrize(
    ("cause", "role"),
    [
        (Cause.SUPPLIER, "purchasing_manager"),
        (Cause.CARRIER, "purchasing_manager"),
        (Cause.PAPER, "purchasing_manager"),
        (Cause.CUSTOMER, "sales_manager"),
        (Cause.QUALITY, ""),
        (Cause.SYSTEM, ""),
    ],
)
def test_who_is_asked_depends_on_whose_matter_the_hold_is(cause, role):
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    line = StockAt(here.places["R-01"], hose, Units(10))
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [line], "see the note", cause=cause))
    [hold] = queries.open_holds_of_site([here.site])
    assert hold.cause == cause
    asked = commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "settled"))
    assert asked.state == ("waiting" if role else "released")
    roles = sql.fetch_all("SELECT roles FROM approvals_step ORDER BY id")
    assert roles == ([([role],)] if role else [])


def test_another_cause_voids_what_was_asked(held):
    _, _, hold = held
    asked = commands.ask_release(ctx(FAY, "k"), ReleaseHold(hold.id, "resealed"))
    assert asked.state == "waiting"
    with pytest.raises(NotPermitted):
        commands.change_hold(ctx(HAL), ChangeHold(hold.id, cause=Cause.SUPPLIER))
    assert (commands.change_hold(ctx(HAL), ChangeHold(hold.id, cause=hold.cause)).cause, states()) == (
        "quality",
        ["waiting"],
    )
    done = commands.change_hold(ctx(FAY), ChangeHold(hold.id, cause=Cause.SUPPLIER))
    assert (done.cause, states(), waiting()) == ("supplier", ["voided"], [])
    assert commands.ask_release(ctx(FAY, "l"), ReleaseHold(hold.id, "resealed")).state == "waiting"
    facts = sql.fetch_value("SELECT value FROM approvals_requestfact WHERE name = 'cause' ORDER BY id DESC LIMIT 1")
    assert facts == "supplier"
