"""Races of put-backs. The set-up catches the race without the guard, and the guard wins it."""

from __future__ import annotations

import threading
import time

import pytest
from tests import outbound
from tests.cast import CY, GUS, KIM, ctx
from tests.races.together import at_the_same_time, waiting

from flowrack.fulfilment import commands, locks, steps_putback
from flowrack.fulfilment.models_lists import PickList
from flowrack.fulfilment.types import AskPutBack, ConfirmPicks, Pick, UndoPick
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on_two_lists():
    """An order with a picked line on each of two lists, in a tote each, all of it asked back."""
    at = outbound.house()
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 40, "1", f"forward_pick{n}")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 6), ("6024", 2))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    other = PickList.objects.get()
    other.pk, other.number = None, "PL-OTHER"
    other.save()
    sql.execute("UPDATE fulfilment_pickline SET pick_list_id = %s WHERE id = %s", (other.pk, wave.pick_ids[1]))
    totes = [outbound.tote(at.site, code) for code in ("T-1", "T-2")]
    commands.confirm_picks(
        ctx(CY), ConfirmPicks([Pick(pick, 0, tote) for pick, tote in zip(wave.pick_ids, totes, strict=True)])
    )
    commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id, True, "not wanted"))
    return wave.pick_ids


@pytest.mark.parametrize(("is_guarded", "ended"), [(False, 0), (True, 1)])
def test_the_last_two_that_are_put_back_at_once_end_the_put_back(on_two_lists, monkeypatch, is_guarded, ended):
    noted = threading.Semaphore(0)
    note_back = steps_putback.note_back

    def and_stay(*said: object) -> None:
        """Told, but not committed before the other is told too, or waits for this one."""
        note_back(*said)
        noted.release()
        while noted._value != 2 and not waiting():
            time.sleep(0.01)

    monkeypatch.setattr(steps_putback, "note_back", and_stay)
    if not is_guarded:
        monkeypatch.setattr(locks, "put_back", lambda order_id: True)
    contexts = [ctx(CY), ctx(GUS)]
    at_the_same_time([
        lambda: commands.undo_pick(contexts[0], UndoPick(on_two_lists[0])),
        lambda: commands.undo_pick(contexts[1], UndoPick(on_two_lists[1])),
    ])  # fmt: skip
    assert sql.fetch_value("SELECT count(*) FROM tasks_task WHERE kind = 'put_back' AND state = 'done'") == 2
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_putback WHERE back_at IS NOT NULL") == ended
    told = "SELECT count(*) FROM platform_outboxevent WHERE kind = 'fulfilment.put_back_done'"
    assert sql.fetch_value(told) == ended
