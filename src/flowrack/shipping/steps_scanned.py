"""Which plate of a truck a label names, or where it belongs instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.fulfilment import queries_totes
from flowrack.sales import queries as sales
from flowrack.shared import gs1
from flowrack.shipping import locks_loads, queries_load_transfers, queries_loads, rules_loads
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.queries_loads import PlateAt
from flowrack.shipping.rules_loads import LOOSE, Key, Plate
from flowrack.shipping.types_loads import WrongTruck
from flowrack.storage import queries_staged


def labelled(code: str) -> tuple[str, PlateAt | None]:
    """What a label names, for a carton on a pallet the pallet; locked, so that nobody stacks onto it meanwhile."""
    scan = gs1.parse(code)
    text = scan.sscc or scan.raw.strip().upper()
    at = queries_loads.plate_by_code(text)
    if at is None:
        return text, None
    locks_loads.plate(at.pallet_id or at.lpn_id)
    at = queries_loads.plate_by_code(at.pallet or text)
    return (at.code if at else text), at


def loose_key(text: str) -> Key | None:
    """The loose goods that a number names: those of an order, or of a transfer. Two queries at most."""
    order_id = sales.order_id_of(text)
    if order_id is not None:
        return rules_loads.key_of(LOOSE, order_id)
    transfer_id = queries_staged.ids_of([text]).get(text)
    return rules_loads.key_of(LOOSE, LOOSE, transfer_id) if transfer_id else None


def find(load: LockedLoad, text: str, at: PlateAt | None, known: Mapping[Key, Plate]) -> Plate:
    """The plate of this load that a label names, or a refusal that says where it belongs."""
    if at is None:
        key = loose_key(text)
        if key is None:
            raise WrongTruck(f"{text[:40]} is no plate and no order.", fix="Scan the label of a pallet or carton.")
        plate = known.get(key)
        filling = queries_totes.loose_with(key[1]) if plate is None and key[1] else None
        if filling is not None:
            raise WrongTruck(filling.words, fix="Its picker brings the rest when the list is done.")
        if plate is None:
            fix = _belongs([key[1]], load) if key[1] else _of_transfers([key[2]], load)
            raise WrongTruck(f"Nothing of {text[:40]} stands loose for this truck.", fix=fix)
        return plate
    kept = queries_totes.not_to_load([at.lpn_id]).get(at.lpn_id)
    if kept is not None:
        raise WrongTruck(kept.words, fix=kept.fix)
    plate = known.get(rules_loads.key_of(at.lpn_id, LOOSE))
    others = [order_id for order_id in at.order_ids if plate is None or order_id not in plate.orders]
    sent = [one for one in at.transfer_ids if plate is None or one not in plate.transfers]
    if plate is None or others or sent:
        was = f"{text[:40]} does not go on {load.number}." if plate is None else f"{text[:40]} also holds other goods."
        if at.is_closed:
            was = f"{text[:40]} has left or was emptied."
        fix = _of_transfers(sent, load) if sent else "Nothing for a customer stands on it."
        raise WrongTruck(was, fix=_belongs(others, load) if others else fix)
    if rules_loads.is_unpacked(plate, takes_totes=queries_loads.policy(load.site_id).takes_totes):
        raise WrongTruck(f"{at.code} is a picking tote: what is in it is not packed.", fix=rules_loads.PACK_FIRST)
    return plate


def _of_transfers(transfer_ids: Sequence[int], load: LockedLoad) -> str:
    """Where goods of transfers belong, as the way out."""
    at = queries_load_transfers.where(transfer_ids)
    if at is None:
        return rules_loads.belongs("Another transfer", "", "", "", is_this=False)
    return rules_loads.belongs(at.transfer, at.to_site, at.load, at.door, is_this=at.load_id == load.load_id)


def _belongs(order_ids: Sequence[int], load: LockedLoad) -> str:
    """Where goods of orders belong, as the way out."""
    at = queries_loads.loads_of_orders(order_ids).get(order_ids[0])
    if at is not None:
        return rules_loads.belongs(at.order, "", at.load, at.door, is_this=at.load_id == load.load_id)
    known = queries_loads.orders([order_ids[0]]).get(order_ids[0])
    if known is None or known.site_id != load.site_id:
        return rules_loads.belongs("Another order", "", "", "", is_this=False)
    return rules_loads.belongs(known.number, known.customer, "", "", is_this=False)
