"""A real day of 9,215 orders: placed within capacity, the rest named; tables that are not right are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrack.allocation.rules_sourcing import Bottleneck, bottleneck, source
from flowrack.integrations.sourcing.reader import BadNetwork, read
from flowrack.integrations.sourcing.terminal import in_words

ROOT = Path(__file__).resolve().parents[4]
REAL = ROOT.parent / "shared" / "data" / "outbound-network"
TABLES = {
    "order_list.csv": "Order ID,Service Level,Customer,Product ID,Destination Port,Unit quantity,Weight\n"
    "1,DTD,C1,P,D,10,5\n2,CRF,C1,P,D,10,500\n3,DTD,C1,P,D,10,500\n4,DTD,C2,Q,D,1,1\n5,DTD,C1,R,D,1,1\n",
    "products_per_plant.csv": "Plant Code,Product ID\nA,P\nB,P\nV,Q\n",
    "wh_capacities.csv": "Plant ID,Daily Capacity\nA,1\nB,1\nV,9\n",
    "wh_costs.csv": "WH,Cost/unit\nA,1\nB,2.5\nV,1\n",
    "plant_ports.csv": "Plant Code,Port\nA,X\nB,X\n",
    "vmi_customers.csv": "Plant Code,Customers\nV,C1\n",
    "freight_rates.csv": "orig_port_cd,dest_port_cd,svc_cd,minm_wgh_qty,max_wgh_qty,minimum cost,rate\n"
    "X,D,DTD,0,99,3,0.5\n",
}


def network(folder: Path, **other: str) -> Path:
    for name, text in {**TABLES, **{f"{key}.csv": value for key, value in other.items()}}.items():
        (folder / name).write_text(text)
    return folder


def test_cost_is_handling_and_freight_and_every_order_without_a_site_says_why(tmp_path: Path) -> None:
    demands, found = read(network(tmp_path))
    assert [dict(demand.costs) for demand in demands[:2]] == [
        {"A": 13_000_000, "B": 28_000_000}, {"A": 10_000_000, "B": 25_000_000},
    ]  # fmt: skip
    assert [demand.why for demand in demands[2:]] == [
        "no carrier takes 500 kg by DTD from A, B", "V carry Q, but serve other customers only", "no site carries R",
    ]  # fmt: skip
    done = source(demands, found.capacity)
    assert (len(done.site_of), done.cost) == (2, 38_000_000)
    assert in_words(demands, done, found).startswith("2 of 5 orders placed, 3 not; cost 38.00.")


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("wh_costs", "WH,Price\nA,1\n", "wh_costs.csv has no column Cost/unit."),
        ("wh_capacities", "Plant ID,Daily Capacity\nA,many\n", "wh_capacities.csv, line 2: Daily Capacity “many”"),
        ("wh_capacities", "Plant ID,Daily Capacity\nA,-1\n", "wh_capacities.csv, line 2: Daily Capacity “-1”"),
    ],
)
def test_a_table_that_is_not_right_is_refused_by_name(tmp_path: Path, table: str, text: str, said: str) -> None:
    with pytest.raises(BadNetwork) as refused:
        read(network(tmp_path, **{table: text}))
    assert refused.value.message.startswith(said)


def test_a_table_that_is_missing_is_refused(tmp_path: Path) -> None:
    network(tmp_path)
    (tmp_path / "freight_rates.csv").unlink()
    with pytest.raises(BadNetwork):
        read(tmp_path)


@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not beside this checkout")
def test_a_real_day_is_placed_within_capacity_and_the_rest_is_named() -> None:
    demands, found = read(REAL)
    done = source(demands, found.capacity)
    assert (len(demands), len(done.site_of), len(done.unplaced)) == (9_215, 2_444, 6_771)
    assert all(units <= found.capacity[site] for site, units in done.load().items())
    assert all(done.site_of[one.order] in one.costs for one in demands if one.order in done.site_of)
    assert all(one.why for one in done.unplaced)
    assert bottleneck(demands, found.capacity, done) == Bottleneck(
        ("PLANT02", "PLANT03", "PLANT09", "PLANT10", "PLANT12"), 8_260, 1_489
    )
    assert "8,260 orders can go to none but PLANT02, PLANT03, PLANT09, PLANT10, PLANT12, which take 1,489 a day" in (
        in_words(demands, done, found)
    )
