"""Who gives way to an urgent line, by how much, and what it costs: pure, the same input gives the same answer.

Who may lose: promises on the same item at the same site, of the same class or a lower one, that no picker has. The
lowest rank of the rule set in force goes first: with the shipped rules the lowest tier, then the latest date, then the
highest number. Whoever still meets the promised day loses at once; of the rest somebody else decides. Whether a day is
met is foreseen as runs will have it (`rules_cover.outlook`), and stock that must stay for promises is not free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from flowrack.allocation.rules import HAD, Keeper, Pool, fefo_order, keeps_long_enough
from flowrack.allocation.rules_cover import STOCK, Cover, cover, outlook, pegs_of
from flowrack.allocation.rules_foresight import Coming, Harm, Want
from flowrack.allocation.rules_rank import standing_of

DOCK_TO_SHIP = timedelta(days=1)  # what is expected on a day can leave on the next one
MOST_IN_VAIN = 20  # who cannot give way without harm; of those after them somebody else decides


class Ask(NamedTuple):
    """The urgent line: units that still wait, and what goods must be for this customer.

    `class_no` and `semantics` are its class in the rule set in force; `had` are lots that the customer takes no more.
    """

    line_id: int
    order_id: int
    number: str
    tier: str
    ship_on: date
    units: int
    min_life_days: int
    lot: str = ""
    class_no: int = 0
    semantics: str = "keep"
    had: Sequence[int] = ()


class ClaimLine(NamedTuple):
    """An order line that wants the item, in rank order. `waiting` is 0 while it is on hold.

    `place` is its number in the rank of the rule set in force; 0 of all where tier, day and number are the rank.
    Without a promise the day is a wish. What a quote holds of goods to come has a line below zero."""

    line_id: int
    order_id: int
    number: str
    tier: str
    promised_on: date
    waiting: int
    picked: int
    is_urgent: bool
    place: int = 0
    class_no: int = 0
    semantics: str = "keep"
    is_promised: bool = True


class Promised(NamedTuple):
    """Units of one pool that a line is promised; a picker has `in_picking` of them."""

    line_id: int
    pool_id: int
    units: int
    in_picking: int


class Give(NamedTuple):
    """Units of one pool that go from a line to the urgent one."""

    line_id: int
    pool_id: int
    units: int


class Spared(NamedTuple):
    """Promised units that stay where they are, and the rule that says so."""

    line_id: int
    units: int
    rule: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the rule looks at for one item at one site.

    What is to come has the day from which promises count it (`is_foreseen`); before that was stored, the day that
    suppliers expect."""

    item_id: int
    today: date
    pools: tuple[Pool, ...]
    lines: tuple[ClaimLine, ...]
    promises: tuple[Promised, ...]
    coming: tuple[Coming, ...]
    is_foreseen: bool = False


class Slip(NamedTuple):
    """A line that is worse off than before: its units that come too late, and the day on which the last can leave."""

    line_id: int
    promised_on: date
    units: int
    leaves_on: date | None
    po_line_id: int

    @property
    def days(self) -> int | None:
        """Days after the promise; None without any cover."""
        return None if self.leaves_on is None else (self.leaves_on - self.promised_on).days


@dataclass(slots=True)
class Plan:
    """What one urgent line gets: free units, units of others at once, units that somebody must allow."""

    ask: Ask
    free: list[tuple[int, int]] = field(default_factory=list)  # (pool, units)
    at_once: list[Give] = field(default_factory=list)
    to_allow: list[Give] = field(default_factory=list)
    spared: list[Spared] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)  # after all of it
    leaves: dict[int, date | None] = field(default_factory=dict)  # victims: when their last unit can leave
    kept: int = 0  # free units that stay for promises of others
    keeper: Keeper | None = None
    quotes: list[Slip] = field(default_factory=list)  # what quotes hold, where it comes too late then

    @property
    def got(self) -> int:
        """Units that the line has at once."""
        return sum(units for _, units in self.free) + sum(give.units for give in self.at_once)

    @property
    def pending(self) -> int:
        """Units that wait for somebody's consent."""
        return sum(give.units for give in self.to_allow)

    @property
    def missing(self) -> int:
        """Units that nobody can give."""
        return self.ask.units - self.got - self.pending


def suits(pool: Pool, ask: Ask) -> str:
    """Why goods of a pool do not do for the urgent line: lot, life, or one that he had; empty when they do."""
    if ask.lot and pool.lot_code != ask.lot:
        return "lot"
    if pool.lot_id in ask.had:
        return HAD
    return "" if keeps_long_enough(pool, ship_on=ask.ship_on, min_life_days=ask.min_life_days) else "life"


