"""What the screen shows while a list is picked: one question at a time."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.fulfilment import queries, queries_bins, queries_lists, queries_short, rules_lists
from flowrack.fulfilment.queries import PickRow
from flowrack.fulfilment.queries_bins import Mixed
from flowrack.fulfilment.scan_parts import sites_with
from flowrack.fulfilment.states import SHORT_WORDS, ListState, Method, UnitKind
from flowrack.fulfilment.types_lists import CartPosition, ListHead, ScanPolicy
from flowrack.platform.web.format import day
from flowrack.platform.web.scan import Keypad, ScanAction, ScanStep, Tick, Visit

IN_TOTES = (Method.CLUSTER, Method.ZONE, Method.BATCH)


@dataclass(frozen=True, slots=True)
class Work:
    """The list on the device: its head, what is scanned, the pick it is at, and that order's place on the cart."""

    head: ListHead
    scan: ScanPolicy
    pick: PickRow | None
    at: CartPosition | None
    positions: list[CartPosition]
    mixed: Mixed | None = None  # the pick's bin holds other lots of the item

    @property
    def asks_lot(self) -> bool:
        """Whether the lot is told before the goods are taken: by the rule of the zone, or as the bin holds several."""
        return bool(self.pick and self.pick.lot and (self.scan.lot or self.mixed))

    @property
    def needs_cart(self) -> bool:
        return self.head.method in IN_TOTES and self.head.unit_kind == UnitKind.EACH and not self.head.cart


def work_of(visit: Visit) -> Work:
    """Read the list of the device, and the pick that it is at: the one that was begun, else the next open one.

    A scan that is sent again because its answer was lost meets the pick it was meant for, not the one after.
    """
    head = queries_lists.head(visit.state["list"], sites_with(visit.viewer, "fulfilment.pick"))
    held = visit.state.get("at", {}).get("pick") or visit.state.get("short")
    pick = queries.pick(held) if held else None
    if pick is None:
        pick = queries_lists.next_pick(head.id, skip=visit.state.get("skip", []))
    positions = queries_lists.totes(head.id)
    at = next((p for p in positions if pick is not None and p.order_id in (pick.order_id, 0)), None)
    mixed = queries_bins.mixed([pick.id]).get(pick.id) if pick is not None and pick.lot else None
    return Work(head, queries_lists.scan_policy(head), pick, at, positions, mixed)


def stage_of(visit: Visit, work: Work) -> str:
    """What is to be scanned now for the pick: bin, item, lot, more units, tote; or "confirm"."""
    assert work.pick is not None
    seen = visit.state.get("at", {})
    if seen.get("pick") != work.pick.id:
        seen = {}
    if work.scan.bin and not seen.get("bin"):
        return "bin"
    if not seen.get("item"):
        return "item"
    if work.asks_lot and not seen.get("lot"):
        return "lot"
    if counts(work) and seen.get("n", 0) < work.pick.units:
        return "units"
    return "tote"


def is_with_another(visit: Visit, work: Work) -> bool:
    """Whether a colleague has the list by now."""
    head = work.head
    is_live = head.state == ListState.TAKEN and head.lease_until is not None and head.lease_until > visit.ctx().now
    return is_live and head.taken_by_id != visit.viewer.user.pk


def counts(work: Work) -> bool:
    """Whether each unit (or pack) is scanned; a pallet is one scan."""
    return work.scan.qty and work.head.unit_kind != UnitKind.PALLET


def draw(visit: Visit) -> ScanStep:
    """The step for the state of the device."""
    if visit.state.get("ask"):
        return _draw_take_over(visit)
    if "list" not in visit.state:
        return _draw_start(visit)
    work = work_of(visit)
    if work.pick is not None and work.pick.state != "open":  # somebody did it or called it back meanwhile
        for name in ("at", "short", "found"):
            visit.state.pop(name, None)
        work = work_of(visit)
    if visit.state.get("cart") != "no" and work.needs_cart and queries_lists.carts(work.head.site_id):
        return _draw_cart(work)
    if work.pick is None:
        return _draw_done(visit, work)
    if visit.state.get("short"):
        return _draw_found(visit, work, work.pick) if visit.state.get("found") else _draw_short(visit, work.pick)
    return _draw_pick(visit, work, work.pick)


