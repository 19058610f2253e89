"""The floor as a graph: how far it is from any place to any other along the aisles, one-way aisles obeyed. Pure.

Aisles are nodes where they cross and ways between the crossings. A place is a point of an aisle; a place that lies in
none (a door, a staging place) is reached from the nearest point of the nearest aisle.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from flowrack.walks.types import Aisle, Heading, Layout, OneWay, Point, Spot

FAR = 1 << 60
Ends = list[tuple[int, int]]  # crossings and millimetres


@dataclass(frozen=True, slots=True)
class Stand:
    """A spot on the graph: in which aisle, how far along, and how far off it; the crossings before and behind."""

    aisle: int
    along: int
    off: int
    leave: Ends
    reach: Ends


class Floor:
    """A layout ready to be walked. Make one per layout and keep it: the ways between crossings are found once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.aisles = layout.aisles
        self.crossings: list[list[tuple[int, int]]] = [[] for _ in self.aisles]  # by aisle: along, node
        self.nodes = _cross(self.aisles, self.crossings)
        self.is_symmetric = all(aisle.one_way == OneWay.BOTH for aisle in self.aisles)
        self.hops = _all_ways(self._edges())
        self._stands: dict[int, Stand] = {}
        self.start, self.end = self.stand(layout.start), self.stand(layout.end)

    def _edges(self) -> list[Ends]:
        edges: list[Ends] = [[] for _ in self.nodes]
        for aisle, crossings in zip(self.aisles, self.crossings, strict=True):
            for (a, one), (b, other) in itertools.pairwise(crossings):
                if aisle.one_way != OneWay.BACKWARD:
                    edges[one].append((other, b - a))
                if aisle.one_way != OneWay.FORWARD:
                    edges[other].append((one, b - a))
        return edges

    def stand(self, spot: Spot) -> Stand:
        """Where on the graph a spot is."""
        aisle, along, off = spot.aisle, spot.along_mm, 0
        if aisle < 0:
            if not self.aisles:
                return Stand(-1, 0, 0, [], [])
            point = (spot.x_mm, spot.y_mm)
            off, _, aisle, along = min((beside[0], not one.is_cross, n, beside[1])
                                       for n, one in enumerate(self.aisles)
                                       for beside in [_beside(point, one)])  # fmt: skip
        one_way = self.aisles[aisle].one_way
        before = [(node, along - at) for at, node in self.crossings[aisle] if at <= along][-1:]
        behind = [(node, at - along) for at, node in self.crossings[aisle] if at >= along][:1]
        if before and before == behind:  # at a crossing every way is open
            return Stand(aisle, along, off, before, before)
        leave = (before if one_way != OneWay.FORWARD else []) + (behind if one_way != OneWay.BACKWARD else [])
        reach = (before if one_way != OneWay.BACKWARD else []) + (behind if one_way != OneWay.FORWARD else [])
        return Stand(aisle, along, off, leave, reach)

    def at(self, location_id: int) -> Stand:
        """Where on the graph a place is."""
        found = self._stands.get(location_id)
        if found is None:
            found = self._stands[location_id] = self.stand(self.layout.spots[location_id])
        return found

    def mm(self, one: Stand, other: Stand) -> int:
        """Millimetres from one spot to another."""
        off = one.off + other.off
        best = FAR
        if one.aisle == other.aisle:
            if one.along == other.along and off == 2 * one.off:
                return 0 if one.off == 0 else off
            way = OneWay.BOTH if one.aisle < 0 else self.aisles[one.aisle].one_way
            ahead = other.along - one.along
            if way == OneWay.BOTH or (ahead >= 0) == (way == OneWay.FORWARD) or ahead == 0:
                return off + abs(ahead)
        for node, first in one.leave:
            hops = self.hops[node]
            for last_node, last in other.reach:
                found = first + hops[last_node] + last
                best = min(best, found)
        return off + best if best < FAR else FAR

    def matrix(self, stands: Sequence[Stand]) -> list[list[int]]:
        """Millimetres from each spot to each other."""
        mm = self.mm
        if not self.is_symmetric:
            return [[mm(a, b) if a is not b else 0 for b in stands] for a in stands]
        table = [[0] * len(stands) for _ in stands]
        for i, a in enumerate(stands):
            row = table[i]
            for j in range(i):
                if a is not stands[j]:
                    row[j] = table[j][i] = mm(a, stands[j])
        return table

    def way(self, one: Stand, other: Stand) -> list[Point]:
        """The corners of the shortest way between two spots, for drawing it."""
        if one.aisle == other.aisle and self.mm(one, other) == one.off + other.off + abs(one.along - other.along):
            return [self.point(one), self.point(other)]
        best = min(
            ((a + self.hops[n][m] + b, n, m) for n, a in one.leave for m, b in other.reach), default=(FAR, -1, -1)
        )
        if best[0] >= FAR:
            return [self.point(one), self.point(other)]
        return [self.point(one), *self._between(best[1], best[2]), self.point(other)]

    def _between(self, node: int, last: int) -> list[Point]:
        found = [self.nodes[node]]
        edges = self._edges()
        while node != last:
            rest = self.hops[node][last]
            node = next(n for n, mm in edges[node] if mm + self.hops[n][last] == rest)
            found.append(self.nodes[node])
        return found

    def point(self, stand: Stand) -> Point:
        """The point of the floor where somebody stands in the aisle."""
        return along(self.aisles[stand.aisle], stand.along) if stand.aisle >= 0 else (0, 0)


