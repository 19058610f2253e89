"""Trucks on their way out in the sample company: one left without a carton, one is being loaded, one is planned; and
deliveries of the last days with their proofs."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from datetime import datetime, timedelta

from flowrack.integrations.replay import reads
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.sample import bills
from flowrack.integrations.sample import reads as found
from flowrack.platform.photos import save as keep_photo
from flowrack.shared.errors import FlowrackError
from flowrack.shipping.commands import (
    answer_notice,
    close_load,
    leave_door,
    load_plate,
    plan_load,
    print_paper,
    prove_delivery,
    set_notice_terms,
    start_load,
)
from flowrack.shipping.types_loads import CloseLoad, LeaveDoor, LoadPlate, PlanLoad, StartLoad, Truck
from flowrack.shipping.types_proofs import AnswerNotice, NotTaken, PrintPaper, ProveDelivery, SetNoticeTerms

PROVED = 8
OUR_TRUCK = "it stands in the yard and goes that way today"
WIDE, HIGH = 240, 80
NAMES = ("M. Okafor", "J. Lindqvist", "S. Patel", "R. Moreau", "A. Novak", "K. Brandt", "L. Silva", "T. Walsh")


def send_trucks(house: House, site: Site, packed: list[tuple[int, str]], at: datetime) -> None:
    """The first of the packed orders leave by truck, and shipments of the last days are proved."""
    for customer_id in found.customers_of_orders([order_id for order_id, _ in packed[:2]]):
        terms = SetNoticeTerms(customer_id, 24, "FLOWRACK", f"CUST{customer_id}")
        house.do(
            set_notice_terms, "customer_service", terms, key=f"live:notice:{customer_id}", at=at - timedelta(hours=1)
        )
    # On some days the goods of these orders may not travel together, or a customer's terms keep one: a truck less.
    house.tell()  # so that carriers are chosen for what is packed
    if len(packed) >= 3:
        with suppress(FlowrackError):
            _leave(house, site, packed[:3], at)
            bills.bill(house, [order_id for order_id, _ in packed[:2]], at)
    later = [order_id for order_id, _ in packed[3:]] + reads.releasable_orders(site.site_id)[:2]
    if later:
        due = at + timedelta(hours=5)
        soon = Truck(0, house.carrier_ids[-1], "TRL-77", cut_off_at=due, carrier_reason=OUR_TRUCK)
        with suppress(FlowrackError):
            house.do(plan_load, "planner", PlanLoad(site.site_id, later[:4], soon), key="live:load:3",
                     at=at - timedelta(minutes=4))  # fmt: skip
    _prove(house, site, at)
    house.tell()


def _leave(house: House, site: Site, packed: list[tuple[int, str]], at: datetime) -> None:
    """One truck is gone without the last carton, which is loaded on the next one now."""
    plates = [plate for _, plate in packed]
    door, next_door = site.docks[-1], site.docks[-2]
    carrier = found.chosen_carrier([one for one, _ in packed[:2]]) or house.carrier_ids[0]
    first = Truck(door, carrier, "TRL-41", "D. Reyes", at - timedelta(minutes=2), 24_000_000,
                  carrier_reason=OUR_TRUCK)  # fmt: skip
    asked = PlanLoad(site.site_id, [one for one, _ in packed], first)
    plan = house.do(plan_load, "planner", asked, key="live:load:1", at=at - timedelta(minutes=7))
    house.do(start_load, "packer", StartLoad(plan.load_id), key="live:load:1:start", at=at - timedelta(minutes=6))
    house.do(print_paper, "packer", PrintPaper(plan.load_id, "loading_list"), key="live:load:1:list",
             at=at - timedelta(minutes=6))  # fmt: skip
    for n, plate in enumerate(reversed(plates[:2])):
        house.do(load_plate, "packer", LoadPlate(plan.load_id, plate), key=f"live:load:1:{n}",
                 at=at - timedelta(minutes=5))  # fmt: skip
    closed = house.do(close_load, "packer", CloseLoad(plan.load_id, "SL-204417", "no_room", "next truck takes it"),
             key="live:load:1:close", at=at - timedelta(minutes=4))  # fmt: skip
    house.do(print_paper, "packer", PrintPaper(plan.load_id, "bill_of_lading"), key="live:load:1:bill",
             at=at - timedelta(minutes=4))  # fmt: skip
    house.do(leave_door, "packer", LeaveDoor(plan.load_id), key="live:load:1:leave", at=at - timedelta(minutes=3))
    told = AnswerNotice(closed.shipment_ids[0], "accepted", "997-30441")
    house.do(answer_notice, "customer_service", told, key="live:notice:answer", at=at - timedelta(minutes=2))
    now_loading = Truck(
        next_door, house.carrier_ids[0], "TRL-52", "H. Adeyemi", at + timedelta(minutes=45), carrier_reason=OUR_TRUCK
    )
    more = reads.releasable_orders(site.site_id)[2:3]
    asked = PlanLoad(site.site_id, [packed[2][0], *more], now_loading)
    plan = house.do(plan_load, "planner", asked, key="live:load:2", at=at - timedelta(minutes=3))
    house.do(start_load, "packer", StartLoad(plan.load_id), key="live:load:2:start", at=at - timedelta(minutes=2))
    house.do(load_plate, "packer", LoadPlate(plan.load_id, plates[2]), key="live:load:2:0",
             at=at - timedelta(minutes=1))  # fmt: skip


def _prove(house: House, site: Site, at: datetime) -> None:
    """Shipments of the last days were handed over: most of them whole, one in part, one not at all."""
    for n, sent in enumerate(found.shipments_to_prove(site.site_id, at - timedelta(hours=30), PROVED)):
        outcome = ("delivered", "delivered", "partial", "delivered", "refused")[n % 5]
        lines = [NotTaken(sent.line_id, max(1, sent.units // 4), "damaged")] if outcome == "partial" else []
        if outcome == "partial" and sent.units < 2 and sent.lines < 2:
            outcome, lines = "delivered", []
        proof = ProveDelivery(
            sent.shipment_id, outcome, NAMES[n % len(NAMES)], sent.shipped_at + timedelta(hours=18 + n),
            keep_photo(signature(n)).digest if outcome != "refused" else "", [], f"Goods in, gate {1 + n % 4}",
            note="Nobody ordered this, they say" if outcome == "refused" else "", not_taken=lines,
        )  # fmt: skip
        house.do(prove_delivery, "packer", proof, key=f"live:proof:{n}", at=at - timedelta(minutes=30 - n))


def signature(seed: int) -> bytes:
    """A squiggle as PNG, so that the sample's proofs have something to show."""
    rows = [bytearray(b"\xff" * WIDE) for _ in range(HIGH)]
    y, rise = HIGH // 2, 3 + seed % 3
    for x in range(20, WIDE - 20):
        step, before = (x * (7 + seed) // 11) % (28 - x // 20), y
        y = min(max(y + (rise if step < 14 else -rise), 12), HIGH - 12)
        for at in range(min(before, y) - 1, max(before, y) + 2):
            rows[at][x] = rows[at][x + 1] = 30
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    head = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