def _draw_start(visit: Visit) -> ScanStep:
    zone = visit.state.get("zone")
    offer = queries_lists.waiting(visit.site_id, zone[0] if zone else 0)
    where = f" in {zone[1]}" if zone else ""
    mine = queries_lists.lists_of(visit.viewer.user.pk, visit.site_id, visit.ctx().now)
    begun = [
        ScanAction(f"mine:{list_id}", f"Go on with {number}", f"{done:,} of {of:,}", primary=not n, wide=bool(n))
        for n, (list_id, number, done, of) in enumerate(mine)
    ]
    everywhere = [ScanAction("anywhere", "All zones", wide=True)] if zone else []
    everywhere += [
        ScanAction(f"found:{one.pick_id}", "Found after all", f"{one.units:,} × {one.sku}, {one.location}", wide=True)
        for one in queries_short.own_shorts(visit.viewer.user.pk, visit.site_id, visit.ctx().now)
    ]
    if not offer.lists:
        return ScanStep(
            task="Pick",
            prompt="Your list" if mine else "No list waits",
            sub="You began it and did not end it." if mine else f"Released orders appear here as lists{where}.",
            accepts="List, wave or zone",
            actions=[*everywhere, *begun],
        )
    lists = "1 list waits" if offer.lists == 1 else f"{offer.lists:,} lists wait"
    picks = "1 pick" if offer.picks == 1 else f"{offer.picks:,} picks"
    following = ScanAction("next", "Next list", "first to leave, nearest to you", primary=not mine, wide=bool(mine))
    return ScanStep(
        task="Pick",
        prompt="Your list, or the next" if mine else "Scan list",
        sub=f"{lists}{where}: {picks}, first to leave {day(offer.first_due)}" if offer.first_due else lists,
        accepts="List, wave or zone",
        actions=[*everywhere, following, *begun],
    )


def _draw_take_over(visit: Visit) -> ScanStep:
    _, number, who = visit.state["ask"]
    return ScanStep(
        task="Pick",
        prompt="Take over?",
        sub=f"{f'{who} has' if who else 'You have'} {number}{'' if who else ' on another device'}."
        " What is picked of it stays picked.",
        actions=[
            ScanAction("back", "Back"),
            ScanAction("take_over", "Take over" if who else "Go on here", f"from {who}" if who else "", primary=True),
        ],
    )


def _draw_cart(work: Work) -> ScanStep:
    needed = len(work.positions)
    places = "1 place" if needed == 1 else f"{needed} places"
    return ScanStep(
        task=work.head.number,
        prompt="Scan cart",
        sub=f"It needs {places} for totes. A tote takes its place with the first pick of its order.",
        accepts="The code on the cart",
        actions=[ScanAction("no_cart", "Without a cart"), ScanAction("return", "Give back")],
    )


def _common(visit: Visit, work: Work) -> dict[str, object]:
    ticks = [
        Tick(f"{done.units:,} × {done.sku} {done.name[:24]}", f"in {done.tote}" if done.tote else "")
        for done in queries_lists.last_picks(work.head.id, visit.viewer.user.pk)
    ]
    total, finished = queries_lists.progress(work.head.id)
    last = visit.state.get("last")
    return {
        "task": work.head.number,
        "progress": (finished, total),
        "done": ticks,
        "undo": str(last[1]) if last and not is_with_another(visit, work) else "",
        "held": _swap_words(visit, work) or _rest_of_short(visit) or _fewer(visit, work) or _called_back(visit, work),
    }


def _fewer(visit: Visit, work: Work) -> tuple[str, str] | None:
    """The customer wants fewer of what was asked for on the last screen: told once. What this one asks for is kept."""
    shown, pick = visit.state.get("shown"), work.pick
    visit.state["shown"] = [pick.id, pick.units] if pick is not None else None
    if pick is None or not shown or shown[0] != pick.id or shown[1] <= pick.units:
        return None
    return f"{pick.units:,} now, not {shown[1]:,}", "The customer wants fewer: put back what is too much."


def _swap_words(visit: Visit, work: Work) -> tuple[str, str] | None:
    """The right item of another lot was scanned: what was asked, and that it may be changed."""
    asked = visit.state.get("swap")
    if not asked or work.pick is None or asked[0] != work.pick.id:
        return None
    return f"That is lot {asked[1]}.", f"This order gets lot {work.pick.lot}. Is there none at hand, tap Take this lot."


