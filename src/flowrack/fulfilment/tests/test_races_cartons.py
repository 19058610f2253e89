"""Races at the pack bench: a label is of what is in the carton; who opens one waits for a departure; rules replaced."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from tests import outbound
from tests.cast import ADA, GUS, ctx
from tests.races.together import at_the_same_time, waiting

from flowrack.fulfilment import commands, steps_lists, steps_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import AlreadyPacked
from flowrack.fulfilment.types_lists import PickRule, SetPickRules
from flowrack.fulfilment.types_packing import PackRuleOf, PrintCartonLabels, SetPackRules
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
                until = time.monotonic() + 20
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


ZONE = "SELECT id FROM locations_zone WHERE role = 'reserve' ORDER BY id LIMIT 1"
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


@pytest.mark.parametrize("way", ["pack", "pick"])
def test_of_two_who_replace_the_rules_at_once_the_last_says_all_of_them(way, monkeypatch):
    """Without a lock the second does not see what the first wrote, and both sets stand."""
    at = outbound.house()
    outbound.customer()
    steps, table = {
        "pack": (steps_packing, "fulfilment_packrule"),
        "pick": (steps_lists, "fulfilment_pickpolicy"),
    }[way]
    real, begun = steps.replace_rules, []

    def slow(*args: object) -> None:
        real(*args)
        begun.append(1)
        until = time.monotonic() + 20
        while len(begun) < 2 and not waiting() and time.monotonic() < until:
            time.sleep(0.01)

    monkeypatch.setattr(steps, "replace_rules", slow)
    contexts = [ctx(ADA), ctx(ADA)]
    zones = (0, outbound.value(ZONE))

    def work(n: int) -> object:
        if way == "pack":
            return commands.set_pack_rules(contexts[n], SetPackRules([PackRuleOf(0, ("", "ACME")[n])]))
        return commands.set_pick_rules(contexts[n], SetPickRules(at.site, [PickRule(zones[n])]))

    at_the_same_time([lambda: work(0), lambda: work(1)])
    assert len(begun) == 2
    assert sql.fetch_value(f"SELECT count(*) FROM {table}") == 1
