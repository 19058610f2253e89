"""Which goods leave together: waves by template and cut-off, apart where goods or labels must be. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flowrack.shared import hazmat
from flowrack.waves.rules_penalty import Penalty
from flowrack.waves.rules_pool import PoolLine, PoolOrder, Slot
from flowrack.waves.rules_templates import Template, coldest
from flowrack.waves.types import HazardSplit

AMBIENT = "ambient"


@dataclass(slots=True)
class WavePlan:
    """A wave of the plan: whose goods leave together."""

    template: Template
    service_id: int
    service: str
    cut_off_at: datetime
    pick_until: datetime
    label: str
    order_ids: set[int] = field(default_factory=set)
    lines: int = 0
    units: int = 0
    seconds: int = 0
    volume_ml: int = 0
    weight_g: int = 0

    def has_room(self, order_id: int, lines: Sequence[PoolLine]) -> bool:
        """Whether lines of an order fit under the limits of the template; the first of a wave always do."""
        t = self.template
        limits = (
            (t.limit_lines, self.lines + len(lines)),
            (t.limit_orders, len(self.order_ids | {order_id})),
            (t.limit_volume_ml, self.volume_ml + sum(line.volume_ml for line in lines)),
            (t.limit_weight_g, self.weight_g + sum(line.weight_g for line in lines)),
        )
        return not self.lines or all(not limit or after <= limit for limit, after in limits)

    def take(self, order_id: int, lines: Sequence[PoolLine]) -> None:
        """Lines of an order go with it."""
        self.order_ids.add(order_id)
        self.lines += len(lines)
        self.units += sum(line.units for line in lines)
        self.seconds += sum(line.seconds for line in lines)
        self.volume_ml += sum(line.volume_ml for line in lines)
        self.weight_g += sum(line.weight_g for line in lines)


def told_apart(words: Sequence[Hashable]) -> list[str]:
    """For each of some waves "1 of 2" where others of them have the same words; empty for one that is alone."""
    of, so_far, found = Counter(words), Counter[Hashable](), []
    for one in words:
        so_far[one] += 1
        found.append(f"{so_far[one]} of {of[one]}" if of[one] > 1 else "")
    return found


def waves_of(
    orders: Sequence[PoolOrder],
    slots: Mapping[int, Slot | None],
    points: Mapping[int, Penalty],
    waits: set[int],
) -> tuple[list[WavePlan], dict[int, int]]:
    """Waves of what goes: by template, cut-off and what must be apart, opened anew where a limit is reached."""
    open_waves: dict[tuple[object, ...], list[int]] = {}
    hazards: dict[tuple[object, ...], list[set[str]]] = {}
    waves: list[WavePlan] = []
    wave_of: dict[int, int] = {}
    ranked = sorted(orders, key=lambda o: (-sum(points[x.line_id].points for x in o.can_go if slots[o.order_id]),
                                           o.order_id))  # fmt: skip
    for order in ranked:
        slot = slots[order.order_id]
        going = [line for line in order.can_go if line.line_id not in waits]
        if slot is None or not going:
            continue
        base = (slot.cut_off_at, slot.service_id, slot.template.template_id)
        apart = _apart(order, slot.template, hazards.setdefault(base, []))
        for cold, lines in _by_temperature(order, slot.template, going).items():
            key = (*base, apart, cold)
            place = next((n for n in open_waves.get(key, []) if waves[n].has_room(order.order_id, lines)), -1)
            if place < 0:
                label = ", ".join(part for part in (apart[1], apart[2], "" if cold == AMBIENT else cold) if part)
                waves.append(
                    WavePlan(slot.template, slot.service_id, slot.service, slot.cut_off_at, slot.pick_until, label)
                )
                place = len(waves) - 1
                open_waves.setdefault(key, []).append(place)
            waves[place].take(order.order_id, lines)
            wave_of.update((line.line_id, place) for line in lines)
    return _in_order(waves, wave_of)


def _in_order(waves: list[WavePlan], wave_of: dict[int, int]) -> tuple[list[WavePlan], dict[int, int]]:
    """The waves as they leave."""
    order = sorted(range(len(waves)), key=lambda n: (waves[n].pick_until, waves[n].cut_off_at, waves[n].label, n))
    place = {old: new for new, old in enumerate(order)}
    return [waves[n] for n in order], {line_id: place[old] for line_id, old in wave_of.items()}


def _apart(order: PoolOrder, template: Template, groups: list[set[str]]) -> tuple[int, str, str]:
    """The trailer of an order by its dangerous goods, in words where they are alone, and its customer's labels."""
    labels = ", ".join(sorted(order.label_needs)) if template.split_labels else ""
    if template.split_hazard == HazardSplit.NO:
        return (0, "", labels)
    is_apart = template.split_hazard == HazardSplit.APART
    if not groups:
        groups.append(set())
    if not order.hazards:
        return (0, "", labels)
    for n, group in enumerate(groups):
        if is_apart and n == 0:
            continue
        if all(hazmat.cell(one, other) != hazmat.NEVER for one in order.hazards for other in group):
            group.update(order.hazards)
            return (n, _dangerous(n, is_apart), labels)
    groups.append(set(order.hazards))
    return (len(groups) - 1, _dangerous(len(groups) - 1, is_apart), labels)


def _dangerous(trailer: int, is_apart: bool) -> str:
    """What a trailer with dangerous goods is called: the first has other goods, too, unless they are kept apart."""
    if trailer == 0:
        return ""
    number = trailer if is_apart else trailer + 1
    return "dangerous goods" if number == 1 else f"dangerous goods, trailer {number}"


def _by_temperature(order: PoolOrder, template: Template, lines: Sequence[PoolLine]) -> dict[str, list[PoolLine]]:
    """Lines by what they must be kept at; an order that goes whole is kept at its coldest."""
    if not template.split_temperature:
        return {AMBIENT: list(lines)}
    if order.goes_whole:
        return {coldest(line.temperature for line in lines): list(lines)}
    found: dict[str, list[PoolLine]] = {}
    for line in lines:
        found.setdefault(line.temperature or AMBIENT, []).append(line)
    return found
