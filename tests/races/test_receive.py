"""Two people count the last ten units of the same PO line at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from flowrack.inbound import commands
from flowrack.inbound.types import CountedLine, Receive
from flowrack.platform import sql
from flowrack.purchasing.types import OverReceipt
from flowrack.shared.quantity import Units
from tests.cast import ADA, BO, Person, ctx
from tests.supply import approved, house, item, po_state, supplier

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_same_time(receive: Callable[[Person, threading.Barrier], bool]) -> list[bool]:
    """Both answers of two people who start together, each on a connection of their own."""
    start, answers = threading.Barrier(2, timeout=10), []

    def run(person: Person) -> None:
        try:
            answers.append(receive(person, start))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in (ADA, BO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


@pytest.mark.parametrize(("way", "told_yes", "on_the_line"), [("naive", 2, 10), ("guarded", 1, 10)])
def test_two_people_count_the_last_ten_units(way, told_yes, on_the_line):
    """The naive row proves that this set-up catches the race (both hear yes, one count is lost); the other, the win."""
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 10, "4"))
    for person in (ADA, BO):
        assert person.id

    def naive(person: Person, start: threading.Barrier) -> bool:
        came = sql.fetch_value("SELECT received_units FROM purchasing_poline WHERE po_id = %s", (po.po_id,))
        start.wait()
        if came + 10 > 10:
            return False
        sql.execute("UPDATE purchasing_poline SET received_units = %s WHERE po_id = %s", (came + 10, po.po_id))
        return True

    def guarded(person: Person, start: threading.Barrier) -> bool:
        by = ctx(person)
        start.wait()
        try:
            count = CountedLine(units=Units(10), item_id=hose)
            commands.receive(by, Receive(po.po_id, here.places["receiving1"], [count]))
        except OverReceipt:
            return False
        return True

    answers = at_the_same_time({"naive": naive, "guarded": guarded}[way])

    assert answers.count(True) == told_yes and len(answers) == 2
    assert po_state(po)[1] == [(10, on_the_line, 0)]
    stood = sql.fetch_value("SELECT coalesce(sum(on_hand), 0) FROM ledger_cell WHERE NOT is_virtual")
    assert stood == (10 if way == "guarded" else 0)
