"""The ladder of one order line: who gets which stock, what comes next, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from flowrack.allocation import queries as rivals
from flowrack.allocation import queries_certificates as certificates
from flowrack.allocation import queries_now, queries_sites, queries_tried, queries_urgent
from flowrack.allocation.queries import Ladder, RankedClaim
from flowrack.allocation.queries_tried import Standing
from flowrack.allocation.rules import spread
from flowrack.allocation.rules_arrivals import Tried
from flowrack.platform.http import now
from flowrack.platform.web import ladder as drawing
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import day, number
from flowrack.platform.web.record import Table
from flowrack.purchasing import queries_pages as purchasing
from flowrack.purchasing.queries_pages import Incoming
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.shipping.pages import advice, ladder_proposed, ladder_unused
from flowrack.shipping.pages import ladder_soon as soon
from flowrack.shipping.pages.advice import Advice

MOST_CLAIMS, MOST_LOTS, MOST_HELD, MOST_PEGS, MOST_QUOTES = 7, 6, 4, 3, 3
MOST_SOON = 3  # deliveries that are drawn though nobody waits for them
PICKED, FREE, OTHERS, LOTS, KEPT = "picked", "free", "others", "lots", "kept"
QUOTES, BESIDES = "quotes", "besides"

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
    Column("ship_by_on", "Ship by", kind="date"),
    Column("wanted", "Units", kind="number"),
    Column("promised", "Reserved", kind="number", value=lambda r: r.promised or None),
    Column("picked", "Picked", kind="number", value=lambda r: r.picked or None),
    Column("waiting", "Waits", kind="number", value=lambda r: r.waiting or None),
]
PEG_COLUMNS = [
    Column("number", "Promised to", kind="code", value=lambda r: r.number if r.lines == 1 else f"{r.lines} lines"),
    Column("on", "For", kind="date"),
    Column("units", "Units", kind="number"),
]
COMING_COLUMNS = [
    Column("number", "PO", kind="code", link=lambda r: reverse("purchasing_po", args=[r.po_id])),
    Column("supplier", "Supplier", wide=True),
    Column("due_on", "Due", kind="date"),
    Column("units", "Units", kind="number"),
]


@dataclass(slots=True)
class LadderView:
    """The picture, the same in rows and as tables, how the line stands now, and what would change it."""

    line: LineRow
    picture: SafeString
    stacked: SafeString
    tables: list[Table]
    now: str = ""
    advice: list[Advice] = field(default_factory=list)
    in_vain: list[str] = field(default_factory=list)
    ships_from: str = ""  # from which site, and why from there
    why_url: str = ""  # ranks, scores and what has changed since, where a run decided the line


def ladder_of(head: OrderHead, line: LineRow, today: date, *, held: str = "") -> LadderView:
    """The ladder of a line of an order, as things stand now. Two dozen queries at most.

    `held`: why the line is on hold, for then nothing but its release changes anything.
    """
    found = rivals.ladder(line.item_id, head.site_id)
    places = queries_now.places_by_rules(line.item_id, head.site_id, now())
    found.claims.sort(key=lambda claim: places.get(claim.line_id, len(places)))
    coming = purchasing.incoming(line.item_id, head.site_id)
    elsewhere = ladder_unused.elsewhere(line.item_id, head.site_id)
    standing = None
    if line.waiting and not held:
        standing = queries_tried.standing_of(line.line_id, line.item_id, head.site_id, now())
    shown = _Shown(head, line, found, coming, today, standing)
    unused = ladder_unused.rows(head, line, found.supply, elsewhere, today, is_dock_drawn=shown.draws_dock)
    drawn = (shown.sources(), shown.claims(), shown.ribbons(), unused)
    sentence = f"Supply of {line.sku} on the left joined to claims on the right; the same facts are in the tables below"
    view = LadderView(
        line,
        drawing.draw(*drawn, unit=line.base_uom, sentence=sentence, on_hold=shown.on_hold()),
        drawing.stack(*drawn, unit=line.base_uom, on_hold=shown.on_hold()),
        _tables(line, found, coming, standing),
        ships_from=queries_sites.sentences_of([line.line_id]).get(line.line_id, ""),
        why_url=_why_url(line),
    )
    told = ladder_proposed.sentences(shown.proposed, line.line_id)
    if held:
        view.now, view.advice = held, advice.released_first(head, held)
    elif standing is not None:
        view.now = " ".join([_now(standing), *told])
        view.advice = advice.advice_of(head, line, standing, found.claims, today)
        view.in_vain = advice.in_vain(standing)
    else:
        view.now = " ".join(told)
    return view


def _tables(line: LineRow, found: Ladder, coming: Sequence[Incoming], standing: Standing | None) -> list[Table]:
    tables = [
        Table(
            f"Supply of {line.sku}",
            SUPPLY_COLUMNS,
            found.supply,
            empty="Nothing of this item is at the site.",
            is_cards=True,
        ),
        Table(f"Claims on {line.sku}", CLAIM_COLUMNS, found.claims, is_cards=True),
    ]
    if coming:
        tables.append(Table(f"{line.sku} on order", COMING_COLUMNS, coming, is_cards=True))
    if standing is not None and standing.pegs:
        tables.append(Table(f"{line.sku} promised for a day", PEG_COLUMNS, standing.pegs, is_cards=True))
    return tables


def _now(standing: Standing) -> str:
    """How the line stands by a decision of this moment, and what it may expect."""
    found = standing.outlook
    if found.now:
        of = "All" if found.now == found.wanted else f"{number(found.now)} of"
        said = f"{of} {number(found.wanted)} can be reserved now: {_looked_at(standing)}."
    else:
        said = standing.sentence
    if standing.before:
        said = f"{said} {number(standing.before)} of others wait before it."
    if not standing.is_tried:
        return f"{said} {number(standing.claims)} lines want it: nothing was tried."
    if found.arrivals:
        said = f"{said} {_pegged(found.arrivals)}"
    told = standing.promised_on
    if found.now >= found.wanted:
        return said
    if found.complete_on is not None:
        return f"{said} Expected to be complete on {day(found.complete_on)}{_and_promised(found.complete_on, told)}."
    rest = found.wanted - found.expected
    if found.arrivals:
        said = f"{said} {number(found.expected)} are in sight, {number(rest)} are not."
    return f"{said} It is promised for {day(told)}: at risk, nothing covers {number(rest)} of it." if told else said


def _looked_at(standing: Standing) -> str:
    """When stock was last looked for: a run for other orders, or before the units were to be had, gave it none."""
    if standing.decided_at is None:
        return "the allocation has not looked at this line yet"
    at = localtime(standing.decided_at)
    return f"the allocation looked at this line last on {at.day} {at:%b} at {at:%H:%M}, before they were to be had"


def _and_promised(expected: date, told: date | None) -> str:
    """The day that the customer was told, beside the one on which the line is expected to be complete."""
    if told is None or told == expected:
        return "" if told is None else ", as promised"
    return f", promised for {day(told)}" + (": at risk" if expected > told else "")


def _pegged(arrivals: Sequence[Tried]) -> str:
    """Which supply to come is meant for a line by its rank; a later run may differ, so nothing is reserved. What brings
    another item of a complete order is told as that: it lets the units go that are here."""
    own, others = [one for one in arrivals if not one.sku], [one for one in arrivals if one.sku and one.on is not None]
    said = [
        f"{number(one.units)} can go when {one.name} brings {one.sku} (can leave from {day(one.on)})."
        for one in others[:MOST_PEGS]
        if one.on is not None
    ]
    rest = sum(one.units for one in own[MOST_PEGS:])
    parts = [
        f"{number(one.units)} of {one.name} (can leave from {day(one.on)})"
        for one in own[:MOST_PEGS]
        if one.on is not None
    ]
    if rest:
        parts.append(f"{number(rest)} of {len(own) - MOST_PEGS} later ones")
    if parts:
        said.insert(0, f"Pegged for it, not reserved: {', '.join(parts)}.")
    return " ".join(said)


def _why_url(line: LineRow) -> str:
    return reverse("allocation_why", args=[line.line_id]) if certificates.is_certified(line.line_id) else ""


class _Shown:
    """What of a ladder fits into the picture: the first claims and ours, the first lots; the rest is summed up."""

    def __init__(
        self,
        head: OrderHead,
        line: LineRow,
        found: Ladder,
        coming: Sequence[Incoming],
        today: date,
        standing: Standing | None,
    ) -> None:
        self.head, self.line, self.found, self.today = head, line, found, today
        self.kept = soon.kept(standing, found, line.item_id, head.site_id, now())
        self.pegs = standing.pegs if standing is not None else ()
        ranked = [claim for claim in found.claims if not claim.on_hold or claim.held]
        self.held = [claim for claim in found.claims if claim.on_hold and not claim.held]
        self.ranked = ranked
        first = ranked[:MOST_CLAIMS]
        self.top = first + [c for c in ranked[MOST_CLAIMS:] if c.order_id == head.order_id]
        self.rest = [c for c in ranked if c not in self.top]
        pools = [s for s in found.supply if s.allocatable or s.committed]
        self.pools, self.more_pools = pools[:MOST_LOTS], pools[MOST_LOTS:]
        self.proposed = queries_urgent.proposed_of([c.line_id for c in ranked])
        if standing is not None and standing.is_tried:
            self.shares = soon.as_tried(standing, coming, {c.line_id for c in ranked})
        else:
            waiting = [(c.line_id, 0 if c.on_hold else c.waiting) for c in ranked]
            self.shares = spread(waiting, [(n, i.units) for n, i in enumerate(coming)])
        self.beside = soon.beside(standing, {c.line_id for c in ranked})
        found_quotes = standing.outlook.quoted if standing is not None else []
        quotes = [one for one in found_quotes if one[1].item_id == line.item_id]
        self.quoted = soon.quoted(quotes, coming)
        beside = [one for one in standing.coming if one.item_id == line.item_id] if standing is not None else []
        self.spent = {one: 0 for one in beside if one.kind != "po"} | soon.spent(self.beside, quotes)
        self.draws_dock = any(one.kind == "dock" for one in self.spent)
        used = {n for n, _, _ in self.shares} | {source[1] for source, _, _ in self.quoted if source[0] == "po"}
        self.coming = {n: incoming for n, incoming in enumerate(coming) if n in used or n < MOST_SOON}

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
        rows += [
            drawing.Source(("at", one.number), one.number, f"can leave from {day(one.on)}", one.units)
            for one in self.spent
        ]
        for n, incoming in self.coming.items():
            late = "was due" if incoming.due_on < self.today else "due"
            url = reverse("purchasing_po", args=[incoming.po_id])
            rows.append(
                drawing.Source(("po", n), incoming.number, f"{late} {day(incoming.due_on)}", incoming.units, url)
            )
        return rows

    def _quotes(self) -> list[drawing.Claim]:
        """Open quotes on goods to come, the first by name, the others together."""
        units: dict[object, int] = {}
        for _, claim, held in self.quoted:
            key = self._quote_key(claim.number)
            units[key] = units.get(key, 0) + held
        days = {claim.number: claim.promised_on or claim.ship_on for _, claim, _ in self.quoted}
        rows = []
        for key, held in units.items():
            name = str(key[1]) if isinstance(key, tuple) else "More quotes"
            note = f"leaves {day(days[name])}" if name in days else f"{len(days) - MOST_QUOTES} quotes"
            url = f"{reverse('promise_quotes')}?q={name}" if name in days else ""
            rows.append(drawing.Claim(key, name, "a quote", note, held, "held by it, not ordered yet", url=url))
        return rows

    def _quote_key(self, number: str) -> object:
        first = list(dict.fromkeys(claim.number for _, claim, _ in self.quoted))[:MOST_QUOTES]
        return (QUOTES, number) if number in first else QUOTES

    def claims(self) -> list[drawing.Claim]:
        """The first claims and ours, the others together, quotes, and what nobody was promised."""
        rows = [self._claim(c) for c in self.top]
        if self.rest:
            units = sum(c.wanted for c in self.rest)
            waits = sum(c.waiting for c in self.rest)
            said = f"{number(units - waits)} held, {number(waits)} wait" if waits else "all held"
            rows.append(drawing.Claim(OTHERS, "Others", f"{len(self.rest)} claims", self._rank_of_rest(), units, said))
        rows += self._quotes()
        if besides := sum(soon.held_besides(self.found).values()):
            rows.append(drawing.Claim(BESIDES, "Held besides", "by quotes, transfers or other work", "", besides))
        free: dict[object, int] = {}
        for ribbon in self._free():
            free[ribbon.claim] = free.get(ribbon.claim, 0) + ribbon.units
        if KEPT in free:
            first = self.pegs[0] if self.pegs else None
            whom = f"for {first.number}, {day(first.on)}" if first else ""
            more = f" and {len(self.pegs) - 1} more" if len(self.pegs) > 1 else ""
            what = "for promised days" if first else "for those who wait, and safety stock"
            note = f"{whom}{more}, not reserved" if first else "not reserved"
            rows.append(drawing.Claim(KEPT, "Kept", what, note, free[KEPT]))
        if FREE in free:
            rows.append(drawing.Claim(FREE, "Free", "not yet promised", "", free[FREE]))
        return rows

    def _rank_of_rest(self) -> str:
        """Whether the claims that are summed up rank before this order or behind it."""
        ours = next((n for n, c in enumerate(self.ranked) if c.order_id == self.head.order_id), 0)
        before = sum(c in self.rest for c in self.ranked[:ours])
        if not before:
            return "rank lower"
        return "before this order" if before == len(self.rest) else f"{before} before this order, the others lower"

    def on_hold(self) -> list[drawing.Unused]:
        """Claims that are held and get nothing, ours first."""
        rows = sorted(self.held, key=lambda c: c.order_id != self.head.order_id)
        return [
            drawing.Unused(c.number, f"{number(c.waiting)} {self.line.base_uom}", f"{c.customer}: {c.on_hold}")
            for c in rows[:MOST_HELD]
        ]

    def _claim(self, claim: RankedClaim) -> drawing.Claim:
        parts = ((claim.picked, "picked"), (claim.promised, "reserved"), (claim.waiting, "wait"))
        more = ladder_proposed.words(self.proposed, claim.line_id)
        return drawing.Claim(
            claim.line_id, claim.number, claim.customer, f"tier {claim.tier}, {day(claim.ship_by_on)}",
            claim.picked + claim.promised + claim.waiting,
            ", ".join(f"{number(units)} {word}" for units, word in [*parts, *more] if units),
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
        lines = {c.line_id for c in [*self.top, *self.rest]}
        held, asked = ladder_proposed.apart(self.found.promised, self.proposed, lines)
        for (pool_id, line_id), units in held.items():
            if line_id in lines and units:
                add(pool_id if pool_id in shown else LOTS, self._claim_key(line_id), units)
        for pool_id, units in soon.held_besides(self.found).items():
            add(pool_id if pool_id in shown else LOTS, BESIDES, units)
        for claim in [*self.top, *self.rest]:
            if claim.picked:
                add(PICKED, self._claim_key(claim.line_id), claim.picked)
        for one, line_id, units in self.beside:
            add(("at", one.number), self._claim_key(line_id), units, expected=True)
        for delivery, line_id, units in self.shares:
            add(("po", delivery), self._claim_key(line_id), units, expected=True)
        for source, quote, units in self.quoted:
            add(source, self._quote_key(quote.number), units, expected=True)
        for ribbon in self._free():
            add(ribbon.source, ribbon.claim, ribbon.units, expected=ribbon.is_expected)
        drawn = [drawing.Ribbon(source, claim, units, expected) for (source, claim, expected), units in sums.items()]
        return drawn + [
            drawing.Ribbon(pool_id if pool_id in shown else LOTS, self._claim_key(line_id), units, is_proposed=True)
            for pool_id, line_id, units in asked
        ]

    def _free(self) -> list[drawing.Ribbon]:
        """What nobody holds: of the stock what stays for promised days first, then what is free; and of deliveries."""
        rows: list[drawing.Ribbon] = []
        kept = self.kept
        for pool in [*self.pools, *self.more_pools]:
            free = pool.allocatable - pool.committed
            stays = min(kept, max(free, 0))
            kept -= stays
            source = pool.pool_id if pool in self.pools else LOTS
            rows += [drawing.Ribbon(source, KEPT, stays, is_expected=True), drawing.Ribbon(source, FREE, free - stays)]
        for one, units in self.spent.items():
            rows.append(drawing.Ribbon(("at", one.number), FREE, one.units - units, is_expected=True))
        for n, incoming in self.coming.items():
            spoken_for = sum(units for delivery, _, units in self.shares if delivery == n)
            spoken_for += sum(units for source, _, units in self.quoted if source == ("po", n))
            rows.append(drawing.Ribbon(("po", n), FREE, incoming.units - spoken_for, is_expected=True))
        return [ribbon for ribbon in rows if ribbon.units > 0]
