"""From which site each order ships when sites take only so many orders a day: pure, deterministic.

Orders come in rank order. Each is placed if it can be, even when others must move to another of their sites for it; so
as many as possible are placed, and of those that compete the better rank. The sum of costs is the least for the placed
ones.

Method: successive shortest augmenting paths (Ford and Fulkerson; Tomizawa 1971) on the sites as nodes: a path is a
chain of orders that move on by one site each, its length what the moves cost. What can be placed is a transversal
matroid, so that taking orders in rank order leaves out no more than any other choice would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from flowrack.allocation.rules_sites import SitesCase, alone

MOST_NAMED = 3
MILLIONTHS = 10_000  # of a cent


class Demand(NamedTuple):
    """An order with the cost at each site that could send it, in millionths of the currency; `why` if there is none."""

    order: str
    costs: Mapping[str, int]
    why: str = ""


def demand_of(order: str, case: SitesCase) -> Demand:
    """An order with what it comes to from each site alone, as the choice of a site for one order counts it."""
    codes = {one.site_id: one.code for one in case.sites}
    return Demand(order, {codes[site_id]: plan.cost * MILLIONTHS for site_id, plan in alone(case).items()})


class Unplaced(NamedTuple):
    """An order that no site can send today, and why."""

    order: str
    why: str


@dataclass(slots=True)
class Sourced:
    """Which site sends which order, what could not be placed, and the cost of all, in millionths of the currency."""

    site_of: dict[str, str] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    cost: int = 0

    def load(self) -> dict[str, int]:
        """Orders by site."""
        found: dict[str, int] = {}
        for site in self.site_of.values():
            found[site] = found.get(site, 0) + 1
        return found


class _Network:
    """Sites with the orders that they hold, and for each pair of sites the cheapest order to move."""

    def __init__(self, demands: Sequence[Demand], capacity: Mapping[str, int]) -> None:
        self.demands = demands
        self.capacity = capacity
        self.sites = sorted(capacity)
        self.held: list[str] = [""] * len(demands)
        self.load = dict.fromkeys(self.sites, 0)
        self.moves: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def put(self, n: int, site: str) -> None:
        """Order `n` is sent by the site from now on."""
        before = self.held[n]
        if before:
            self.load[before] -= 1
        self.held[n] = site
        self.load[site] += 1
        costs = self.demands[n].costs
        for other in costs:
            if other != site and other in self.load:
                heappush(self.moves.setdefault((site, other), []), (costs[other] - costs[site], n))

    def cheapest(self, source: str, target: str) -> tuple[int, int] | None:
        """What it costs at least to move one order from a site to another, and which."""
        queue = self.moves.get((source, target))
        while queue and self.held[queue[0][1]] != source:
            heappop(queue)
        return queue[0] if queue else None

    def way(self, n: int) -> list[tuple[int, str]]:
        """The cheapest chain of moves that ends at a site with room: (order, site); empty when there is none."""
        costs = self.demands[n].costs
        reach = {site: costs[site] for site in self.sites if site in costs}
        came: dict[str, tuple[str, int]] = dict.fromkeys(reach, ("", n))
        for _ in self.sites:
            if not self._relax(reach, came):
                break
        open_sites = [(reach[site], site) for site in reach if self.load[site] < self.capacity[site]]
        if not open_sites:
            return []
        _, site = min(open_sites)
        chain: list[tuple[int, str]] = []
        while site:
            before, moved = came[site]
            chain.append((moved, site))
            site = before
        return chain

    def _relax(self, reach: dict[str, int], came: dict[str, tuple[str, int]]) -> bool:
        """One round over all pairs of sites; whether a shorter way was found."""
        found = False
        for source in list(reach):
            if self.load[source] < self.capacity[source]:
                continue  # a way ends where there is room: nothing is gained by going on
            for target in self.sites:
                step = self.cheapest(source, target) if target != source else None
                if step is not None and (target not in reach or reach[source] + step[0] < reach[target]):
                    reach[target] = reach[source] + step[0]
                    came[target] = (source, step[1])
                    found = True
        return found


def source(demands: Sequence[Demand], capacity: Mapping[str, int]) -> Sourced:
    """Place orders, given in rank order, at sites that take so many of them."""
    network = _Network(demands, capacity)
    found = Sourced()
    for n, demand in enumerate(demands):
        if not demand.costs:
            found.unplaced.append(Unplaced(demand.order, demand.why or "no site can send it"))
            continue
        chain = network.way(n)
        if not chain:
            found.unplaced.append(Unplaced(demand.order, _full(demand, capacity)))
        for moved, site in chain:
            network.put(moved, site)
    for n, site in enumerate(network.held):
        if site:
            found.site_of[demands[n].order] = site
            found.cost += demands[n].costs[site]
    return found


class Bottleneck(NamedTuple):
    """Sites that so many orders cannot go round, and how many of them they take: the rest can be placed by nobody."""

    sites: tuple[str, ...]
    orders: int
    capacity: int

    @property
    def short(self) -> int:
        """So many orders stay unplaced, whatever one does."""
        return self.orders - self.capacity


def bottleneck(demands: Sequence[Demand], capacity: Mapping[str, int], found: Sourced) -> Bottleneck | None:
    """Why not more could be placed; None when only orders that no site can send are left.

    The sites of the unplaced orders are full. So is each other site of an order that they hold, else it would have
    moved there; and so on. All orders that these sites hold, and those unplaced, can go to none but these (König 1931).
    """
    left = {one.order for one in found.unplaced}
    sites = {site for demand in demands if demand.order in left for site in demand.costs if site in capacity}
    if not sites:
        return None
    grows = True
    while grows:
        others = {
            site
            for demand in demands
            if found.site_of.get(demand.order) in sites
            for site in demand.costs
            if site in capacity
        }
        grows = not others <= sites
        sites |= others
    bound = [demand for demand in demands if demand.costs and sites.issuperset(demand.costs.keys() & capacity.keys())]
    return Bottleneck(tuple(sorted(sites)), len(bound), sum(capacity[site] for site in sites))


def _full(demand: Demand, capacity: Mapping[str, int]) -> str:
    named = ", ".join(f"{site} ({capacity.get(site, 0):,} a day)" for site in sorted(demand.costs)[:MOST_NAMED])
    return f"full with orders that rank before it or can go nowhere else: {named}"
