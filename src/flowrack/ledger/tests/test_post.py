"""Moves, pools and claims: units are exact, refusals name every bad line and leave no trace."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from flowrack.ledger import queries, steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import (
    BadMove,
    CellClaim,
    Claim,
    CommittedStock,
    InsufficientStock,
    LotRequired,
    Move,
    NotFree,
    NothingClaimed,
    Place,
    PoolClaim,
    SerialTaken,
)
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.constraints import sqlstate_of
from flowrack.platform.runner import NOT_AS_READ

pytestmark = pytest.mark.django_db


@pytest.fixture
def w1() -> h.House:
    return h.house()


@pytest.fixture(autouse=True)
def always_verified():
    yield
    assert verify() == []


def cell_of(at: h.House, item_id: int, place: str) -> int:
    [found] = [c for c in queries.cells_at([at.places[place]]) if c.item_id == item_id]
    return found.cell_id


def test_stock_by_state_follows_the_goods(w1):
    tea = h.item("TEA")
    h.receive(w1, tea, 30, "1", "receiving1")
    steps.post(
        h.context(),
        [
            Move(tea, 12, w1["receiving1"], w1["reserve1"], "putaway"),
            Move(tea, 5, w1["receiving1"], w1["forward_pick1"], "putaway"),
            Move(tea, 1, w1["receiving1"], Place(w1.places["quarantine1"], quality="damaged"), "damaged"),
        ],
    )
    [row] = queries.by_state([tea], w1.site)
    assert {s: n for s, n in row.units.items() if n} == {
        "receiving": 12,
        "reserve": 12,
        "forward_pick": 5,
        "damaged": 1,
    }
    assert (row.committed, row.free) == (0, 17)


def test_every_short_line_is_named_and_nothing_is_posted(w1):
    tea, cup = h.item("TEA"), h.item("CUP")
    h.receive(w1, tea, 3, "1")
    moves = sql.fetch_value("SELECT count(*) FROM ledger_move")
    with pytest.raises(InsufficientStock) as refused, transaction.atomic():
        steps.post(
            h.context(),
            [
                Move(tea, 4, w1["reserve1"], w1["reserve2"], "move"),
                Move(cup, 1, w1["reserve1"], w1["reserve2"], "move"),
            ],
        )
    assert [(b.line, b.field) for b in refused.value.lines] == [(1, "units"), (2, "units")]
    assert refused.value.lines[0].message == "4 of TEA wanted from reserve-1, which holds 3."
    assert sql.fetch_value("SELECT count(*) FROM ledger_move") == moves


@pytest.mark.parametrize("lines", ["plain", "general"])
def test_a_line_that_is_covered_is_not_named_beside_one_that_is_short(w1, lines):
    tea, cup = h.item("TEA"), h.item("CUP")
    h.receive(w1, tea, 10, "1")
    h.receive(w1, cup, 1, "1")
    out = [
        Move(tea, 6, w1["reserve1"], w1.virtual("CUSTOMER"), "issue"),
        Move(cup, 5, w1["reserve1"], w1.virtual("CUSTOMER"), "issue"),
    ]
    if lines == "general":
        out.append(Move(cup, 1, w1["reserve1"], w1["staged1"], "move"))
    with pytest.raises(InsufficientStock) as refused, transaction.atomic():
        steps.post(h.context(), out)
    assert [line.line for line in refused.value.lines] == [2]
    steps.commit(h.context(), [PoolClaim(tea, w1.site, 7, "sales.line:1"), PoolClaim(cup, w1.site, 1, "sales.line:2")])
    out[:2] = [
        Move(tea, 3, w1["reserve1"], w1["staged1"], "move"),
        Move(cup, 1, w1["reserve1"], w1["staged1"], "move"),
    ]
    with pytest.raises((CommittedStock, InsufficientStock)) as refused, transaction.atomic():
        steps.post(h.context(), out)
    assert [line.line for line in refused.value.lines] == [2]


def test_what_a_batch_brings_and_takes_again_leaves_new_cells_exact(w1):
    tea, cup = h.item("TEA"), h.item("CUP", "average")
    came = [
        Move(tea, 10, w1.virtual("SUPPLIER"), w1["receiving1"], "receipt", value="20"),
        Move(tea, 4, w1["receiving1"], w1["reserve1"], "putaway"),
        Move(cup, 6, w1.virtual("SUPPLIER"), w1["reserve1"], "receipt", value="9"),
        Move(cup, 2, w1.virtual("SUPPLIER"), w1["reserve1"], "receipt", value="3"),
    ]
    steps.post(h.context(), came)
    assert (h.on_hand(w1, tea, "receiving1"), h.on_hand(w1, tea, "reserve1"), h.on_hand(w1, cup, "reserve1")) == (
        6,
        4,
        8,
    )
    with pytest.raises(InsufficientStock) as refused, transaction.atomic():
        steps.post(
            h.context(),
            [
                Move(tea, 1, w1["reserve2"], w1["staged1"], "move"),
                Move(tea, 1, w1["reserve1"], w1["staged2"], "move"),
                Move(tea, 1, w1["reserve1"], w1["staged2"], "move"),
            ],
        )
    assert [line.line for line in refused.value.lines] == [1]


def test_nonsense_is_refused_line_by_line(w1):
    tea, serial = h.item("TEA"), h.item("SER", tracking="serial")
    w2 = h.house("W2")
    with pytest.raises(BadMove) as refused, transaction.atomic():
        steps.post(
            h.context(),
            [
                Move(999_999, 1, w1["reserve1"], w1["reserve2"], "move"),
                Move(tea, 1, w1["reserve1"], w1["reserve1"], "move"),
                Move(tea, 0, w1["reserve1"], w1["reserve2"], "move"),
                Move(tea, 1, w1["reserve1"], w2["reserve1"], "move"),
                Move(serial, 1, w1["reserve1"], w1["reserve2"], "move"),
            ],
        )
    assert [(b.line, b.field) for b in refused.value.lines] == [
        (1, "item"),
        (2, "target"),
        (3, "units"),
        (4, "target"),
        (5, "lot"),
    ]


def test_tracked_items_need_their_lot(w1):
    lotted = h.item("LOT", tracking="lot")
    with pytest.raises(LotRequired), transaction.atomic():
        h.receive(w1, lotted, 1, "1")


def test_promised_stock_cannot_be_taken_and_the_promise_is_named(w1):
    tea = h.item("TEA")
    h.receive(w1, tea, 10, "1")
    steps.commit(h.context(), [PoolClaim(tea, w1.site, 8, "sales.line:7")])
    with pytest.raises(CommittedStock) as refused, transaction.atomic():
        h.ship(w1, tea, 3)
    assert "8 for sales.line:7" in refused.value.message
    h.ship(w1, tea, 2)
    steps.post(h.context(), [Move(tea, 8, w1["reserve1"], w1["forward_pick1"], "replenish")])


def test_commit_up_to_grants_what_is_free_in_order(w1):
    tea, cup = h.item("TEA"), h.item("CUP")
    h.receive(w1, tea, 10, "1")
    claims = [PoolClaim(tea, w1.site, n, f"sales.line:{n}") for n in (4, 5, 3)]
    assert steps.commit_up_to(h.context(), [*claims, PoolClaim(cup, w1.site, 1, "sales.line:9")]) == [4, 5, 1, 0]
    with pytest.raises(NotFree), transaction.atomic():
        steps.commit(h.context(), [PoolClaim(tea, w1.site, 1, "sales.line:8")])
    steps.uncommit(h.context(), [PoolClaim(tea, w1.site, 2, "sales.line:5")])
    assert [(c.ref, c.units) for c in queries.commitments(["sales.line:5"])] == [("sales.line:5", 3)]
    with pytest.raises(NothingClaimed), transaction.atomic():
        steps.uncommit(h.context(), [PoolClaim(tea, w1.site, 4, "sales.line:5")])


def at_last(claims: list[PoolClaim], leaving: list[int]) -> None:
    """The last act of a command that promises what it read."""
    ctx = h.context()
    steps.commit_at_last(ctx, claims, leaving=leaving)
    with transaction.atomic():
        for statement, params in ctx.last_acts:
            sql.execute(statement, params)


@pytest.mark.parametrize("others", [0, 1], ids=["one pool", "several pools"])
def test_a_promise_at_the_commit_leaves_what_others_wait_for(w1, others):
    tea, cup = h.item("TEA"), h.item("CUP")
    h.receive(w1, tea, 10, "1")
    h.receive(w1, cup, 9, "1")

    def promise(units: int, left: int) -> None:
        more = [PoolClaim(cup, w1.site, 1, f"sales.line:{units}")] * others
        at_last([PoolClaim(tea, w1.site, units, f"sales.line:{units}"), *more], [left, *[0] * others])

    for units, left in ((11, 0), (4, 7), (1, 10)):
        with pytest.raises(DatabaseError) as beaten:
            promise(units, left)
        assert sqlstate_of(beaten.value) == NOT_AS_READ
    promise(3, 7)
    promise(7, 0)
    held = queries.commitments(["sales.line:3", "sales.line:7"])
    assert sorted((c.ref, c.units) for c in held) == sorted(
        [("sales.line:3", 3), ("sales.line:7", 7), *[("sales.line:3", 1), ("sales.line:7", 1)] * others]
    )


def test_from_promise_to_shipment_the_claim_travels_with_the_goods(w1):
    tea, line = h.item("TEA"), "sales.line:7"
    h.receive(w1, tea, 10, "1", "forward_pick1")
    steps.commit(h.context(), [PoolClaim(tea, w1.site, 6, line)])
    steps.reserve(h.context(), [CellClaim(cell_of(w1, tea, "forward_pick1"), 6, line)])
    with pytest.raises(InsufficientStock) as refused, transaction.atomic():
        steps.post(h.context(), [Move(tea, 5, w1["forward_pick1"], w1["reserve1"], "move")])
    assert refused.value.details["facts"][0]["free"] == 4
    pick = Move(tea, 6, w1["forward_pick1"], w1["staged1"], "pick", demand=line, claim=Claim.PICK)
    steps.post(h.context(), [pick])
    [row] = queries.by_state([tea], w1.site)
    assert (row.units["forward_pick"], row.units["staged"], row.committed, row.free) == (4, 6, 0, 4)
    assert [(r.place_id, r.units) for r in queries.reservations([line])] == [(cell_of(w1, tea, "staged1"), 6)]
    steps.post(h.context(), [Move(tea, 6, w1["staged1"], w1["staged2"], "load", demand=line, claim=Claim.CARRY)])
    steps.post(
        h.context(), [Move(tea, 6, w1["staged2"], w1.virtual("CUSTOMER"), "ship", demand=line, claim=Claim.SHIP)]
    )
    assert queries.reservations([line]) == []
    assert h.book(w1, tea) == (4, 4)


def test_an_undone_pick_gives_the_promise_back(w1):
    tea, line = h.item("TEA"), "sales.line:7"
    h.receive(w1, tea, 10, "1", "forward_pick1")
    steps.commit(h.context(), [PoolClaim(tea, w1.site, 6, line)])
    steps.reserve(h.context(), [CellClaim(cell_of(w1, tea, "forward_pick1"), 6, line)])
    picked = steps.post(
        h.context(), [Move(tea, 6, w1["forward_pick1"], w1["staged1"], "pick", demand=line, claim=Claim.PICK)]
    )
    steps.reverse(h.context(), picked.posting_id)
    [row] = queries.by_state([tea], w1.site)
    assert (row.units["forward_pick"], row.units["staged"], row.committed) == (10, 0, 6)
    assert [(r.place_id, r.units) for r in queries.reservations([line])] == [(cell_of(w1, tea, "forward_pick1"), 6)]


def test_a_pick_needs_its_own_claim(w1):
    tea = h.item("TEA")
    h.receive(w1, tea, 10, "1", "forward_pick1")
    steps.commit(h.context(), [PoolClaim(tea, w1.site, 6, "sales.line:7")])
    steps.reserve(h.context(), [CellClaim(cell_of(w1, tea, "forward_pick1"), 6, "sales.line:7")])
    with pytest.raises(NothingClaimed), transaction.atomic():
        steps.post(
            h.context(),
            [Move(tea, 6, w1["forward_pick1"], w1["staged1"], "pick", demand="sales.line:8", claim=Claim.PICK)],
        )


def test_a_serial_is_in_one_place_only(w1):
    w2 = h.house("W2")
    pump = h.item("PUMP", tracking="serial")
    serial = h.lot(pump, "S1", serial=True)
    h.receive(w1, pump, 1, "50", lot_id=serial)
    with pytest.raises(SerialTaken), transaction.atomic():
        h.receive(w1, pump, 1, "50", "reserve2", lot_id=serial)
    with pytest.raises(SerialTaken), transaction.atomic():
        h.receive(w2, pump, 1, "50", lot_id=serial)
    steps.post(h.context(), [Move(pump, 1, w1["reserve1"], w1["reserve2"], "move", lot_id=serial)])
    h.ship(w1, pump, 1, "reserve2", lot_id=serial)
    h.receive(w2, pump, 1, "50", lot_id=serial)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ledger_cell SET on_hand = -1 WHERE NOT is_virtual", "cell_reserved_within_on_hand"),
        ("UPDATE ledger_cell SET reserved = 2 WHERE NOT is_virtual", "cell_reserved_within_on_hand"),
        ("UPDATE ledger_pool SET committed = 2", "pool_committed_within_allocatable"),
        ("UPDATE ledger_pool SET reserve = -1", "pool_"),
        ("UPDATE ledger_book SET units = 0 WHERE account = 'inventory'", "book_nothing_is_worth_nothing"),
        ("UPDATE ledger_layer SET units_left = 2", "layer_left_within_received"),
    ],
)
def test_the_schema_itself_refuses(w1, statement, constraint):
    h.receive(w1, h.item("TEA"), 1, "1")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        sql.execute(statement)


def test_a_batch_of_any_size_is_one_statement(w1, django_assert_num_queries):
    tea = h.item("TEA")
    ctx = h.context()
    into = [Move(tea, 1, w1.virtual("SUPPLIER"), w1[f"reserve{1 + n % 2}"], "receipt", value=n) for n in range(500)]
    with django_assert_num_queries(1):
        steps.post(ctx, into)


def test_verify_finds_what_the_schema_cannot(w1):
    tea = h.item("TEA")
    h.receive(w1, tea, 5, "1")
    with transaction.atomic():
        sql.execute("UPDATE ledger_cell SET on_hand = on_hand + 1 WHERE NOT is_virtual")
        broken = {f.check for f in verify()}
        transaction.set_rollback(True)
    assert {"cells equal their moves", "pools equal their cells", "inventory books hold the units on hand"} <= broken