def along(aisle: Aisle, mm: int) -> Point:
    """The point of the floor so far from the beginning of an aisle."""
    dx, dy = DIRECTION[aisle.heading]
    return aisle.x_mm + dx * mm, aisle.y_mm + dy * mm


DIRECTION = {Heading.NORTH: (0, 1), Heading.EAST: (1, 0), Heading.SOUTH: (0, -1), Heading.WEST: (-1, 0)}


def is_upright(aisle: Aisle) -> bool:
    """Whether an aisle runs north or south."""
    return DIRECTION[aisle.heading][0] == 0


def _beside(point: Point, aisle: Aisle) -> tuple[int, int]:
    """How far a point lies off an aisle, and how far along the nearest point of the aisle is."""
    dx, dy = DIRECTION[aisle.heading]
    x, y = point[0] - aisle.x_mm, point[1] - aisle.y_mm
    at = min(max(x * dx + y * dy, 0), aisle.length_mm)
    return abs(x - dx * at) + abs(y - dy * at), at


def _cross(aisles: Sequence[Aisle], crossings: list[list[tuple[int, int]]]) -> list[Point]:
    """The points where aisles cross; enters each into the lists of both aisles."""
    nodes: dict[Point, int] = {}
    for i, one in enumerate(aisles):
        for j in range(i):
            if is_upright(one) == is_upright(aisles[j]):
                continue
            upright, flat = (one, aisles[j]) if is_upright(one) else (aisles[j], one)
            point = (upright.x_mm, flat.y_mm)
            if _beside(point, upright)[0] == 0 and _beside(point, flat)[0] == 0:
                node = nodes.setdefault(point, len(nodes))
                crossings[i].append((_beside(point, one)[1], node))
                crossings[j].append((_beside(point, aisles[j])[1], node))
    for found in crossings:
        found[:] = sorted(set(found))
    return list(nodes)


def _all_ways(edges: Sequence[Ends]) -> list[list[int]]:
    """Shortest ways from every crossing to every other (Dijkstra)."""
    table = []
    for start in range(len(edges)):
        way = [FAR] * len(edges)
        way[start] = 0
        waiting = [(0, start)]
        while waiting:
            mm, node = heappop(waiting)
            if mm > way[node]:
                continue
            for other, more in edges[node]:
                if mm + more < way[other]:
                    way[other] = mm + more
                    heappush(waiting, (mm + more, other))
        table.append(way)
    return table
