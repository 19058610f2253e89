"""Labels of pallets of cartons."""

from __future__ import annotations

from flowrack.labels import steps as labels
from flowrack.platform.runner import Context, command
from flowrack.purchasing.queries import business_days
from flowrack.shared import gs1
from flowrack.shared.errors import Invalid
from flowrack.shipping import queries_pallet_labels
from flowrack.shipping.types_pallet_labels import PalletPrinted, PrintPalletLabel
from flowrack.shipping.types_pallets import CannotStack


@command(permission="shipping.load", result=PalletPrinted)
def print_pallet_label(ctx: Context, req: PrintPalletLabel) -> PalletPrinted:
    """Print the label of a pallet, with its own SSCC, by the spec of the customer whose cartons stand on it, else
    of the carrier that takes all of them, else of the house.

    Refuses with CannotStack for a pallet without cartons, NoLabelSpec or LabelNotPrintable.
    """
    ctx.require("shipping.load", req.site_id)
    if not 0 <= req.copies <= 20:
        raise Invalid("1 to 20 copies are printed.", fix="Change the number.")
    scan = gs1.parse(req.pallet)
    code = scan.sscc or scan.raw.strip().upper()
    wanted = queries_pallet_labels.label_of(code, req.site_id, copies=req.copies)
    if wanted is None:
        raise CannotStack(f"{code[:40]} is no pallet with cartons on it.", fix="Put cartons on it first.")
    today = business_days([req.site_id], now=ctx.now).get(req.site_id, ctx.now.date())
    [done] = labels.print_labels(ctx, [wanted], on=today)
    ctx.subject = wanted.subject
    return PalletPrinted(done.print_id, done.code, done.spec, done.copies, done.copy_of)
