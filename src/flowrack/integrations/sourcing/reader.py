"""Reads a day of orders with the sites that could send them: six tables as CSV in one directory.

`order_list` (order, service, customer, item, destination, units, weight), `products_per_plant`, `wh_capacities` (orders
a day), `wh_costs` (per unit), `plant_ports`, `vmi_customers` (such a site serves only those) and `freight_rates` (lanes
by weight band). The column names are those of the published example; a table that lacks one is refused with its name.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flowrack.allocation.rules_sites import Reach, SiteOffer, SitesCase, Want, to_cents
from flowrack.allocation.rules_sourcing import Demand, demand_of
from flowrack.allocation.types_rules import SiteRule
from flowrack.shared.errors import Invalid

MILLION = 1_000_000
THE_DAY = date(2000, 1, 3)  # the tables are of one day
COLLECTED = "CRF"  # the customer fetches his goods: no freight


class BadNetwork(Invalid):
    """A table is missing, lacks a column, or holds what is no number."""

    code = "bad_network"


@dataclass(slots=True)
class Network:
    """Sites by what they can do."""

    capacity: dict[str, int] = field(default_factory=dict)
    unit_cost: dict[str, Decimal] = field(default_factory=dict)
    sites_of: dict[str, list[str]] = field(default_factory=dict)
    ports: dict[str, list[str]] = field(default_factory=dict)
    only_for: dict[str, set[str]] = field(default_factory=dict)
    lanes: dict[tuple[str, str, str], list[tuple[Decimal, Decimal, Decimal, Decimal]]] = field(default_factory=dict)


def read(folder: Path) -> tuple[list[Demand], Network]:
    """The orders in the order of the file, with what each would cost from every site that may send it."""
    network = _network(folder)
    names = ("Order ID", "Service Level", "Customer", "Product ID", "Destination Port", "Unit quantity", "Weight")
    demands = []
    freight: dict[tuple[str, str, str, Decimal], Decimal | None] = {}
    for line, row in _rows(folder, "order_list.csv", names):
        order, service, customer, item, target = row[:5]
        units, weight = (
            _number("order_list.csv", line, name, text) for name, text in zip(names[5:], row[5:], strict=True)
        )
        demands.append(_demand(network, freight, order, service, customer, item, target, units, weight))
    return demands, network


def _demand(
    network: Network,
    freight: dict[tuple[str, str, str, Decimal], Decimal | None],
    order: str,
    service: str,
    customer: str,
    item: str,
    target: str,
    units: Decimal,
    weight: Decimal,
) -> Demand:
    carries = network.sites_of.get(item, [])
    if not carries:
        return Demand(order, {}, f"no site carries {item}")
    may = [site for site in carries if site not in network.only_for or customer in network.only_for[site]]
    if not may:
        return Demand(order, {}, f"{', '.join(carries)} carry {item}, but serve other customers only")
    costs: dict[str, int] = {}  # in cents
    for site in may:
        key = (site, target, service, weight)
        if key not in freight:
            freight[key] = Decimal(0) if service == COLLECTED else _freight(network, *key)
        carriage = freight[key]
        if carriage is not None and site in network.capacity:
            costs[site] = to_cents(network.unit_cost.get(site, Decimal(0)) * units + carriage)
    if not costs:
        return Demand(order, {}, f"no carrier takes {weight} kg by {service} from {', '.join(may)}")
    return demand_of(order, _case(item, int(units), costs))


def _case(item: str, units: int, costs: dict[str, int]) -> SitesCase:
    """An order as the choice of its site sees it: every site that carries it has all of it, on the day."""
    there = (Reach(THE_DAY, units),)
    sites = tuple(SiteOffer(n, site, 0, cents, there) for n, (site, cents) in enumerate(costs.items(), start=1))
    wants = (Want(0, item, units, 0, may_split=False),)
    return SitesCase(THE_DAY, 0, False, wants, sites, (), SiteRule("cheapest"))


def _freight(network: Network, site: str, target: str, service: str, weight: Decimal) -> Decimal | None:
    """The cheapest carriage from a site's ports; None where no lane takes the weight."""
    offers = [
        max(minimum, rate * weight)
        for port in network.ports.get(site, [])
        for least, most, minimum, rate in network.lanes.get((port, target, service), [])
        if least <= weight <= most
    ]
    return min(offers, default=None)


def _network(folder: Path) -> Network:
    found = Network()
    for line, (site, orders) in _rows(folder, "wh_capacities.csv", ("Plant ID", "Daily Capacity")):
        found.capacity[site] = int(_number("wh_capacities.csv", line, "Daily Capacity", orders))
    for line, (site, cost) in _rows(folder, "wh_costs.csv", ("WH", "Cost/unit")):
        found.unit_cost[site] = _number("wh_costs.csv", line, "Cost/unit", cost)
    sites = defaultdict(set)
    for _, (site, item) in _rows(folder, "products_per_plant.csv", ("Plant Code", "Product ID")):
        sites[item].add(site)
    found.sites_of = {item: sorted(of_item) for item, of_item in sites.items()}
    for _, (site, port) in _rows(folder, "plant_ports.csv", ("Plant Code", "Port")):
        found.ports.setdefault(site, []).append(port)
    for _, (site, customer) in _rows(folder, "vmi_customers.csv", ("Plant Code", "Customers")):
        found.only_for.setdefault(site, set()).add(customer)
    names = ("orig_port_cd", "dest_port_cd", "svc_cd", "minm_wgh_qty", "max_wgh_qty", "minimum cost", "rate")
    for line, (origin, target, service, *numbers) in _rows(folder, "freight_rates.csv", names):
        least, most, minimum, rate = (
            _number("freight_rates.csv", line, name, text) for name, text in zip(names[3:], numbers, strict=True)
        )
        found.lanes.setdefault((origin, target, service), []).append((least, most, minimum, rate))
    return found


def _rows(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Line number and the named columns of each row."""
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [column for column in columns if column not in (table.fieldnames or [])]
            if missing:
                raise BadNetwork(f"{name} has no column {', '.join(missing)}.", fix="Write its header as documented.")
            for line, row in enumerate(table, start=2):
                yield line, [(row[column] or "").strip() for column in columns]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadNetwork(f"{name} cannot be read: {error}", fix="Put all six tables into one directory.") from None


def _number(name: str, line: int, column: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise BadNetwork(f"{name}, line {line}: {column} “{text}” is no amount.", fix="Write a number of 0 or more.")
    return found
