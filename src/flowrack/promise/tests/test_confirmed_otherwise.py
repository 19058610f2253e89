"""What a supplier confirms later or fewer counts at once; what he confirms earlier, when a buyer accepts it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ED, NOW, ROB, ctx

from flowrack.platform import sql
from flowrack.promise import queries_ask
from flowrack.promise.tests import given
from flowrack.purchasing import commands_confirmations as confirmations
from flowrack.purchasing.types_confirmations import (
    ConfirmedLine,
    DecideConfirmations,
    NewConfirmation,
    RecordConfirmations,
)
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 5)
ALL = frozenset({0})


def confirmed(po, on, units=50):
    """What the supplier says of the PO; the id of the confirmed line, and its state."""
    line = ConfirmedLine(1, Units(units), on, Decimal(4))
    answer = RecordConfirmations([NewConfirmation(po.po_id, "OC-1", [line])])
    [done] = confirmations.record_confirmations(ctx(ROB, f"{on}{units}"), answer).lines
    given.drain()
    return done.confirmation_line_id, done.state


def decided(line_id, verdict):
    confirmations.decide_confirmations(ctx(ED), DecideConfirmations([line_id], verdict, "so it is"))
    given.drain()


def leaves(units=40):
    """When so many leave on one day; None where nobody can say."""
    asked = queries_ask.understand(given.question(units), NOW, site_ids=ALL)
    return queries_ask.answered(asked, NOW).answer.options[0].ships_on


def risks():
    return sql.fetch_all(
        "SELECT covered_before, covered_on, units, closed_at IS NULL FROM allocation_promiseexception ORDER BY id"
    )


def scene():
    """Forty of V-200 were promised to ACME of a PO of fifty: a line that waits."""
    at = given.house(0)
    po = given.po(at, 50, DUE)
    told = leaves()
    outbound.order(at.site, "ACME", ("V-200", 40))
    given.drain()
    [(_, promised)] = given.promises()
    assert promised == told
    return po, told


def test_a_later_day_counts_at_once_and_puts_the_promises_on_it_at_risk():
    po, told = scene()
    before = leaves(10)
    line_id, state = confirmed(po, DUE + timedelta(days=14))
    assert (state, leaves(10)) == ("open", before + timedelta(days=14))
    assert sql.fetch_value("SELECT expected_on FROM purchasing_poline") == DUE
    assert risks() == [(told, told + timedelta(days=14), 40, True)]
    [reason] = sql.fetch_all("SELECT reason FROM allocation_promiseexception")[0]
    said = f"{po.number} comes otherwise than ordered, says its supplier, and the buyer has not decided: 40 units "
    assert reason.startswith(said)
    decided(line_id, "refuse")
    assert (leaves(10), risks()) == (before, [(told, told + timedelta(days=14), 40, False)])


def test_what_is_accepted_later_is_not_told_again():
    po, told = scene()
    line_id, _ = confirmed(po, DUE + timedelta(days=14))
    decided(line_id, "accept")
    assert risks() == [(told, told + timedelta(days=14), 40, True)]
    assert leaves(10) == told + timedelta(days=14)


def test_fewer_units_count_at_once():
    po, told = scene()
    assert leaves(10) == told
    _, state = confirmed(po, DUE, units=45)
    assert (state, leaves(5), leaves(10)) == ("open", told, None)
    assert risks() == []


def test_an_earlier_day_counts_when_the_buyer_accepts_it():
    at = given.house(0)
    po = given.po(at, 50, date(2026, 3, 20))
    was = leaves(10)
    line_id, state = confirmed(po, date(2026, 3, 6))
    assert (state, leaves(10)) == ("open", was)
    decided(line_id, "accept")
    assert leaves(10) == was - timedelta(days=14)
