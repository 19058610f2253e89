"""The simulated world's dice and habits. Pure: the same seed and the same words give the same throw, always.

Nothing here is a fact of the history: costs, suppliers, packs, lead times and mistakes are synthetic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from flowrack.integrations.replay.types import SimItem, SimPack, SimSize, SimSupplier
from flowrack.shared.check_digits import check_digit

OF = 10_000  # chances are in ten-thousandths

ANONYMOUS = "COUNTER"
WEEKEND = 5  # date.weekday() of Saturday
SUPPLIERS: list[tuple[str, str, int, int, int, int, int]] = [
    # name, country, lead days, review weekday, late, short, over (chances in ten-thousandths)
    ("Alder & Voss Imports", "GB", 4, 0, 400, 150, 40),
    ("Bramley Glassworks", "GB", 6, 1, 900, 500, 60),
    ("Castelnuovo Ceramiche", "IT", 14, 2, 1500, 700, 50),
    ("Dragon Gate Trading", "CN", 30, 3, 2200, 900, 120),
    ("Eastfold Paper Mill", "GB", 3, 4, 300, 100, 20),
    ("Fjordlys Candles", "DK", 9, 0, 800, 300, 40),
    ("Gaillard Textiles", "FR", 10, 1, 1200, 400, 60),
    ("Hollis Tinware", "GB", 5, 2, 600, 250, 80),
    ("Indira Handicrafts", "IN", 28, 3, 2500, 1200, 150),
    ("Jansen Tuin & Huis", "NL", 8, 4, 500, 200, 30),
    ("Kowalski Wood", "PL", 12, 0, 1100, 600, 70),
    ("Lantern House", "GB", 4, 1, 350, 120, 20),
    ("Meridian Gifts", "GB", 7, 2, 700, 350, 40),
    ("Norrland Print", "SE", 11, 3, 600, 150, 10),
    ("Oakwell Toys", "GB", 6, 4, 1000, 450, 60),
    ("Porto Azul Cortica", "PT", 13, 0, 1300, 500, 40),
    ("Quayside Packaging", "GB", 3, 1, 250, 80, 30),
    ("Rosewood Living", "GB", 7, 2, 900, 300, 50),
]

FRESH_WORDS = ("CANDLE", "SOAP", "INCENSE", "CHOCOLATE", "TEA ", "BATH", "GUM", "T-LIGHT")
CASES = (SimPack(6, 24), SimPack(6, 48), SimPack(12, 48), SimPack(12, 96), SimPack(12, 144), SimPack(4, 16))


FIRST_NAMES = (
    "Alder", "Anchor", "Bellweather", "Birch", "Bluebell", "Bramble", "Bridge", "Calloway", "Cedar", "Chapel",
    "Clifton", "Copper", "Corner", "Dovecote", "Eastgate", "Elm", "Fennel", "Finch", "Foxglove", "Gable",
    "Garland", "Granary", "Harbour", "Hazel", "Heron", "Ivy", "Juniper", "Kingfisher", "Lantern", "Larkspur",
    "Linden", "Magpie", "Mallow", "Maple", "Meadow", "Mill", "Nettle", "Oak", "Orchard", "Pebble", "Penny",
    "Poppy", "Quill", "Riverside", "Robin", "Rosemary", "Saffron", "Salt", "Sparrow", "Station", "Stone",
    "Swallow", "Thistle", "Thyme", "Tinker", "Verity", "Violet", "Walnut", "Willow", "Wren",
)  # fmt: skip
TRADES = (
    "Gifts", "Homeware", "Stores", "Interiors", "Trading", "Emporium", "Garden Centre", "Tea Rooms", "Books & Cards",
    "Collective", "Country Store", "Market", "Living", "Deli", "Kitchen Shop", "Wholesale",
)  # fmt: skip


def customer_name(code: str) -> str:
    """A made-up name for a customer of the history, whom it only numbers. Different numbers, different names."""
    number = int(code) if code.isdigit() else 0
    first, second = FIRST_NAMES[number % 60], FIRST_NAMES[(number // 60 + 7) % 60]
    trade = TRADES[(number // 3600 + number) % 16]
    return f"{first} & {second} {trade}" if first != second else f"{first} {trade}"


def list_seconds(walk_mm: int, units: Sequence[int]) -> int:
    """Seconds that a pick list takes: to get cart and totes and to bring them away, to walk at a metre a second, and at
    each bin to find, take and scan: twelve, and a third of a second for each unit up to sixty."""
    return 150 + walk_mm // 1_000 + sum(12 + min(one, 60) // 3 for one in units)


def throw(seed: int, *words: object) -> int:
    """A throw of 0..9,999 that depends on the seed and the words only."""
    text = "\x1f".join([str(seed), *(str(w) for w in words)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % OF


def between(seed: int, low: int, high: int, *words: object) -> int:
    """A whole number from low to high, both included."""
    return low + throw(seed, *words) * (high - low + 1) // OF


def suppliers() -> dict[str, SimSupplier]:
    """The eighteen suppliers, the same in every world."""
    rows = {}
    for number, (name, country, lead, weekday, late, short, over) in enumerate(SUPPLIERS, 1):
        code = f"S{number:02d}"
        rows[code] = SimSupplier(code, name, country, lead, weekday, late, short, over)
    return rows


def derive_item(
    seed: int, *, sku: str, name: str, price: Decimal, velocity: str, units_first_month: int, units_in_all: int
) -> SimItem:
    """An item's synthetic side: bought at 45 to 70 percent of its price, packed by the dozen, from one supplier."""
    share = Decimal(between(seed, 45, 70, sku, "cost")) / 100
    unit_cost = max((price * share).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), Decimal("0.01"))
    fresh = any(word in name.upper() for word in FRESH_WORDS)
    method = throw(seed, sku, "costing")
    costing = "fifo" if method < 6_500 else "average" if method < 8_500 else "standard"
    codes = list(suppliers())
    return SimItem(
        sku=sku,
        name=name,
        price=price,
        unit_cost=unit_cost,
        supplier=codes[between(seed, 0, len(codes) - 1, sku, "supplier")],
        pack=CASES[between(seed, 0, len(CASES) - 1, sku, "pack")],
        velocity=velocity,
        costing=costing,
        tracking="lot" if fresh else "none",
        shelf_life_days=between(seed, 36, 72, sku, "life") * 10 if fresh else 0,
        units_first_month=units_first_month,
        units_in_all=units_in_all,
    )