def _rest_of_short(visit: Visit) -> tuple[str, str] | None:
    """What becomes of what was not found just now."""
    rest = visit.state.get("rest")
    return (rest[0], rest[1]) if rest else None


def _called_back(visit: Visit, work: Work) -> tuple[str, str] | None:
    """Orders that left the list since this person took it: told once."""
    if work.head.taken_at is None:
        return None
    told = set(visit.state.get("told", []))
    news = [x for x in queries_lists.called_back(work.head.id, since=work.head.taken_at) if x.order_id not in told]
    if not news:
        return None
    visit.state["told"] = [*told, *(x.order_id for x in news)][-50:]
    first = news[0]
    more = f" and {len(news) - 1} more" if len(news) > 1 else ""
    left = f"Leave {first.words}: nothing of it was booked."
    inside = f" {first.tote} holds goods of it: bring it to your lead." if first.tote else ""
    return f"{first.order}{more} was called back", f"{left}{inside}"


def _draw_done(visit: Visit, work: Work) -> ScanStep:
    full = [(letter, f"{tote} ({letter}, full)") for tote, letter in queries_lists.filled(work.head.id)]
    now = [(p.letter, f"{p.tote} ({p.letter})") for p in work.positions if p.tote]
    totes = ", ".join(words for _, words in sorted([*full, *now], key=lambda one: one[0]))
    where = f"Bring {totes} to {work.head.place}." if totes else f"What was picked stands at {work.head.place}."
    sub = "Nothing of it is left to pick." if work.head.state == ListState.CANCELLED else where
    note = rules_lists.waits_elsewhere(queries_lists.other_parts(work.head.id))
    if work.head.method == Method.BATCH and totes:
        of = "each of them" if full else work.positions[0].tote
        note = f"Its goods are of several orders: scan {of} in Sort before packing."
    return ScanStep(
        prompt="List done",
        sub=sub,
        note=note,
        accepts="Next list",
        actions=[ScanAction("next", "Next list", primary=True)],
        **_common(visit, work),  # type: ignore[arg-type]
    )


def _draw_pick(visit: Visit, work: Work, pick: PickRow) -> ScanStep:
    stage = stage_of(visit, work)
    lot = f"Lot {pick.lot}" + (f", exp {day(pick.expires_on)}" if pick.expires_on else "") if pick.lot else ""
    notes = [lot, f"on {pick.lpn}" if pick.lpn else "", f"for {pick.customer}"]
    done = visit.state.get("at", {}).get("n", 0) if stage == "units" else 0
    return ScanStep(
        prompt=_prompt(work, stage, is_at_bin=bool(visit.state.get("at", {}).get("bin"))),
        fact=pick.location,
        qty=f"{pick.units - done:,}",
        qty_note=f"{pick.base_uom}{_cases(work, pick)} {_into(work)}" + (f", {done:,} counted" if done else ""),
        item=f"{pick.sku} {pick.name}",
        item_note=", ".join(note for note in notes if note),
        accepts=_asks_for(work, pick, stage, is_at_bin=bool(visit.state.get("at", {}).get("bin"))),
        actions=_actions(visit, work, pick, stage),
        virtual=[
            ("Bin", pick.location),
            ("Item", pick.lpn if work.head.unit_kind == UnitKind.PALLET else pick.sku),
            *([("Tote", work.at.tote)] if work.at and work.at.tote else []),
        ],
        **_common(visit, work),  # type: ignore[arg-type]
    )


def _cases(work: Work, pick: PickRow) -> str:
    """How many cases the hand takes, where a list is of full cases."""
    cases = queries_lists.in_cases(pick.item_id, pick.units) if work.head.unit_kind == UnitKind.CASE else ""
    return f" ({cases})" if cases else ""


