"""The small house on whose floor a scenario is played: its own sites, items, people and a virtual clock.

Every scenario gets a house of its own (codes carry the house's number), so that scenarios played one after another
in one throw-away database do not see each other, and nothing has to be deleted from an append-only ledger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from flowrack.integrations.masterdata import CustomerSpec, ItemSpec, MasterData, PlaceSpec, SupplierSpec, ZoneSpec
from flowrack.integrations.people import People
from flowrack.integrations.scenario import books
from flowrack.integrations.scenario.types import BadScenario, Event, Mismatch, Scenario
from flowrack.platform import outbox
from flowrack.platform.runner import Context
from flowrack.shared.check_digits import check_digit
from flowrack.shared.errors import FlowrackError

Request = TypeVar("Request")
Result = TypeVar("Result")

DAY_ZERO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday
PRODUCT = "product"
NOISE = Decimal("0.000001")
TRACKINGS = ("none", "lot", "serial")
COSTINGS = ("fifo", "average", "standard", "lot_actual")


@dataclass(slots=True)
class SiteOf:
    """A site of the house and its places."""

    name: str
    site_id: int
    dock_id: int
    review_id: int
    bins: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class ItemOf:
    """An item of the house; `packs` maps a pack's name in the scenario to base units."""

    name: str
    item_id: int
    sku: str
    tracking: str
    costing: str
    cost: Decimal | None
    has_expiry: bool
    packs: dict[str, int]


@dataclass(slots=True)
class Happening:
    """What an event left behind, for later events that speak of it."""

    word: str
    item: str
    site: str
    units: int
    move_ids: list[int] = field(default_factory=list)
    order_id: int = 0
    line_ids: list[int] = field(default_factory=list)
    unit_cost: Decimal | None = None
    place: str = ""
    lot: str = ""


