"""Open quotes are looked at anew when supply or calendar move: what cannot be kept is said once, until it can again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.cast import ADA, ED, KIM, NOW, ROB, ctx

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands, commands_days, commands_orders, queries_quotes
from flowrack.promise.reasons import day
from flowrack.promise.tests import given
from flowrack.promise.types import OrderQuote, QuoteChanged, WatchQuotes
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing import commands_confirmations as confirmations
from flowrack.purchasing.types import CancelPo
from flowrack.purchasing.types_confirmations import (
    ConfirmedLine,
    DecideConfirmations,
    NewConfirmation,
    RecordConfirmations,
)
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
ALL = frozenset({0})


def scene():
    """A quote of 40: 10 of stock leave today, 30 of a PO that is due on Thursday; nothing is on record of its supplier,
    so it counts five days later. The PO and the quote."""
    at = given.house(10)
    po = given.po(at, 50, date(2026, 3, 5))
    held = given.quote(40, "split")
    sql.execute("UPDATE promise_quote SET expires_at = %s", (NOW + timedelta(days=30),))
    return at, po, held


def seen(held):
    """What the list says of a quote: standing, doubt, new day."""
    [row] = queries_quotes.quotes_after(held.quote_id - 1, ALL, state="", limit=1)
    return row.standing, row.doubt, row.can_ship_on


def events():
    return sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'promise.quotes_at_risk'")


def test_a_quote_stands_as_long_as_nothing_moves():
    _, _, held = scene()
    done = commands.watch_quotes(context_for_system(NOW, "watch"), WatchQuotes([held.quote_id]))
    assert (done.at_risk, done.fine, events()) == ([], [], 0)
    assert seen(held) == ("in time", "", None)


def confirmed(po, on, key):
    """The supplier says that all of it comes on another day, and the buyer has not decided; the confirmed line."""
    answer = RecordConfirmations([NewConfirmation(po.po_id, "OC-1", [ConfirmedLine(1, Units(50), on, Decimal(4))])])
    return confirmations.record_confirmations(ctx(ROB, key), answer).lines[0]


def test_a_later_confirmation_that_waits_is_said_once_and_the_quote_stands_again_when_the_buyer_refuses_it():
    _, po, held = scene()
    was, later = held.ships_on, held.ships_on + timedelta(days=7)
    waits = confirmed(po, date(2026, 3, 12), "late")
    given.drain()
    said = (
        f"30 of V-200 cannot leave {day(was)}: {po.number} comes too late. They can leave {day(later)}, there "
        f"{day(later + timedelta(days=1))}."
    )
    assert seen(held) == ("cannot be kept", said, later)
    cause = "A supplier confirmed otherwise than ordered"
    assert why(f"promise.quote:{held.quote_id}")[0].sentence == f"{cause}: {said}"
    done = commands.watch_quotes(context_for_system(NOW, "again"), WatchQuotes([held.quote_id]))
    assert (done.at_risk, done.fine, events()) == ([], [], 1)
    no = DecideConfirmations([waits.confirmation_line_id], "refuse", "too late")
    confirmations.decide_confirmations(ctx(ED), no)
    given.drain()
    assert (seen(held), events()) == (("in time", "", None), 1)


def test_a_po_that_is_cancelled_leaves_the_quote_without_a_day_and_no_order_comes_of_it():
    _, po, held = scene()
    purchasing.cancel_po(ctx(ED), CancelPo([po.po_id], "the supplier has none"))
    given.drain()
    standing, said, on = seen(held)
    assert (standing, on, events()) == ("cannot be kept", None, 1)
    assert said.endswith("nothing comes in time. Nobody can say when.")
    with pytest.raises(QuoteChanged) as refused:
        commands_orders.order_quote(ctx(KIM), OrderQuote(held.quote_id, new_day=held.ships_on))
    assert refused.value.fix == "Give the units back and ask again."


def test_a_day_that_is_closed_is_seen_at_once_and_a_day_that_is_worked_on_after_all_too():
    at, _, held = scene()
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(held.ships_on, "Stocktaking")]))
    standing, said, on = seen(held)
    assert standing == "cannot be kept" and "(Stocktaking)" in said and on > held.ships_on
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(held.ships_on, "")]))
    assert seen(held) == ("in time", "", None)


def test_nobody_but_the_house_writes_it():
    _, _, held = scene()
    before = given.rows()
    with pytest.raises(NotPermitted):
        commands.watch_quotes(ctx(KIM), WatchQuotes([held.quote_id]))
    assert (given.rows(), seen(held)) == (before, ("in time", "", None))