def plan(ask: Ask, scene: Scene, *, allowed: Mapping[int, int] | None = None) -> Plan:
    """What an urgent line gets: first what is free, then from those who lose nothing by it, then what must be allowed.

    `allowed` (line -> units) are the most that lines may lose beyond what is harmless; None while nobody decided.
    """
    made = Plan(ask)
    pools = {pool.pool_id: pool for pool in scene.pools}
    missing = ask.units
    room = _room(scene, made)
    for pool in fefo_order(scene.pools):
        units = min(missing, pool.free)
        if units > 0 and not suits(pool, ask):
            made.kept += units - min(units, room)
            units = min(units, room)
            if units:
                made.free.append((pool.pool_id, units))
            room -= units
            missing -= units
    made.kept = min(made.kept, missing)
    candidates = _candidates(ask, scene, pools, made.spared)
    before = _before(scene, made)
    lost: dict[int, int] = {}
    in_vain = 0
    for held in candidates:
        if missing <= 0 or in_vain == MOST_IN_VAIN:
            break
        units = _harmless(scene, made, before, lost, held.line_id, min(held.units, missing))
        in_vain += scene.is_foreseen and not units
        if units:
            made.at_once.append(Give(held.line_id, held.pool_id, units))
            lost[held.line_id] = lost.get(held.line_id, 0) + units
            missing -= units
    taken = {(give.line_id, give.pool_id): give.units for give in made.at_once}
    caps = dict(allowed or {})
    for held in candidates:
        left = held.units - taken.get((held.line_id, held.pool_id), 0)
        units = min(left, missing, left if allowed is None else caps.get(held.line_id, 0))
        if units > 0:
            made.to_allow.append(Give(held.line_id, held.pool_id, units))
            lost[held.line_id] = lost.get(held.line_id, 0) + units
            caps[held.line_id] = caps.get(held.line_id, 0) - units
            missing -= units
        if left > units:
            made.spared.append(Spared(held.line_id, left - units, "not needed" if missing <= 0 else "not allowed"))
    _tell(scene, made, before, lost)
    assert made.missing == missing >= 0
    return made


def _candidates(ask: Ask, scene: Scene, pools: Mapping[int, Pool], spared: list[Spared]) -> list[Promised]:
    """Who may lose how much, in the order in which they lose it; what is spared is noted with its rule."""
    lines = {line.line_id: line for line in scene.lines}
    at = {pool.pool_id: n for n, pool in enumerate(fefo_order(scene.pools))}
    for line in scene.lines:
        if line.picked and line.order_id != ask.order_id:
            spared.append(Spared(line.line_id, line.picked, "picked"))
    found: list[Promised] = []
    for held in scene.promises:
        if held.line_id not in lines or lines[held.line_id].order_id == ask.order_id:
            continue
        line = lines[held.line_id]
        if held.in_picking:
            spared.append(Spared(held.line_id, held.in_picking, "picking"))
        left = held.units - held.in_picking
        why = "class" if _is_better(line, ask) else "urgent" if line.is_urgent else suits(pools[held.pool_id], ask)
        if left > 0 and why:
            spared.append(Spared(held.line_id, left, why))
        elif left > 0:
            found.append(held._replace(units=left))
    # Classes that give way first, then the lowest rank: the lowest tier, the latest date, the highest number where
    # the rule set says no more; ties within a line by the goods' order.
    found.sort(key=lambda held: at[held.pool_id])
    found.sort(key=lambda held: _loses_first(lines[held.line_id]), reverse=True)
    return found


def _is_better(line: ClaimLine, ask: Ask) -> bool:
    """Whether a line is of a better class: by the rule set, and in one class by tier. A guarantee gives way to no other
    class, and who is on hold to anybody."""
    mine, other = standing_of(ask.semantics), standing_of(line.semantics)
    if mine != other and (other == 0 or other > 1):
        return other == 0
    return (line.class_no, line.tier) < (ask.class_no, ask.tier)


def _loses_first(line: ClaimLine) -> tuple[int, int, str, date, int, int]:
    return (standing_of(line.semantics), line.place, line.tier, line.promised_on, line.order_id, line.line_id)


class Before(NamedTuple):
    """How lines are covered while nobody gives way, and what is asked who would be harmed."""

    cover: Mapping[int, Cover]
    harm: Harm | None


def _before(scene: Scene, made: Plan) -> Before:
    harm = None
    if scene.is_foreseen:
        free = sum(units for _, units in made.free)
        wants = [Want(line.line_id, line.waiting, line.promised_on, line.is_promised) for line in scene.lines]
        harm = Harm(wants, _ready(scene, free), scene.today, made.ask.line_id, made.ask.units - free)
    return Before(_outlook(scene, made, {}), harm)


def _room(scene: Scene, made: Plan) -> int:
    """How much of the free stock the urgent line may have while promises to others can be kept."""
    if not scene.is_foreseen:
        return made.ask.units
    pegs = pegs_of(_wants(scene, made, {}), _ready(scene, 0), scene.today)
    room = pegs.room(made.ask.line_id, STOCK)
    if room < made.ask.units:
        made.keeper = pegs.keeper(made.ask.line_id, STOCK)
    return room