class House:
    """State of one scenario while it is played. The words of the vocabulary are functions over this."""

    def __init__(self, scenario: Scenario, number: int, people: People) -> None:
        self.scenario = scenario
        self.scale = scenario.scale
        self.prefix = f"T{number}"
        self.people = people
        self.now = DAY_ZERO
        self.refusal: FlowrackError | None = None
        self.refusals: dict[str, bool] = {}
        self.sites: dict[str, SiteOf] = {}
        self.items: dict[str, ItemOf] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self.done: dict[str, Happening] = {}
        self.log: list[Happening] = []
        self.noted: dict[str, Any] = {}
        self._keys = 0
        self._made: dict[str, int] = {}
        self.master = MasterData(people, DAY_ZERO)

    # -- commands and time ---------------------------------------------------------------------------------------

    def do(self, command: Callable[[Context, Request], Result], role: str, request: Request) -> Result:
        """Run a command as the person with this role, at the scenario's time, under a fresh key."""
        self._keys += 1
        ctx = self.people.context(role, f"{self.prefix}:{self._keys}", self.now)
        return command(ctx, request)

    def at(self, event: Event) -> None:
        """Set the clock to the event's day (`day` or `in_day`, counted from the scenario's first); else a bit later."""
        day = event.args.get("day", event.args.get("in_day"))
        later = self.now + timedelta(minutes=1)
        self.now = later if day is None else DAY_ZERO + timedelta(days=int(day), minutes=self._keys % 60)

    def settle(self) -> None:
        """Let later stages react to what happened."""
        outbox.drain()

    # -- quantities ----------------------------------------------------------------------------------------------

    def units(self, quantity: Any, factor: int = 1) -> int:
        """A quantity of the scenario in base units; noise of binary floats counts as the whole number beside it."""
        exact = Decimal(str(quantity)).quantize(NOISE) * self.scale * factor
        if exact != exact.to_integral_value():
            raise BadScenario(f"{quantity} is not a whole number of base units.", fix="Write whole units.")
        return int(exact)

    def quantity(self, units: int) -> Decimal:
        """Base units as a quantity of the scenario."""
        return Decimal(units) / self.scale

    def base_cost(self, unit_cost: Any) -> Decimal:
        """A cost per unit of the scenario as a cost per base unit."""
        return Decimal(str(unit_cost)) / self.scale

    def scenario_cost(self, base_cost: Decimal) -> Decimal:
        """A cost per base unit as a cost per unit of the scenario."""
        return base_cost * self.scale

    # -- master data, made when it is first spoken of --------------------------------------------------------------

    def site(self, name: str = "") -> SiteOf:
        """The site of this name (the first one when none is named)."""
        name = name or next(iter(self.sites), "W")
        if name not in self.sites:
            code = f"{self.prefix}-{code_of(name)}"
            zones = [
                ZoneSpec("RCV", "Receiving", "receiving"),
                ZoneSpec("RSV", "Storage", "reserve"),
                ZoneSpec("FWD", "Pick faces", "forward_pick"),
                ZoneSpec("STG", "Staging", "staged"),
                ZoneSpec("RET", "Returns", "return_review"),
            ]
            places = [
                PlaceSpec("RCV", "DOCK-1", "door"),
                PlaceSpec("STG", "STAGE-1", "staging"),
                PlaceSpec("RET", "RETURN-1"),
            ]
            site_id, ids = self.master.site(code, name, zones, places)
            self.sites[name] = SiteOf(name, site_id, ids["DOCK-1"], ids["RETURN-1"])
        return self.sites[name]

    def bin(self, name: str = "", site: str = "", *, sequence: int = 0, hazard: str = "") -> int:
        """The bin of this name at a site; bins are walked in the order in which they were first named."""
        at = self.site(site)
        name = name or "STORAGE"
        if name not in at.bins:
            faces = self.scenario.given.get("order_point")
            zone = "FWD" if isinstance(faces, dict) and str(faces.get("location")) == name else "RSV"
            place = PlaceSpec(
                zone, code_of(name), pick_sequence=sequence or (len(at.bins) + 1) * 10, hazard_classes=hazard
            )
            at.bins[name] = self.master.places(at.site_id, [place])[code_of(name)]
        return at.bins[name]

    def item(self, name: Any = "") -> ItemOf:
        """The item of this name; the only or first one when none is named."""
        key = str(name) if name not in ("", None) else next(iter(self.products or self.items), PRODUCT)
        if key not in self.items:
            self.items[key] = self._make_item(key, self.products.get(key, {}))
        return self.items[key]

    def _make_item(self, name: str, given: dict[str, Any]) -> ItemOf:
        tracking = first_word(given.get("tracking", "")) or self._tracking_by_use()
        costing = first_word(given.get("costing", "")) or "fifo"
        if tracking not in TRACKINGS or costing not in COSTINGS:
            raise BadScenario(f"{name}: tracking {tracking} or costing {costing} is unknown.", fix="docs/scenarios.md")
        cost = self.base_cost(given["cost"]) if given.get("cost") is not None else None
        packs = {
            str(k): self.units(v) for k, v in {**given.get("packagings", {}), **given.get("conversions", {})}.items()
        }
        spec = ItemSpec(
            sku=f"{self.prefix}-{code_of(name)}",
            name=f"{name} of {self.scenario.id}",
            tracking=tracking,
            costing=costing,
            standard_cost=cost,
            list_price=self.base_cost(given["list_price"]) if "list_price" in given else None,
            packs=[
                *([("each", 1, self._gtin())] if given.get("gtin") else []),
                *(
                    (level, units, "")
                    for level, units in zip(("inner", "case", "layer", "pallet"), sorted(packs.values()), strict=False)
                    if units > 1
                ),
            ],
            has_expiry=bool(given.get("has_expiry", False)),
            hazard=str(given.get("hazard", "")),
            weight_g=int(Decimal(str(given["weight_kg"])) * 1000) if "weight_kg" in given else None,
        )
        item_id = self.master.items([spec])[spec.sku]
        return ItemOf(name, item_id, spec.sku, tracking, costing, cost, spec.has_expiry, packs)

    def _gtin(self) -> str:
        """The next GTIN of this house: its number, then that of the item."""
        digits = f"{int(self.prefix[1:]):08d}{len(self.items) + 1:04d}"
        return f"{digits}{check_digit(digits)}"

    def _tracking_by_use(self) -> str:
        """Items are tracked by lot when the scenario speaks of lots, by serial when of serials."""
        words = {key for event in self.scenario.events for key in event.args}
        stock = self.scenario.given.get("stock")
        for row in stock if isinstance(stock, list) else []:
            words |= set(row)
        if "serials" in words or "serial" in words:
            return "serial"
        return "lot" if words & {"lot", "batch", "expires_day", "expires_in_days"} else "none"

    def party(self, word: str, **terms: Any) -> tuple[str, int]:
        """Code and id of the house's supplier or of a customer with these terms."""
        code = f"{self.prefix}-{word}"
        if code not in self._made:
            if word == "SUPPLIER":
                self._made[code] = self.master.suppliers([SupplierSpec(code, "Supplier")])[code]
            elif word == "CARRIER":
                self._made[code] = self.master.carriers([code])[code]
            else:
                known = {**self.noted.get("customer_terms", {}), **terms}
                self._made[code] = self.master.customers([CustomerSpec(code, "Customer", **known)])[code]
        return code, self._made[code]

    def ready(self) -> None:
        """Make what no word of the set-up has made yet."""
        self.site()
        for name in self.products:
            self.item(name)

    def due_on(self, po_id: int) -> date:
        """The day on which a PO is due."""
        return books.due_on(po_id)

    def promised_units(self) -> int:
        """Units of all items that are promised."""
        return sum(p.committed for p in books.pools([i.item_id for i in self.items.values()]))

    # -- proof -----------------------------------------------------------------------------------------------------

    def fingerprint(self) -> str:
        """A hash of all stock, claims and values of the house's items."""
        return books.fingerprint([item.item_id for item in self.items.values()])

    def audit(self) -> None:
        """The books of the whole database must add up after every scenario."""
        findings = books.findings()
        if findings:
            raise Mismatch("verify", "nothing", "; ".join(findings))

    def remember(self, event: Event, happening: Happening) -> Happening:
        """Keep what an event left behind, under its name and as the latest of its word."""
        self.log.append(happening)
        if event.ref:
            self.done[event.ref] = happening
        return happening

    def of(self, name: Any) -> Happening:
        """The happening with this name."""
        if str(name) not in self.done:
            raise BadScenario(f"nothing is called {name}.", fix="Give the earlier event `ref: ...`.")
        return self.done[str(name)]


def code_of(name: str) -> str:
    """A location or site code from a scenario's name: "bin 2" becomes BIN-2."""
    return re.sub(r"[^A-Z0-9._/-]+", "-", str(name).upper()).strip("-./") or "X"


def first_word(text: Any) -> str:
    """The first word: "average per warehouse" is average, "serial (unit quantity 1)" is serial."""
    words = str(text or "").split()
    return words[0].lower() if words else ""
