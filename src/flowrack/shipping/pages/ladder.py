"""The ladder of one order line: who gets which stock, what comes next, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from flowrack.allocation import queries as rivals
from flowrack.allocation import queries_certificates as certificates
from flowrack.allocation import queries_now
from flowrack.allocation.queries import Ladder, RankedClaim, Supply
from flowrack.allocation.rules import spread
from flowrack.catalog import queries as catalog
from flowrack.ledger import queries as ledger
from flowrack.locations import queries as places
from flowrack.platform.http import now
from flowrack.platform.web import ladder as drawing
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import day, number
from flowrack.platform.web.record import Table
from flowrack.purchasing import queries_pages as purchasing
from flowrack.purchasing.queries_pages import Incoming
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.storage import queries_transfers as transfers

MOST_CLAIMS, MOST_LOTS, MOST_ADVICE = 7, 6, 4
PICKED, FREE, OTHERS, LOTS = "picked", "free", "others", "lots"

SUPPLY_COLUMNS = [
    Column("lot", "Lot", kind="code", value=lambda r: r.lot or "no lot"),
    Column("expires_on", "Expires", kind="date"),
    Column("allocatable", "Can be promised", kind="number"),
    Column("committed", "Promised", kind="number"),
    Column("blocked", "Cannot be promised", kind="number", value=lambda r: r.blocked or None),
    Column("blocked_as", "Because", wide=True),
]
CLAIM_COLUMNS = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("requested_on", "Wanted", kind="date"),
    Column("wanted", "Units", kind="number"),
    Column("promised", "Reserved", kind="number", value=lambda r: r.promised or None),
    Column("picked", "Picked", kind="number", value=lambda r: r.picked or None),
    Column("waiting", "Waits", kind="number", value=lambda r: r.waiting or None),
]
COMING_COLUMNS = [
    Column("number", "PO", kind="code", link=lambda r: reverse("purchasing_po", args=[r.po_id])),
    Column("supplier", "Supplier", wide=True),
    Column("due_on", "Due", kind="date"),
    Column("units", "Units", kind="number"),
]


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that would change how the line stands: what, what follows, where to do it."""

    what: str
    effect: str
    verb: str
    url: str


@dataclass(slots=True)
class LadderView:
    """The picture, its twin tables, and what would change it."""

    line: LineRow
    picture: SafeString
    tables: list[Table]
    advice: list[Advice] = field(default_factory=list)
    why_url: str = ""  # ranks, scores and what has changed since, where a run decided the line


def ladder_of(head: OrderHead, line: LineRow, today: date, *, is_looked_at: bool, held: str = "") -> LadderView:
    """The ladder of a line of an order, as things stand now. Eight queries, and more where a rule set decides.

    `is_looked_at`: stock was looked for already, so that what is free was left for a reason. `held`: why the line is on
    hold, for then nothing but its release changes anything.
    """
    found = rivals.ladder(line.item_id, head.site_id)
    places = queries_now.places_by_rules(line.item_id, head.site_id, now())
    found.claims.sort(key=lambda claim: places.get(claim.line_id, len(places)))
    coming = purchasing.incoming(line.item_id, head.site_id)
    shown = _Shown(head, line, found, coming, today)
    elsewhere = _elsewhere(line.item_id, head.site_id)
    sentence = f"Supply of {line.sku} on the left joined to claims on the right; the same facts are in the tables below"
    picture = drawing.draw(
        shown.sources(), shown.claims(), shown.ribbons(), _unused(head, line, found.supply, elsewhere, today),
        unit=line.base_uom, sentence=sentence,
    )  # fmt: skip
    tables = [
        Table(f"Supply of {line.sku}", SUPPLY_COLUMNS, found.supply, empty="Nothing of this item is at the site."),
        Table(f"Claims on {line.sku}", CLAIM_COLUMNS, found.claims),
    ]
    if coming:
        tables.append(Table(f"{line.sku} on order", COMING_COLUMNS, coming))
    if held:
        board = f"{reverse('sales_holds')}?q={head.number}&state=open"
        way = Advice("Release the hold", f"{held} Nothing is reserved before.", "Its holds", board)
        return LadderView(line, picture, tables, [way], _why_url(line))
    advice = _advice(head, line, found, coming, elsewhere)
    ways = [*([] if is_looked_at else _reserve(line, found)), *advice][:MOST_ADVICE]
    return LadderView(line, picture, tables, ways, _why_url(line))


def _why_url(line: LineRow) -> str:
    return reverse("allocation_why", args=[line.line_id]) if certificates.is_certified(line.line_id) else ""


