"""Labels of pallets, for devices and other systems."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from
from flowrack.shipping import commands
from flowrack.shipping.types_pallet_labels import PalletPrinted, PrintPalletLabel

router = Router(tags=["shipping"])


class PalletLabelIn(Schema):
    """A pallet by its label. Copies 0 = as the spec says."""

    site_id: BigId
    pallet: str = Field(max_length=40)
    copies: int = Field(0, ge=0, le=20)


class PalletPrintedOut(Schema):
    """The print; its ZPL is fetched by its id."""

    print_id: int
    pallet: str
    spec: str
    copies: int
    copy_of: int


@router.post("/pallets/label", response=PalletPrintedOut)
def print_pallet_label(request: HttpRequest, body: PalletLabelIn) -> PalletPrinted:
    """Print the label of a pallet by the spec of its customer."""
    return commands.print_pallet_label(context_from(request), PrintPalletLabel(**body.dict()))
