"""The three answers to "When can I have 40?", each with what binds it. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar

from flowrack.allocation.rules_free import Change, first_with, free_on
from flowrack.promise.rules_case import ALONE_FIRST, Ask, Case, Share, Source, Substitute, Supply
from flowrack.promise.rules_house import Overload, Reason, Trip, first_trip, last_trip, overload
from flowrack.promise.rules_options import Answer, Binding, Bound, Leaving, Option, OptionKind, Part, leaving_of

Found = TypeVar("Found", Answer, Leaving)

MOST_PARTS = 4
TRIES = 3


class _Slice(NamedTuple):
    """Units that become free at a source on a day, those free before, and how they would travel."""

    units: int
    before: int
    ready_on: date
    trip: Trip
    rank: int
    source: Source


def answer(case: Case, ask: Ask) -> Answer:
    """All options for one ask."""
    sources = _sources(case, ask, ask.item_id)
    own = _slices(sources)
    alone = _one_day(case, ask, sources)
    taken, misses = _taken(ask, own)
    split = _split(ask, sources, taken, misses, alone)
    one = alone if misses else _from_several(case, ask, taken, split, alone)
    if one.parts and one.parts == split.parts:
        split = replace(split, same_as=OptionKind.ONE_DAY)
    instead = _with_substitutes(case, ask, own, one)
    return Answer(ask, (one, split, instead), _overload(case, ask))


def answers(case: Case) -> list[Answer]:
    """One answer after the other: what the first is promised is not free for the second. Days that were told and hold
    are kept meanwhile."""
    return _each(case, answer)


def leavings(case: Case) -> list[Leaving]:
    """How the first option of each of the `answers` goes, for who asks for the days alone: half of the work."""
    return _each(case, _leaving)


def _leaving(case: Case, ask: Ask) -> Leaving:
    """What the answer says of it. Of one site the first option is to leave from there on one day, if it can."""
    if len(ask.site_ids) == 1:
        [source] = _sources(case, ask, ask.item_id)
        piece = _piece(source, ask.units, Share.POLICY)
        if piece is not None:
            trip = piece.trip
            claim = (ask.item_id, source.site.site_id, ask.units, trip.ships_on)
            return Leaving(trip.ships_on, trip.arrives_on, (claim,))
    return answer(case, ask).leaving


def _each(case: Case, look: Callable[[Case, Ask], Found]) -> list[Found]:
    told = [n for n, ask in enumerate(case.asks) if ask.told_on]
    found = _in_turn(case, told, look)
    kept = [n for n in told if _holds(case.asks[n], leaving_of(found[n]))]
    return _in_turn(case, kept, look) if kept != told else found


def _holds(ask: Ask, one: Leaving) -> bool:
    """Whether all of it leaves by the day that it was told."""
    return one.ships_on is not None and ask.told_on is not None and one.ships_on <= ask.told_on


def _in_turn(case: Case, told: Sequence[int], look: Callable[[Case, Ask], Found]) -> list[Found]:
    """Answers in turn; those that stand at some places claim on the day that they were told until it is theirs."""
    found = []
    held = [case.told(ask) if n in told else 0 for n, ask in enumerate(case.asks)]
    for ask, units in zip(case.asks, held, strict=True):
        case = _claiming(case, ask, -units)
    for ask, units in zip(case.asks, held, strict=True):
        case = _claiming(case, ask, units)
        one = look(case, ask)
        found.append(one)
        for item_id, site_id, taken, day in leaving_of(one).claims:
            source = Source(case, case.site(site_id), case.stock(item_id, site_id), ask)
            case = case.with_claim(item_id, site_id, Change(day, source.mine_by(day) - taken))
    return found


def _claiming(case: Case, ask: Ask, units: int) -> Case:
    """The case with units that are claimed for an ask on the day that it was told (below zero), or are let go."""
    if not units or ask.told_on is None:
        return case
    return case.with_claim(ask.item_id, ask.site_ids[0], Change(ask.told_on, units))


def _sources(case: Case, ask: Ask, item_id: int) -> list[Source]:
    return [Source(case, case.site(site_id), case.stock(item_id, site_id), ask) for site_id in ask.site_ids]


def _one_day(case: Case, ask: Ask, sources: list[Source]) -> Option:
    """Everything from the site where it arrives first."""
    part = _earliest(sources, ask.units, Share.POLICY)
    if part is None:
        most = max((s.steps(s.today)[-1].free for s in sources), default=0)
        some = _earliest(sources, most, Share.POLICY) if most else None
        on = some.arrives_on if some else None
        return Option(OptionKind.ONE_DAY, (), misses=ask.units - most, most=most if on else 0, most_on=on)
    p50, p90 = _half_and_most(sources, (part,))
    return Option(OptionKind.ONE_DAY, (part,), days_late=_late(ask, part.arrives_on), p50=p50, p90=p90)


def _half_and_most(sources: Iterable[Source], parts: Iterable[Part]) -> tuple[date | None, date | None]:
    """When the last of the parts is there by half, and by nine of ten, of the deliveries that it hangs on."""
    of = {source.site.site_id: source for source in sources}
    days = []
    for share in (Share.HALF, Share.NINE_TENTHS):
        found = [_arrival_by(of[part.site_id], part, share) for part in parts]
        known = [day for day in found if day is not None]
        days.append(max(known) if len(known) == len(found) else None)
    return days[0], days[1]


def _arrival_by(source: Source, part: Part, share: Share) -> date | None:
    """When a part arrives if what it hangs on comes as a share of comparable deliveries did: never before all of that.

    What others hold meanwhile stays theirs, also where it would come sooner than they need it."""
    if not part.supplies:
        other = part if part.on_hand >= part.units else _part(source, part.units, share)
        return other.arrives_on if other else None
    days = [source.free_from(supply, share) for supply in part.supplies]
    known = [day for day in days if day is not None]
    trip = _trip(source, part.units, max(source.today, *known)) if len(known) == len(days) else None
    return trip.arrives_on if trip else None


def _earliest(sources: list[Source], units: int, share: Share) -> Part | None:
    """So many units on one day from one site: the first to arrive, of equals the site named first."""
    parts = [part for source in sources if (part := _part(source, units, share)) is not None]
    return min(parts, key=lambda part: (_late(sources[0].ask, part.arrives_on), part.arrives_on), default=None)


def _part(source: Source, units: int, share: Share) -> Part | None:
    piece = _piece(source, units, share)
    return _as_part(piece, units, share=share) if piece else None


def _piece(source: Source, units: int, share: Share) -> _Slice | None:
    """So many units from one site; lots that are not fresh any more on arrival are left out and it is tried anew."""
    arrives_on = source.ask.wanted_on or source.today
    for _ in range(TRIES):
        steps = source.steps(arrives_on, share=share)
        day = first_with(steps, units)
        if day is None:
            return None
        trip = _trip(source, units, day)
        if trip is None:
            return None
        if free_on(source.steps(trip.arrives_on, share=share), trip.ships_on) >= units:
            return _Slice(units, 0, day, trip, 0, source)
        arrives_on = trip.arrives_on
    return None


def _trip(source: Source, units: int, ready_on: date) -> Trip | None:
    """The way to the customer: as late as the wish allows, else as soon as possible."""
    site, ask = source.site, source.ask
    work = source.work(units, ready_on)
    soonest = first_trip(site.house, work, now=site.now, not_before=ready_on, region=ask.region, way=ask.way)
    if soonest is None or ask.wanted_on is None or soonest.arrives_on >= ask.wanted_on:
        return soonest
    late = last_trip(
        site.house, work, now=site.now, not_before=ready_on, arrives_by=ask.wanted_on, region=ask.region, way=ask.way
    )
    return late or soonest


def _as_part(piece: _Slice, units: int, *, share: Share = Share.POLICY, stands_for: int = 0) -> Part:
    source, trip, upto = piece.source, piece.trip, piece.before + units
    needed = _needed(source, upto, trip, share)
    on_hand = free_on(source.steps(trip.arrives_on, without=_all(source)), trip.ships_on)
    chances = [c for s in needed if (c := source.chance_of(s, trip.ships_on)) is not None]
    sku = source.ask.sku
    if source.stock.item_id != source.ask.item_id:
        sku = next(s.sku for s in source.ask.substitutes if s.item_id == source.stock.item_id)
    return Part(
        item_id=source.stock.item_id,
        sku=sku,
        units=units,
        stands_for=stands_for or units,
        site_id=source.site.site_id,
        site=source.site.name,
        on_hand=max(0, min(units, on_hand - piece.before)),
        supplies=needed,
        ships_on=trip.ships_on,
        cut_off=trip.cut_off,
        service=trip.service,
        arrives_on=trip.arrives_on,
        bound=_bound(source, upto, trip, piece.ready_on, needed),
        chance=min(chances, key=lambda c: (c.percent or 0, c.of), default=None),
    )


def _all(source: Source) -> frozenset[tuple[str, int]]:
    return frozenset((s.kind, s.id) for s in source.supplies)


def _needed(source: Source, units: int, trip: Trip, share: Share) -> tuple[Supply, ...]:
    """The supplies without which so many units could not leave on the day; where others would do as well, the first.

    What comes later is none of them: it stands for somebody else, who lets his units go for it, and whose day it meets.
    """
    days = [(day, supply) for supply in source.supplies if (day := source.free_from(supply, share)) is not None]
    in_time = sorted((one for one in days if one[0] <= trip.ships_on), key=lambda one: (one[0], one[1].id))
    without: frozenset[tuple[str, int]] = frozenset()
    for _, supply in reversed(in_time):
        fewer = without | {(supply.kind, supply.id)}
        if free_on(source.steps(trip.arrives_on, share=share, without=fewer), trip.ships_on) >= units:
            without = fewer
    return tuple(supply for _, supply in in_time if (supply.kind, supply.id) not in without)


def _bound(source: Source, units: int, trip: Trip, ready_on: date, needed: tuple[Supply, ...]) -> Bound:
    """What would have to change for an earlier day."""
    site, ask = source.site, source.ask
    alone = first_trip(
        site.house, source.work(units, source.today), now=site.now, not_before=source.today, region=ask.region,
        way=ask.way,
    )  # fmt: skip
    soonest = alone
    if ready_on != source.today:
        work = source.work(units, ready_on)
        soonest = first_trip(site.house, work, now=site.now, not_before=ready_on, region=ask.region, way=ask.way)
    if soonest is not None and trip.ships_on > soonest.ships_on:
        return Bound(Binding.WISH, on=soonest.ships_on)
    if alone is not None and trip.ships_on > alone.ships_on:
        last = max(needed, key=lambda s: (source.free_from(s) or date.max, s.id), default=None)
        if last is not None:
            return Bound(Binding.SUPPLY, last.name, source.arrival_of(last).on, last.units)
        return Bound(Binding.STOCK, units=free_on(source.steps(trip.arrives_on), source.today), on=ready_on)
    if trip.reasons:
        reason: Reason = trip.reasons[-1]
        return Bound(Binding.HOUSE, reason.name, reason.on, why=reason.why, at=reason.at)
    return Bound(Binding.AHEAD, trip.service, trip.ships_on, at=trip.cut_off)


def _late(ask: Ask, arrives_on: date) -> int:
    return max(0, (arrives_on - ask.wanted_on).days) if ask.wanted_on else 0


def _slices(sources: list[Source]) -> list[_Slice]:
    """What becomes free, in order of arrival; of equals the site named first."""
    found = []
    for rank, source in enumerate(sources):
        before = 0
        for step in source.steps(source.ask.wanted_on or source.today):
            more = step.free - before
            if more <= 0:
                continue
            trip = _trip(source, more, step.on)
            if trip is not None:
                usable = min(more, free_on(source.steps(trip.arrives_on), trip.ships_on) - before)
                if usable > 0:
                    found.append(_Slice(usable, before, step.on, trip, rank, source))
                    before += usable
    return sorted(found, key=lambda s: (s.trip.arrives_on, s.trip.ships_on, s.rank))


def _taken(ask: Ask, own: list[_Slice]) -> tuple[list[_Slice], int]:
    """The slices that serve the ask as early as it can be, and the units that nothing serves."""
    left, taken = ask.units, []
    for piece in own:
        if not left:
            break
        units = min(left, piece.units)
        taken.append(piece._replace(units=units))
        left -= units
    return taken, left


def _split(ask: Ask, sources: list[Source], taken: list[_Slice], misses: int, one: Option) -> Option:
    """Each unit as early as it can be there, in few parts; what is there by the wanted day goes together."""
    if not ask.takes_parts:
        return Option(OptionKind.SPLIT, (), misses=0)
    if misses:
        on = max((piece.trip.arrives_on for piece in taken), default=None)
        return Option(OptionKind.SPLIT, (), misses=misses, most=ask.units - misses, most_on=on)
    groups: dict[tuple[int, date], list[_Slice]] = {}
    for piece in taken:
        groups.setdefault((piece.rank, piece.trip.ships_on), []).append(piece)
    parts = tuple(
        _as_part(pieces[-1]._replace(before=pieces[0].before), sum(p.units for p in pieces))
        for pieces in groups.values()
    )
    if len(parts) > MOST_PARTS:
        return Option(OptionKind.SPLIT, (), same_as=OptionKind.ONE_DAY)
    late = max(_late(ask, part.arrives_on) for part in parts)
    if one.parts and len(parts) == 1:
        return Option(
            OptionKind.SPLIT, parts, days_late=late, same_as=OptionKind.ONE_DAY, p50=one.p50, p90=one.p90
        )  # fmt: skip
    p50, p90 = _half_and_most(sources, parts)
    return Option(OptionKind.SPLIT, parts, days_late=late, p50=p50, p90=p90)


def _from_several(case: Case, ask: Ask, taken: list[_Slice], split: Option, alone: Option) -> Option:
    """All on one day from several sites, where none has it alone or where it is there sooner; else from the one."""
    if not ask.takes_parts or ask.allocated or not 1 < len({piece.rank for piece in taken}) <= MOST_PARTS:
        return alone
    if case.rule in ALONE_FIRST and (alone.parts or not split.parts):
        return alone
    day = max(piece.trip.arrives_on for piece in taken)
    if alone.arrives_on is not None and alone.arrives_on <= max(day, ask.wanted_on or day):
        return alone
    found = _together(case, ask, taken, split, day)
    if found is None:
        return alone
    return replace(found, alone=alone.parts[0] if alone.parts else None)


def _together(case: Case, ask: Ask, taken: list[_Slice], split: Option, day: date) -> Option | None:
    """From each of several sites its share, so that all of it arrives on a day. First comes the part that binds."""
    if split.parts and all(part.arrives_on == day for part in split.parts):
        return replace(split, kind=OptionKind.ONE_DAY, days_late=_late(ask, day))
    units: dict[int, int] = {}
    for piece in sorted(taken, key=lambda piece: piece.trip.arrives_on, reverse=True):
        site_id = piece.source.site.site_id
        units[site_id] = units.get(site_id, 0) + piece.units
    sources = {source.site.site_id: source for source in _sources(case, replace(ask, wanted_on=day), ask.item_id)}
    parts = [_part(sources[site_id], of_site, Share.POLICY) for site_id, of_site in units.items()]
    found = tuple(part for part in parts if part is not None and part.arrives_on == day)
    if len(found) < len(parts):
        return None
    p50, p90 = _half_and_most(sources.values(), found)
    return Option(OptionKind.ONE_DAY, found, days_late=_late(ask, day), p50=p50, p90=p90)


def _with_substitutes(case: Case, ask: Ask, own: list[_Slice], one: Option) -> Option:
    """All of it by the wanted day, or sooner than without: what is there of the item, the rest by its substitutes."""
    others = [(sub, _slices(_sources(case, ask, sub.item_id))) for sub in ask.substitutes]
    days = sorted({s.trip.arrives_on for s in own} | {s.trip.arrives_on for _, found in others for s in found})
    for day in days:
        goal = max(day, ask.wanted_on or day)
        if one.arrives_on is not None and one.arrives_on <= goal:
            break
        option = _covered_by(ask, own, others, goal)
        if option is not None:
            return option
    return Option(OptionKind.SUBSTITUTE, ())


def _covered_by(
    ask: Ask, own: list[_Slice], others: list[tuple[Substitute, list[_Slice]]], goal: date
) -> Option | None:
    """The parts that bring everything by a day; None when not everything is covered."""
    left, parts, needs_consent = ask.units, [], False
    for piece in (s for s in own if s.trip.arrives_on <= goal):
        units = min(left, piece.units)
        if units:
            parts.append(_as_part(piece, units))
            left -= units
    for sub, found in others:
        for piece in (s for s in found if s.trip.arrives_on <= goal):
            times = min(left // sub.den, piece.units // sub.num)
            if times:
                part = _as_part(piece, times * sub.num, stands_for=times * sub.den)
                parts.append(part)
                left -= times * sub.den
                needs_consent = needs_consent or sub.needs_consent
    if left or all(part.item_id == ask.item_id for part in parts):
        return None
    late = max(_late(ask, part.arrives_on) for part in parts)
    consent = needs_consent and not ask.takes_substitutes
    return Option(OptionKind.SUBSTITUTE, tuple(parts), days_late=late, needs_consent=consent)


def _overload(case: Case, ask: Ask) -> Overload | None:
    """The day that would be too full if the first site did as asked: the day before the wanted one, or today."""
    if not ask.site_ids:
        return None
    site = case.site(ask.site_ids[0])
    house, today = site.house, site.now.date()
    source = Source(case, site, case.stock(ask.item_id, site.site_id), ask)
    work = source.work(ask.units, today)
    if ask.wanted_on is None:
        return overload(house, today, work.seconds, today=today)
    empty = replace(house, load={}, queue=0)
    trip = last_trip(
        empty, work, now=site.now, not_before=today, arrives_by=ask.wanted_on, region=ask.region, way=ask.way
    )
    return overload(house, trip.ships_on, work.seconds, today=today) if trip else None