class _Shown:
    """What of a ladder fits into the picture: the first claims and ours, the first lots; the rest is summed up."""

    def __init__(self, head: OrderHead, line: LineRow, found: Ladder, coming: Sequence[Incoming], today: date) -> None:
        self.head, self.line, self.found, self.today = head, line, found, today
        first = found.claims[:MOST_CLAIMS]
        self.top = first + [c for c in found.claims[MOST_CLAIMS:] if c.order_id == head.order_id]
        self.rest = [c for c in found.claims if c not in self.top]
        pools = [s for s in found.supply if s.allocatable or s.committed]
        self.pools, self.more_pools = pools[:MOST_LOTS], pools[MOST_LOTS:]
        waiting = [(c.line_id, c.waiting) for c in found.claims]
        self.shares = spread(waiting, [(n, i.units) for n, i in enumerate(coming)])
        used = {delivery for delivery, _, _ in self.shares}
        self.coming = {n: incoming for n, incoming in enumerate(coming) if n in used}

    def _claim_key(self, line_id: int) -> object:
        return line_id if any(c.line_id == line_id for c in self.top) else OTHERS

    def sources(self) -> list[drawing.Source]:
        """Lots in the order in which they are taken, picked goods, deliveries that are waited for."""
        rows = [
            drawing.Source(
                s.pool_id, s.lot or "In stock", f"expires {day(s.expires_on)}" if s.expires_on else "in the bins",
                max(s.allocatable, s.committed),
            )
            for s in self.pools
        ]  # fmt: skip
        if self.more_pools:
            units = sum(max(s.allocatable, s.committed) for s in self.more_pools)
            rows.append(drawing.Source(LOTS, f"{len(self.more_pools)} more lots", "later dates", units))
        picked = sum(c.picked for c in self.found.claims)
        if picked:
            rows.append(drawing.Source(PICKED, "Picked", "stands ready, never moves", picked))
        for n, incoming in self.coming.items():
            late = "was due" if incoming.due_on < self.today else "due"
            url = reverse("purchasing_po", args=[incoming.po_id])
            rows.append(
                drawing.Source(("po", n), incoming.number, f"{late} {day(incoming.due_on)}", incoming.units, url)
            )
        return rows

    def claims(self) -> list[drawing.Claim]:
        """The first claims and ours, the others together, and what nobody was promised."""
        rows = [self._claim(c) for c in self.top]
        if self.rest:
            units = sum(c.wanted for c in self.rest)
            waits = sum(c.waiting for c in self.rest)
            said = f"{number(units - waits)} held, {number(waits)} wait" if waits else "all held"
            rows.append(drawing.Claim(OTHERS, "Others", f"{len(self.rest)} claims", "rank lower", units, said))
        free = sum(ribbon.units for ribbon in self._free())
        if free:
            rows.append(drawing.Claim(FREE, "Free", "not yet promised", "", free))
        return rows

    def _claim(self, claim: RankedClaim) -> drawing.Claim:
        parts = ((claim.picked, "picked"), (claim.promised, "reserved"), (claim.waiting, "wait"))
        return drawing.Claim(
            claim.line_id, claim.number, claim.customer, f"tier {claim.tier}, {day(claim.requested_on)}",
            claim.picked + claim.promised + claim.waiting,
            ", ".join(f"{number(units)} {word}" for units, word in parts if units),
            is_ours=claim.order_id == self.head.order_id,
            lacks=claim.waiting > 0,
            url=reverse("sales_order", args=[claim.order_id]),
        )  # fmt: skip

    def ribbons(self) -> list[drawing.Ribbon]:
        """Promises, picked goods, expectations, and what is free."""
        sums: dict[tuple[object, object, bool], int] = {}

        def add(source: object, claim: object, units: int, *, expected: bool = False) -> None:
            key = (source, claim, expected)
            sums[key] = sums.get(key, 0) + units

        shown = {s.pool_id for s in self.pools}
        lines = {c.line_id for c in self.found.claims}
        for (pool_id, line_id), units in self.found.promised.items():
            if line_id in lines:
                add(pool_id if pool_id in shown else LOTS, self._claim_key(line_id), units)
        for claim in self.found.claims:
            if claim.picked:
                add(PICKED, self._claim_key(claim.line_id), claim.picked)
        for delivery, line_id, units in self.shares:
            add(("po", delivery), self._claim_key(line_id), units, expected=True)
        for ribbon in self._free():
            add(ribbon.source, FREE, ribbon.units, expected=ribbon.is_expected)
        return [drawing.Ribbon(source, claim, units, expected) for (source, claim, expected), units in sums.items()]

    def _free(self) -> list[drawing.Ribbon]:
        rows = [drawing.Ribbon(s.pool_id, FREE, s.allocatable - s.committed) for s in self.pools]
        rows += [drawing.Ribbon(LOTS, FREE, s.allocatable - s.committed) for s in self.more_pools]
        for n, incoming in self.coming.items():
            spoken_for = sum(units for delivery, _, units in self.shares if delivery == n)
            rows.append(drawing.Ribbon(("po", n), FREE, incoming.units - spoken_for, is_expected=True))
        return [ribbon for ribbon in rows if ribbon.units > 0]


