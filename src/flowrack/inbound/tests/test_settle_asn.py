import pytest
from tests.cast import BO, ctx

from flowrack.dock import commands as dock
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import CloseAsn
from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound.tests.dockside import on_record, pallet
from flowrack.inbound.types_discrepancies import PackLine, SettleAsn
from flowrack.platform.outbox import drain

pytestmark = pytest.mark.django_db


def test_what_a_closed_asn_announced_and_nobody_counted_is_short_once():
    at = yard()
    made = announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    pallet(at, sscc(1), PackLine(made.line_ids[0], 580))
    assert commands.settle_asn(ctx(BO), SettleAsn(made.asn_id)).discrepancy_ids == []  # more may come

    dock.close_asn(ctx(BO), CloseAsn(made.asn_id, "truck is empty"))
    drain()

    assert on_record() == [
        ("short", "open", 20, "80.00", "supplier", "flag"),
        ("short", "open", 360, "1440.00", "supplier", "flag"),
    ]
    assert commands.settle_asn(ctx(BO), SettleAsn(made.asn_id)).discrepancy_ids == []
