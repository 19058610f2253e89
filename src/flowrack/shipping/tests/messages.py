"""A shipment that left for a customer whose system gets EDI 856, for tests."""

from __future__ import annotations

from datetime import timedelta

from tests import outbound
from tests.cast import GUS, KIM, NOW, ctx

from flowrack.platform.outbox import drain
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.shared import x12
from flowrack.shipping import commands, jobs, queries_sending
from flowrack.shipping.queries_sending import SendingRow
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate
from flowrack.shipping.types_proofs import SetNoticeTerms

[ROUND] = [one for one in all_periodic() if one.run is jobs.send_notices]


def left(folder: str = "NORTH") -> int:
    """A shipment for North that left; its 856 is written, and not sent yet."""
    yard = trucks.yard()
    north: int = outbound.value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    told = SetNoticeTerms(north, 4, edi_sender="flowrack", edi_receiver="north1", edi_folder=folder)
    commands.set_notice_terms(ctx(KIM), told)
    order = yard.packed("NORTH")
    load = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(load.load_id, yard.plate(order)))
    [shipment] = commands.close_load(ctx(GUS), CloseLoad(load.load_id, "SEAL-1")).shipment_ids
    drain(now=NOW)
    return shipment


def row(shipment_id: int) -> SendingRow:
    """How far its 856 is."""
    found = queries_sending.sending_of(shipment_id)
    assert found is not None
    return found


def round_at(seconds: int) -> None:
    """The worker's round so many seconds later."""
    run_round(ROUND, NOW + timedelta(seconds=seconds))


def acknowledgment(
    control: int, *codes: str, sender: str = "NORTH1", receiver: str = "FLOWRACK", qualifier: str = "ZZ"
) -> str:
    """A customer's 997, with a set for each code."""
    said = [
        x12.Set("997", f"{n:04}", [("AK1", "SH", str(control)), ("AK9", code, "1", "1", "1")])
        for n, code in enumerate(codes, 1)
    ]
    envelope = x12.Interchange(x12.Address(sender, qualifier), x12.Address(receiver, qualifier), 77, False, said)
    return x12.write("FA", envelope, at=NOW)