def _into(work: Work) -> str:
    if work.head.unit_kind == UnitKind.PALLET:
        return f"the whole pallet, to {work.head.place}"
    if work.at is None:
        return f"to {work.head.place}"
    on_cart = work.head.method in IN_TOTES and len(work.positions) > 1
    if work.at.tote:
        return f"into {work.at.letter} · {work.at.tote}" if on_cart else f"into {work.at.tote}"
    if work.head.unit_kind == UnitKind.CASE:
        return f"for {work.at.letter}" if on_cart else f"to {work.head.place}"
    return f"into a new tote at {work.at.letter}" if on_cart else "into a tote"


def _prompt(work: Work, stage: str, *, is_at_bin: bool) -> str:
    if stage == "tote":
        return f"Scan {work.at.tote}" if work.at and work.at.tote else "Scan tote" if work.scan.tote else "Confirm"
    if stage == "bin" or (stage == "item" and not is_at_bin):
        return "Go to"
    return {"item": "Scan item", "lot": "Scan lot", "units": "Scan each one"}[stage]


def _asks_for(work: Work, pick: PickRow, stage: str, *, is_at_bin: bool) -> str:
    if stage == "tote":
        return f"Scan {work.at.tote}" if work.at and work.at.tote else "Scan a tote, or confirm without"
    if stage == "bin":
        return f"Scan the bin {pick.location}"
    if stage == "lot":
        return f"Scan the lot {pick.lot}" + (": other lots lie in this bin, too" if work.mixed else "")
    if stage == "units":
        return "Scan each unit or pack"
    what = f"pallet {pick.lpn}" if work.head.unit_kind == UnitKind.PALLET else "item"
    return f"The bin is right: scan the {what}" if is_at_bin else f"Scan the {what}, or the bin first"


def _actions(visit: Visit, work: Work, pick: PickRow, stage: str) -> list[ScanAction]:
    swap = visit.state.get("swap")
    if swap and swap[0] == pick.id:
        return [ScanAction("back", "Back"), ScanAction("swap", "Take this lot", f"{swap[1]}", primary=True)]
    if is_with_another(visit, work):
        return [ScanAction("return", "Give back", f"{work.head.taken_by} has it", primary=True)]
    actions = [ScanAction("short", "Short"), ScanAction("skip", "Skip")]
    has_tote = bool(work.at and work.at.tote)
    if has_tote:
        actions.append(ScanAction("full", "Tote full", work.at.tote if work.at else ""))
    if stage != "tote":
        actions.append(ScanAction("return", "Give back", "the list"))
    if stage == "tote":
        wants = has_tote or wants_tote(work)
        actions.append(ScanAction("loose", f"Confirm {pick.units:,}", "without a tote", primary=not wants, ghost=wants))
    return actions


def wants_tote(work: Work) -> bool:
    """Whether goods go into totes: where the rule says so, and where loose goods of many orders would share a cart."""
    on_cart = bool(work.head.cart) and work.head.unit_kind == UnitKind.EACH and len(work.positions) > 1
    return work.head.unit_kind != UnitKind.PALLET and (work.scan.tote or on_cart)


def _draw_found(visit: Visit, work: Work, pick: PickRow) -> ScanStep:
    """A short pick of which some were found, before its order has a tote."""
    units = int(visit.state["found"][0])
    return ScanStep(
        prompt="Scan tote",
        qty=f"{units:,}",
        qty_note=f"{pick.base_uom} {_into(work)}",
        item=f"{pick.sku} {pick.name}",
        item_note=f"{pick.units - units:,} of {pick.units:,} short, {pick.order}",
        accepts="Scan a tote, or confirm without",
        actions=[ScanAction("back", "Back"), ScanAction("loose", f"Confirm {units:,}", "without a tote", ghost=True)],
        **_common(visit, work),  # type: ignore[arg-type]
    )


def _draw_short(visit: Visit, pick: PickRow) -> ScanStep:
    note = ", ".join(other.words for other in queries_bins.elsewhere([pick.id]).get(pick.id, []))
    return ScanStep(
        task="Short pick",
        prompt="How many are there?",
        keypad=Keypad(
            0,
            f"of {pick.units:,} {pick.base_uom}, {pick.location}",
            [(str(r), w) for r, w in SHORT_WORDS.items()],
            "Book it",
            fills=True,
        ),
        sub=f"{pick.sku} {pick.name[:40]}",
        note=f"{note or 'No other bin has any'}. {pick.location} will be counted.",
        actions=[ScanAction("back", "Back", wide=True)],
    )
