"""What a carrier of the sample bills, and his own system, which is not asked: the sample calls nobody."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flowrack.carriers.commands_live import save_carrier_account, set_carrier_hosts
from flowrack.carriers.types_live import AccountOf, AllowedHost, SaveAccount, SetHosts
from flowrack.freight.commands import decide_freight_charges, enter_freight_invoice
from flowrack.freight.types import BilledLine, DecideCharges, EnterFreightInvoice
from flowrack.integrations.replay.house import House
from flowrack.integrations.sample import reads as found


def connect(house: House, at: datetime) -> None:
    """An account with a carrier's system, switched off."""
    hosts = SetHosts([AllowedHost("rates.northline.example", 443)])
    house.do(set_carrier_hosts, "admin", hosts, key="live:freight:hosts", at=at)
    own = AccountOf("https://rates.northline.example/v1", "FLOWRACK_CARRIER_NORTHLINE", "GBP", "FR-20881")
    account = SaveAccount("NORTHLINE", own)
    house.do(save_carrier_account, "data_steward", account, key="live:freight:account", at=at)


def bill(house: House, order_ids: list[int], at: datetime) -> None:
    """The carrier bills what left with the first truck: one shipment dearer than expected, and a parcel that nobody
    knows, which is disputed."""
    sent = found.freight_of_orders(order_ids)
    if not sent:
        return
    lines = [BilledLine(one.number, one.cost) for one in sent]
    heavy = sent[-1]
    lines[-1] = BilledLine(heavy.number, heavy.cost + Decimal("3.40"), heavy.billable_g + 4_000, heavy.zone)
    lines.append(BilledLine("77120931GB", Decimal("6.80"), 5_000))
    asked = EnterFreightInvoice(sent[0].carrier, "INV-2026-1187", at.date(), lines)
    done = house.do(enter_freight_invoice, "finance_clerk", asked, key="live:freight:bill", at=at)
    strange = found.charges_of_nobody(done.invoice_id)
    if strange:
        said = DecideCharges(strange, "dispute", "No parcel of ours; asked for the delivery note")
        house.do(decide_freight_charges, "finance_clerk", said, key="live:freight:dispute", at=at)