def _harmless(scene: Scene, made: Plan, before: Before, lost: Mapping[int, int], line_id: int, most: int) -> int:
    """The most units that a line can lose so that nobody is worse off. All of them are asked about first: where a
    line may wait for goods that come in time nobody is harmed, and one question does."""
    if most > 1 and before.harm and _is_harmless(scene, made, before, lost, line_id, most):
        return most
    if most <= 0 or not _is_harmless(scene, made, before, lost, line_id, 1):
        return 0
    if most == 1:
        return most
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        if _is_harmless(scene, made, before, lost, line_id, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _is_harmless(scene: Scene, made: Plan, before: Before, lost: Mapping[int, int], line_id: int, units: int) -> bool:
    again = {**lost, line_id: lost.get(line_id, 0) + units}
    if before.harm:
        return not before.harm.harms(again)
    after = _outlook(scene, made, again)
    return not any(_is_worse(before.cover.get(key), now) for key, now in after.items() if key != made.ask.line_id)


def _is_worse(was: Cover | None, now: Cover) -> bool:
    """More units come too late than before, or what was late comes later still."""
    if not now.late:
        return False
    if was is None or now.late > was.late:
        return True
    return was.on is not None and (now.on is None or now.on > was.on)


def _outlook(scene: Scene, made: Plan, lost: Mapping[int, int]) -> dict[int, Cover]:
    """By when every waiting line is covered, once so many promised units of lines wait again."""
    ready = _ready(scene, sum(units for _, units in made.free))
    wants = _wants(scene, made, lost)
    return outlook(wants, ready, scene.today) if scene.is_foreseen else cover(wants, ready)


def _wants(scene: Scene, made: Plan, lost: Mapping[int, int]) -> list[Want]:
    got = sum(units for _, units in made.free) + sum(lost.values())
    wants = []
    for line in scene.lines:
        units = line.waiting + lost.get(line.line_id, 0)
        if line.line_id == made.ask.line_id:
            units = max(made.ask.units - got, 0)
        if units > 0:
            wants.append(Want(line.line_id, units, line.promised_on, line.is_promised, line.number))
    return wants


def _ready(scene: Scene, gone: int) -> list[Coming]:
    """Supply by the day on which it can leave. Read as suppliers expect it, it is a day later, and what is overdue
    covers nothing."""
    ready = []
    for one in scene.coming:
        if one.expected_on == date.min:
            ready.append(one._replace(units=one.units - gone))
        elif scene.is_foreseen:
            ready.append(one)
        elif one.expected_on >= scene.today:
            ready.append(one._replace(expected_on=one.expected_on + DOCK_TO_SHIP))
    return ready


def _tell(scene: Scene, made: Plan, before: Before, lost: Mapping[int, int]) -> None:
    """Who is worse off when all of it is done, and when the units that give way can leave."""
    after = _outlook(scene, made, lost)
    lines = {line.line_id: line for line in scene.lines}
    made.leaves = {line_id: _day(after[line_id], scene.today) for line_id in lost}
    for line_id, now in after.items():
        if line_id != made.ask.line_id and _is_worse(before.cover.get(line_id), now):
            (made.slips if line_id > 0 else made.quotes).append(
                Slip(line_id, lines[line_id].promised_on, now.late, _day(now, scene.today), now.po_line_id)
            )


def _day(one: Cover, today: date) -> date | None:
    return None if one.on is None else max(one.on, today)


def harm(ask: Ask, scene: Scene, free: int, lost: Mapping[int, int]) -> list[Slip]:
    """Whose promises are kept for fewer units, or later, once a line has free units, or units of others."""
    before = _outlook(scene, made := Plan(ask), {})
    made.free = [(0, free)] if free else []
    lines = {line.line_id: line for line in scene.lines if line.is_promised and line.line_id != ask.line_id}
    found = []
    for line_id, now in _outlook(scene, made, lost).items():
        was = before.get(line_id)
        if line_id in lines and _is_worse(was, now):
            units = now.late - (was.late if was else 0) or now.late
            found.append(Slip(line_id, lines[line_id].promised_on, units, _day(now, scene.today), now.po_line_id))
    return found


def after(scene: Scene, made: Plan, *, is_allowed: bool) -> Scene:
    """The scene once the plan is done (`is_allowed`: with what must be allowed), for the next line of the order."""
    gives = [*made.at_once, *(made.to_allow if is_allowed else [])]
    free = dict(made.free)
    lost: dict[int, int] = {}
    for give in gives:
        lost[give.line_id] = lost.get(give.line_id, 0) + give.units
    moved = {(give.line_id, give.pool_id): give.units for give in gives}
    got = sum(free.values()) + sum(lost.values())
    return replace(
        scene,
        pools=tuple(pool._replace(free=pool.free - free.get(pool.pool_id, 0)) for pool in scene.pools),
        promises=tuple(
            held._replace(units=held.units - moved.get((held.line_id, held.pool_id), 0)) for held in scene.promises
        ),
        lines=tuple(
            line._replace(waiting=max(line.waiting - got, 0))
            if line.line_id == made.ask.line_id
            else line._replace(waiting=line.waiting + lost.get(line.line_id, 0))
            for line in scene.lines
        ),
        coming=tuple(
            one._replace(units=one.units - sum(free.values())) if one.expected_on == date.min else one
            for one in scene.coming
        ),
    )
