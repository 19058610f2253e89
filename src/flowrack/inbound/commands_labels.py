"""Labels for what was received."""

from __future__ import annotations

from flowrack.inbound import queries, queries_labels
from flowrack.inbound.types_labels import PlatesPrinted, PrintPlateLabels
from flowrack.labels import steps as labels
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid, NotFound
from flowrack.shared.refs import ref


@command(permission="inbound.receive", result=PlatesPrinted)
def print_plate_labels(ctx: Context, req: PrintPlateLabels) -> PlatesPrinted:
    """Print a label for each license plate of a receipt.

    Refuses with NotFound when it has none, NoLabelSpec or LabelNotPrintable.
    """
    head = queries.receipt(req.receipt_id)
    ctx.require("inbound.receive", head.site_id)
    if not 0 <= req.copies <= 20:
        raise Invalid("1 to 20 copies are printed.", fix="Change the number.")
    wanted = queries_labels.plates_of(req.receipt_id, copies=req.copies)
    if not wanted:
        raise NotFound(f"{head.number} has no goods on a pallet or carton.", fix="Receive them on a license plate.")
    prints = labels.print_labels(ctx, wanted, on=ctx.now.date())
    ctx.subject = ref("inbound.receipt", req.receipt_id)
    return PlatesPrinted([one.code for one in prints], [one.print_id for one in prints])
