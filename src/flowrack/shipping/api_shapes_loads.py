"""Shapes of a truck's plan."""

from __future__ import annotations

from ninja import Field, Schema
from pydantic import AwareDatetime

from flowrack.platform.apipages import BigId
from flowrack.shipping import types_loads as words

MOST = 10**12


class TruckIn(Schema):
    """What is known of the truck; 0 = not known."""

    door_id: int = Field(0, ge=0, le=2**62)
    carrier_id: int = Field(0, ge=0, le=2**62)
    trailer: str = Field("", max_length=40)
    driver: str = Field("", max_length=80)
    cut_off_at: AwareDatetime | None = None
    max_weight_g: int = Field(0, ge=0, le=MOST)
    max_volume_ml: int = Field(0, ge=0, le=MOST)
    carrier_reason: str = Field("", max_length=200)

    def truck(self) -> words.Truck:
        """As the command knows it."""
        return words.Truck(**self.dict())


class TransferStopIn(Schema):
    """A staged transfer; so many of the orders are delivered before it (-1 = all)."""

    transfer_id: BigId
    after_orders: int = Field(-1, ge=-1, le=500)

    def stop(self) -> words.TransferStop:
        """As the command knows it."""
        return words.TransferStop(**self.dict())


class PlanLoadIn(Schema):
    """Orders in the order of their delivery, transfers to our sites, and the truck."""

    site_id: BigId
    order_ids: list[BigId] = Field(default_factory=list, max_length=500)
    transfers: list[TransferStopIn] = Field(default_factory=list, max_length=100)
    truck: TruckIn = Field(default_factory=lambda: TruckIn.model_validate({}))


class ChangeLoadIn(Schema):
    """All orders and transfers of the load anew, and its truck."""

    order_ids: list[BigId] = Field(max_length=500)
    transfers: list[TransferStopIn] | None = Field(
        None, max_length=100, description="may be left out only for a load without transfers; [] takes them all off"
    )
    truck: TruckIn
