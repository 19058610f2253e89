"""What is known of pick faces at a moment: their levels, what will leave them, what is on its way, what could come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.replenishment import queries, queries_plan
from flowrack.replenishment.queries_plan import Clock, FaceSeen, StandingSeen
from flowrack.replenishment.rules import Source
from flowrack.replenishment.rules_level import Draw, Told, draws_ahead


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of the faces of a plan."""

    clock: Clock
    faces: list[FaceSeen]
    draws: dict[int, list[Draw]]  # by face
    standing: list[StandingSeen]
    sources: dict[int, list[Source]]
    homeless: list[StandingSeen]  # refills of what is not the item's face any more


def scene(site_id: int, item_ids: Sequence[int] = (), location_ids: Sequence[int] = (), *, now: datetime) -> Scene:
    """Read what a plan looks at. Six queries, one more where refills go to what is no face of theirs in use."""
    clock = queries_plan.clock(site_id, now=now)
    faces = queries_plan.faces(site_id, item_ids, location_ids)
    items = sorted({seen.face.item_id for seen in faces})
    promised = queries_plan.promised_today(site_id, items, today=clock.today)
    told = queries_plan.told([seen.face.location_id for seen in faces], now=now)
    sources = queries_plan.sources(site_id, items, today=clock.today)
    draws = {}
    served: set[int] = set()
    for seen in faces:
        face = seen.face
        lines = promised.get(face.item_id, []) if face.item_id not in served else []
        served.add(face.item_id)
        whole = next((s.free for s in sources.get(face.item_id, []) if s.is_whole_lpn and not s.is_left_behind), 0)
        unreleased = sum(units % whole if whole else units for units in lines)
        timed = told.get((face.location_id, face.item_id), [])
        if seen.waiting:
            timed = [Told(seen.waiting, now, now, True), *timed]
        draws[face.face_id] = draws_ahead(
            timed, of_orders=seen.reserved + max(unreleased, seen.waiting), now=now, until=clock.draws_until
        )
    standing = queries_plan.standing(site_id)
    mine = {(seen.face.location_id, seen.face.item_id) for seen in faces}
    others = [
        one
        for one in standing
        if (one.location_id, one.item_id) not in mine
        and (not item_ids or one.item_id in item_ids)
        and (not location_ids or one.location_id in location_ids)
        and one.is_move_open
        and not one.standing.is_going_back
    ]
    whose = queries.face_items(site_id, [one.location_id for one in others]) if others else {}
    homeless = [one for one in others if whose.get(one.location_id) != one.item_id]
    return Scene(clock, faces, draws, standing, sources, homeless)