def _elsewhere(item_id: int, site_id: int) -> list[tuple[int, str, int]]:
    """Free units at other sites: id, code and units."""
    codes = {s.site_id: s.code for s in places.sites()}
    rows = ledger.by_state([item_id])
    return [(r.site_id, codes[r.site_id], r.free) for r in rows if r.site_id != site_id and r.free > 0]


def _unused(
    head: OrderHead, line: LineRow, supply: Sequence[Supply], elsewhere: Sequence[tuple[int, str, int]], today: date
) -> list[drawing.Unused]:
    rows = []
    for pool in supply:
        left = (pool.expires_on - today).days if pool.expires_on else None
        free = pool.allocatable - pool.committed
        if free > 0 and left is not None and left < head.min_life_days:
            why = f"{left} days left, this customer needs {head.min_life_days}"
            rows.append(drawing.Unused(pool.lot, f"{number(free)} {line.base_uom}", why))
        if pool.blocked:
            rows.append(
                drawing.Unused(pool.lot or "In the house", f"{number(pool.blocked)} {line.base_uom}", pool.blocked_as)
            )
    rows += [
        drawing.Unused(code, f"{number(free)} {line.base_uom} free", "at another site: needs a transfer")
        for _, code, free in elsewhere
    ]
    return rows[:8]


def _reserve(line: LineRow, found: Ladder) -> list[Advice]:
    """What is free here, for a line for which nobody has looked for stock yet."""
    free = sum(pool.allocatable - pool.committed for pool in found.supply)
    units = min(free, line.waiting)
    if units <= 0:
        return []
    told = f"{number(free)} are free here; they are reserved when somebody reserves stock for the order."
    return [Advice(f"Reserve {number(units)}", told, "To the button", "#main")]


def _advice(
    head: OrderHead,
    line: LineRow,
    found: Ladder,
    coming: Sequence[Incoming],
    elsewhere: Sequence[tuple[int, str, int]],
) -> list[Advice]:
    """What a person can do so that the line gets more, nearest first; nothing for a line that lacks nothing."""
    if not line.waiting:
        return []
    rows = []
    for pool in found.supply:
        if pool.mendable:
            rows.append(
                Advice(
                    f"Make {number(pool.mendable)} of {pool.lot or line.sku} sellable", pool.blocked_as,
                    "See where", reverse("analytics_item", args=[line.item_id]) + "#places",
                )
            )  # fmt: skip
    for number_in_rank, claim in enumerate(found.claims):
        ours = [n for n, c in enumerate(found.claims) if c.line_id == line.line_id]
        if claim.promised and ours and number_in_rank > ours[0]:
            rows.append(
                Advice(
                    f"Take {number(min(claim.promised, line.waiting))} back from {claim.number}",
                    f"{claim.customer}, tier {claim.tier}, wanted {day(claim.requested_on)}, would wait instead.",
                    "Open it", reverse("sales_order", args=[claim.order_id]),
                )
            )  # fmt: skip
    if catalog.substitutes([line.item_id]):
        others = reverse("allocation_instead", args=[line.line_id])
        rows.append(Advice("Send a substitute", "Compare a part, a substitute and waiting.", "Compare", others))
    for transfer, units in transfers.bringing(line.item_id, head.site_id):
        rows.append(
            Advice(
                f"Receive {transfer.number}", f"{number(units)} are on the way from {transfer.site}.",
                "Open it", reverse("storage_transfer", args=[transfer.id]),
            )
        )  # fmt: skip
    for site_id, code, free in elsewhere:
        send = min(free, line.waiting)
        asked = urlencode({"site": site_id, "to_site": head.site_id, "item": line.sku, "units": send})
        rows.append(
            Advice(
                f"Send {number(send)} from {code}", f"{number(free)} are free there.",
                "Send stock", f"{reverse('storage_transfer_new')}?{asked}",
            )
        )  # fmt: skip
    for incoming in coming:
        rows.append(
            Advice(
                f"Wait for {incoming.number}",
                f"{number(incoming.units)} from {incoming.supplier}, due {day(incoming.due_on)}.",
                "Open it", reverse("purchasing_po", args=[incoming.po_id]),
            )
        )  # fmt: skip
    if not rows:
        what = f"Buy {number(line.waiting)}"
        rows.append(
            Advice(what, "None is on order or free at another site.", "New order", reverse("purchasing_po_new"))
        )
    return rows[:MOST_ADVICE]
