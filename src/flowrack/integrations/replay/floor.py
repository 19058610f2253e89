"""Pick lists on a simulated day: people take them one after another, walk them, and go on until the truck is loaded.

How long a list takes follows from its walk and its picks, by seconds that are made up (rules.py). A list that nobody
can finish before the truck leaves stays on the floor for the next one, and is counted as late.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flowrack.fulfilment.commands import confirm_picks, short_pick, take_list
from flowrack.fulfilment.types import ConfirmPicks, Pick, ShortPick
from flowrack.fulfilment.types_lists import TakeList
from flowrack.integrations.replay import reads_floor, rules
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.reads_floor import OpenList, OpenPick

BEGIN, LOADED = 6, 55  # minutes of the wave's hour: the first list is taken, the last one must be at its place


def pick(house: House, on: date, name: str, hour: int) -> None:
    """All lists of each site, the most urgent first, by the people who are there."""
    for site in house.sites:
        free = [moment(on, hour, BEGIN)] * house.settings.pickers
        truck = moment(on, hour, LOADED)
        for one in reads_floor.open_lists(site.site_id):
            began = free[0]
            done = began + timedelta(seconds=rules.list_seconds(one.walk_mm, [p.units for p in one.picks]))
            if done > truck:
                house.tally.lists_late += 1
                continue
            heapq.heapreplace(free, done)
            _walk(house, site, on, name, one, began=began, done=done)
    house.tell()


def _walk(house: House, site: Site, on: date, name: str, one: OpenList, *, began: datetime, done: datetime) -> None:
    """One list: taken, picked as it was found, and what a bin did not hold picked where it is sent to instead."""
    word = f"{on}:list:{name}:{site.code}:{one.picks[0].word}"[:180]
    house.do(take_list, "picker", TakeList(one.list_id, take_over=True), key=f"{word}:take", at=began)
    _pick(house, on, one.picks, word, done)
    instead = reads_floor.open_picks_of(one.list_id)
    if instead:
        _pick(house, on, instead, f"{word}:instead", done)


def _pick(house: House, on: date, picks: Sequence[OpenPick], word: str, at: datetime) -> None:
    found, short = [], []
    for one in picks:
        seen = one.units if one.stands_in else rules.found_at_pick(house.settings.seed, str(on), one.word, one.units)
        if seen == one.units:
            found.append(Pick(one.pick_id))
        else:
            short.append((one, seen))
    if found:
        house.do(confirm_picks, "picker", ConfirmPicks(found), key=f"{word}:picks", at=at)
    for one, seen in short:
        shortage = ShortPick(one.pick_id, seen, "none_there")
        house.do(short_pick, "picker", shortage, key=f"{on}:short:{one.word}"[:200], at=at)
