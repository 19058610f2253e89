"""Races about one carton: a label is of what is in it, and whoever opens it waits for a departure without a deadlock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from tests.cast import GUS, ctx
from tests.races.together import waiting

from flowrack.fulfilment import commands
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import AlreadyPacked, UnpackCarton
from flowrack.fulfilment.types_packing import PrintCartonLabels, RepackLine, RepackUnits
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def against(first: str, args: tuple[object, ...], then: str, work: Callable[[], object]) -> object:
    """What came of `work`, which must wait for a transaction that holds what `first` takes and does `then` at last."""
    is_held = threading.Event()
    told: list[object] = []

    def other() -> None:
        try:
            with transaction.atomic():
                sql.execute(first, args)
                is_held.set()
                until = time.monotonic() + 2
                while not (waits := waiting()) and time.monotonic() < until:
                    time.sleep(0.01)
                sql.execute(then, args)
                if not waits:
                    told.append("nobody waited")
        except Exception as error:
            told.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    is_held.wait(10)
    try:
        return work()
    finally:
        thread.join()
        assert told == []


OPENED = "UPDATE fulfilment_carton SET state = 'unpacked' WHERE id = %s"


def test_a_label_waits_for_who_opens_the_carton():
    at = packing.staged()
    carton = packing.packed(at.order).carton_id
    context = ctx(GUS)
    with pytest.raises(AlreadyPacked):
        against(OPENED, (carton,), OPENED, lambda: commands.print_carton_labels(context, PrintCartonLabels([carton])))
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 0


LINES = """
    SELECT FROM sales_orderline WHERE order_id = (SELECT order_id FROM fulfilment_carton WHERE id = %s)
    ORDER BY id FOR NO KEY UPDATE
"""
CARTON = "SELECT FROM fulfilment_carton WHERE id = %s FOR NO KEY UPDATE NOWAIT"


@pytest.mark.parametrize("way", ["open", "move"])
def test_who_opens_a_carton_waits_for_its_order_before_the_carton_is_held(way):
    """As a departure does: lines, then cartons. The carton first would deadlock with it."""
    at = packing.staged()
    carton, context = packing.packed(at.order).carton_id, ctx(GUS)
    moved = RepackUnits(carton, [RepackLine(at.order.line_ids[0], 2)])
    work = {
        "open": lambda: commands.unpack_carton(context, UnpackCarton(carton)).units,
        "move": lambda: commands.repack_units(context, moved).units,
    }[way]
    assert against(LINES, (carton,), CARTON, work) == {"open": 8, "move": 2}[way]
    assert not verify()