def unit_size(seed: int, sku: str) -> SimSize:
    """How large and heavy one unit of an item is: gifts from a card to a jug."""
    length = between(seed, 6, 14, sku, "length") * 10
    width = between(seed, 4, 8, sku, "width") * 10
    height = between(seed, 1, 5, sku, "height") * 10
    return SimSize(length, width, height, between(seed, 4, 18, sku, "weight") * 10)


def opening_units(item: SimItem) -> int:
    """Stock on the first morning: what the first month sells, in whole inner packs, and one inner for luck."""
    inners = -(-item.units_first_month // item.pack.inner) + 1
    return inners * item.pack.inner


def opening_at(item: SimItem, percent: int) -> int:
    """The share of an item's opening stock that lies at a site, in whole inner packs."""
    wanted = opening_units(item) * percent // 100
    return -(-wanted // item.pack.inner) * item.pack.inner


def site_number(seed: int, *, sites: int, home_percent: int, country: str, customer: str, reference: str) -> int:
    """The site from which a customer buys, always the same one; a counter sale may be at any of those at home."""
    who = reference if customer == ANONYMOUS else customer
    if sites == 1 or (country == "GB" and throw(seed, who, "home") < home_percent * OF // 100):
        return 0
    return between(seed, 1, sites - 1, who, "site")


def opening_percent(number: int, sites: int, home_percent: int) -> int:
    """The share of the first month's sales that lies at a site: 90 percent go home, and every other site has spare."""
    if sites == 1:
        return 90
    away = 25 + 90 * (100 - home_percent) // (100 * (sites - 1))
    return 90 * home_percent // 100 if number == 0 else away


def delay_days(seed: int, supplier: SimSupplier, order_key: str) -> int:
    """How many days after its due date a delivery comes; 0 mostly, early (one day) now and then."""
    luck = throw(seed, supplier.code, order_key, "delay")
    if luck < supplier.late:
        return between(seed, 1, max(2, supplier.lead_days // 3), supplier.code, order_key, "days late")
    return -1 if luck > 9_300 and supplier.lead_days > 3 else 0


def delivered_units(seed: int, supplier: SimSupplier, order_key: str, *, sku: str, wanted: int, case: int) -> int:
    """What is really on the truck for one line: mostly all; some short; now and then a hand more than was ordered."""
    luck = throw(seed, supplier.code, order_key, sku, "units")
    if luck < supplier.short:
        missing = between(seed, 1, 40, supplier.code, order_key, sku, "missing")
        return wanted - max(1, wanted * missing // 100)
    if luck < supplier.short + supplier.over:
        return wanted + min(case, wanted * 2 // 100)
    return wanted


def found_at_pick(seed: int, on: str, order_line: str, wanted: int, accuracy: int = 9_985) -> int:
    """How many units the picker finds: all but in 15 of 10,000 picks, where up to half are missing."""
    if throw(seed, on, order_line, "pick") < accuracy or wanted == 0:
        return wanted
    return wanted - max(1, wanted * between(seed, 1, 50, on, order_line, "missing") // 100)


def gtins(skus: Iterable[str]) -> dict[str, str]:
    """A GTIN-13 for each item under 952, which GS1 keeps for demonstrations: a barcode that no real product has.

    It depends on the SKU; only where two SKUs meet in one number, the later one in order takes the next.
    """
    taken: dict[int, str] = {}
    for sku in sorted(skus):
        number = int.from_bytes(hashlib.blake2b(sku.encode(), digest_size=8).digest(), "big") % 10**9
        while number in taken:
            number = (number + 1) % 10**9
        taken[number] = sku
    return {sku: _closed(f"952{number:09d}") for number, sku in taken.items()}


def pack_gtin(gtin: str, indicator: int) -> str:
    """The GTIN-14 of a bigger pack of an item: another indicator in front, another check digit behind."""
    return _closed(f"{indicator}{gtin[:-1]}")


def closed_days(worked: Collection[date]) -> tuple[date, ...]:
    """Weekdays between the first and the last day of a history on which nobody ordered: the holidays of its house.

    Where customers order on fewer than four weekdays in five, a day without orders says nothing, and none is closed.
    """
    first, last = min(worked), max(worked)
    weekdays = [on for on in (first + timedelta(days=n) for n in range((last - first).days)) if on.weekday() < WEEKEND]
    closed = tuple(on for on in weekdays if on not in worked)
    return closed if len(closed) * 5 <= len(weekdays) else ()


def _closed(digits: str) -> str:
    return f"{digits}{check_digit(digits)}"


def face_levels(item: SimItem) -> tuple[int, int]:
    """The minimum and maximum of an item's pick face: a third of a week's sales and a week's, in whole inner packs."""
    inners = max(3, -(-item.units_first_month // (4 * item.pack.inner)))
    return -(-inners // 3) * item.pack.inner, inners * item.pack.inner


def velocity_classes(value_by_sku: dict[str, Decimal]) -> dict[str, str]:
    """ABC by value: A makes the first 80 percent, B the next 15, C the rest. Ties go by code."""
    whole = sum(value_by_sku.values(), Decimal(0))
    classes = {}
    running = Decimal(0)
    for sku in sorted(value_by_sku, key=lambda s: (-value_by_sku[s], s)):
        running += value_by_sku[sku]
        share = running * 100 / whole if whole else Decimal(100)
        classes[sku] = "A" if share <= 80 else "B" if share <= 95 else "C"
    return classes


def tiers(value_by_customer: dict[str, Decimal]) -> dict[str, str]:
    """Customer tiers by rank of what they buy: the first tenth A, the next three tenths B, the rest C."""
    ranked = sorted(value_by_customer, key=lambda c: (-value_by_customer[c], c))
    count = len(ranked)
    return {c: "A" if i * 10 < count else "B" if i * 10 < count * 4 else "C" for i, c in enumerate(ranked)}


def days_ahead(seed: int, reference: str, tier: str) -> int:
    """How many days after its entry an order is wanted: one in five of tier A and one in ten of tier B 9 to 20 days."""
    chance = {"A": 2_000, "B": 1_000}.get(tier, 0)
    return between(seed, 9, 20, reference, "days ahead") if throw(seed, reference, "ahead") < chance else 0


def takes_variants(seed: int, customer: str) -> bool:
    """Whether a customer takes another variant of an item: three in ten do."""
    return throw(seed, customer, "variants") < 3_000


def variants(skus: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of items that are variants of each other: the same five digits and another letter (21931A, 21931B). Each
    may be sent for the one before it, the last for none, so that nobody goes round in circles."""
    of_number: dict[str, list[str]] = {}
    for sku in sorted(skus):
        if sku[:5].isdigit():
            of_number.setdefault(sku[:5], []).append(sku)
    return [pair for of in of_number.values() for pair in pairwise(of)]


def disposition(seed: int, reference: str, sku: str) -> str:
    """What becomes of a return: mostly sound, some damaged, a few scrapped."""
    luck = throw(seed, reference, sku, "disposition")
    return "restock" if luck < 8_200 else "damaged" if luck < 9_400 else "scrap"
