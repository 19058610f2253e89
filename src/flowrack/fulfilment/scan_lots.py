"""Which lot is in the packer's hand, where an order has its item in several: the carton says what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowrack.fulfilment.queries import StagedRow
from flowrack.platform.web.scan import ScanAction, ScanStep, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.shared.gs1 import Gs1Scan

MOST_OFFERED = 6


def open_lots(rows: Sequence[StagedRow], seen: Mapping[str, int]) -> list[str]:
    """The lots of which something is still to check, in their order."""
    left = [row for row in rows if seen.get(f"{row.line_id}:{row.lot_id}:{row.lpn_id}", 0) < row.units]
    return list(dict.fromkeys(row.lot for row in left))


def refuse_other(number: str, lot: str, rows: Sequence[StagedRow]) -> None:
    """Refuses a label with a lot that the order does not have."""
    if all(row.lot != lot for row in rows):
        lots = ", ".join(dict.fromkeys(row.lot for row in rows if row.lot)) or "no lot"
        raise Wrong(f"That is lot {lot} of {rows[0].sku}.", f"{number} gets {lots}. Put it aside and call the lead.")


def named(which: Sequence[Any], scan: Gs1Scan, rows: Sequence[StagedRow]) -> str:
    """The lot that a scan names by itself; "" for none of the item."""
    said = (scan.lot or scan.serial or scan.raw.strip()).upper()
    told = (said, said.removeprefix("10"))
    return next((row.lot for row in rows if row.item_id == which[0] and row.lot.upper() in told), "")


def draw(visit: Visit, rows: Sequence[StagedRow], seen: Mapping[str, int]) -> ScanStep:
    """The question which lot it is."""
    item_id, units = visit.state["which"]
    mine = [row for row in rows if row.item_id == item_id]
    lots = open_lots(mine, seen)
    buttons = [ScanAction(f"lot:{n}", f"Lot {lot}") for n, lot in enumerate(lots[:MOST_OFFERED], 1)]
    return ScanStep(
        task=visit.state["number"], prompt="Which lot?", sub=f"{units:,} × {mine[0].sku} {mine[0].name[:40]}",
        note="The order has it in several lots, and the carton says which are in it.", accepts="The lot on its label",
        actions=[*buttons, ScanAction("back", "Back", wide=True)], virtual=[("Lot", lots[0])],
    )  # fmt: skip


def of_key(action: str, which: Sequence[Any], rows: Sequence[StagedRow], seen: Mapping[str, int]) -> str:
    """The lot of a button."""
    lots = open_lots([row for row in rows if row.item_id == which[0]], seen)
    place = int(action[4:]) - 1 if action[4:].isdecimal() else -1
    if not 0 <= place < len(lots):
        raise Wrong("There is no such lot.", "Scan the item again.")
    return lots[place]
