"""`flowrack allocation optimum`: the rules in force and a draft beside the best for today's open orders."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests import outbound

from flowrack.allocation import queries_optimum
from flowrack.allocation.rules_optimum import TIER_WORTH, Worth
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.config.cli import main
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draft_is_held_against_the_best_beside_the_rules_in_force(capsys: pytest.CaptureFixture[str]):
    """7 there; 4 are wanted first, and 6 by one who takes a line only whole. Rank gives 4 of 7; whole first 7."""
    at = outbound.house()
    item = outbound.item("4711")
    sql.execute("UPDATE catalog_item SET list_price = 2.50 WHERE id = %s", (item,))
    outbound.customer("PART")
    outbound.customer("WHOLE", policy="line")
    outbound.order(at.site, "PART", ("4711", 4))
    outbound.order(at.site, "WHOLE", ("4711", 6))
    outbound.receive(at, item, 7, "1")
    whole_first = RuleSet(classes=(ClassRule("All orders", weights=Weights(whole=10)),))
    draft = rulebook.draft(at.site, whole_first).rule_set_id
    found = queries_optimum.against_best(at.site, timezone.now(), rule_set_id=draft)
    a_unit = 250 * TIER_WORTH[str(sql.fetch_value("SELECT DISTINCT tier FROM sales_order"))]
    assert (found.lines, found.now, found.draft) == (2, Worth(4 * a_unit, 7 * a_unit), Worth(7 * a_unit, 7 * a_unit))
    assert main(["allocation", "optimum", "--rules", str(draft)]) == 0
    said = capsys.readouterr().out
    assert "2 open lines" in said and "42.857 % less" in said and "0.000 % less" in said
    assert main(["allocation", "optimum", "--site", "NOWHERE"]) == 1
