"""Two receivers scan the SSCC of the same pallet at the same moment."""

from __future__ import annotations

import threading

import pytest

from flowrack.dock import queries as dock
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.inbound import commands, commands_packs
from flowrack.inbound.types import CountedLine, Receive
from flowrack.inbound.types_discrepancies import AlreadyReceived, ReceivePack
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from tests.cast import ADA, BO, Person, ctx
from tests.races.test_receive import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("way", "told_yes", "units"), [("naive", 2, 800), ("guarded", 1, 400)])
def test_two_receivers_scan_one_pallet(way, told_yes, units):
    """The order takes 1,000, so it does not stop the naive way, which counts the pallet of 400 twice."""
    at = yard()
    announced(at, line(quantity="400", sscc=sscc(1)))
    here = at.house.places["receiving1"]
    for person in (ADA, BO):
        assert person.id

    def naive(person: Person, start: threading.Barrier) -> bool:
        pack = dock.pack_by_sscc(sscc(1))
        assert pack is not None
        by = ctx(person)
        start.wait()
        if any(row.received_units for row in pack.lines):
            return False
        counts = [CountedLine(Units(row.units), po_line_id=row.po_line_id, lpn=sscc(1)) for row in pack.lines]
        commands.receive(by, Receive(at.po.po_id, here, counts))
        return True

    def guarded(person: Person, start: threading.Barrier) -> bool:
        by = ctx(person)
        start.wait()
        try:
            commands_packs.receive_pack(by, ReceivePack(sscc(1), here))
        except AlreadyReceived:
            return False
        return True

    answers = at_the_same_time({"naive": naive, "guarded": guarded}[way])

    assert (answers.count(True), len(answers)) == (told_yes, 2)
    stood = sql.fetch_value("SELECT coalesce(sum(on_hand), 0) FROM ledger_cell WHERE NOT is_virtual")
    assert stood == units
