"""What a customer asks of his labels, and cartons that are weighed and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.commands import print_carton_labels, set_pack_rules, weigh_carton
from flowrack.fulfilment.rules_packing import expected_g
from flowrack.fulfilment.types_packing import PackRuleOf, PrintCartonLabels, SetPackRules, WeighCarton
from flowrack.integrations.replay.house import House
from flowrack.labels.commands import approve_label_spec, draft_label_spec
from flowrack.labels.house import house_specs
from flowrack.labels.types import ApproveLabelSpec
from flowrack.platform import sql

USUAL_G = 4_200  # where nobody weighed the goods


def show(house: House, carton_ids: Sequence[int], at: datetime) -> None:
    """The first carton's customer has a label of his own that is scanned back; two cartons are weighed, one is off."""
    when = at - timedelta(minutes=7)
    customer = sql.fetch_value(
        """
        SELECT p.code FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id
        JOIN parties_party p ON p.id = o.customer_id WHERE k.id = %s
        """,
        (carton_ids[0],),
    )
    usual = house_specs()[0]
    spec = replace(
        usual, code="STORE-CARTON", name="Carton as the customer asks", customer=customer, is_scanned=True, copies=2,
        placement="One on a long side, one on a short side, not over an edge.",
    )  # fmt: skip
    made = house.do(draft_label_spec, "data_steward", spec, key="live:label-spec", at=at - timedelta(days=20))
    approve = ApproveLabelSpec(made.version_id)
    house.do(approve_label_spec, "warehouse_manager", approve, key="live:label-ok", at=at - timedelta(days=19))
    own = PackRuleOf(customer=customer, tolerance_permille=10, prints_slip=True)
    rules = SetPackRules([PackRuleOf(prints_slip=True), own])
    house.do(set_pack_rules, "warehouse_manager", rules, key="live:pack-rules", at=at - timedelta(days=19))
    for n, carton_id in enumerate(carton_ids[:2]):
        content, tare = queries_packing.inside(carton_id)
        weight = expected_g(content, tare or 0) or USUAL_G
        off = weight // 10 if n else 0
        house.do(weigh_carton, "packer", WeighCarton(carton_id, weight + off), key=f"live:weigh:{n}", at=when)
    printed = PrintCartonLabels([carton_id for n, carton_id in enumerate(carton_ids) if n != 1])
    house.do(print_carton_labels, "packer", printed, key="live:labels", at=when)
