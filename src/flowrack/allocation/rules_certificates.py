"""Certificates: what a run looked at and what came of it, packed so small that it can be kept for every line.

The claims of items that hang together (a complete order ties its items to each other) stand side by side, so that one
line is explained without looking at the others. Columns of numbers are cut into planes of bytes, which compress far
better than rows. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from flowrack.allocation.reasons import Rival
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide
from flowrack.allocation.rules_offered import LotWish
from flowrack.allocation.rules_pegs import Beside, Supply
from flowrack.allocation.types_rules import RuleSet

FORMAT = 2  # as 1, which knew no promises of a day, and is still written where none was looked at
LEVEL = 6
PLACES = ("ahead", "ranked", "behind")
CODES = "bhiq"  # array types by size; a column has the smallest that holds its numbers


class Packed(NamedTuple):
    """A certificate as it is stored: inputs and result, compressed, and a hash of each."""

    inputs: bytes
    inputs_hash: bytes
    result: bytes
    result_hash: bytes


@dataclass(frozen=True, slots=True)
class Context:
    """What is said about short items beside the decision: who holds them, what is on order in words, and what keeps
    units from being promised (number, words). By item."""

    holders: Mapping[int, Sequence[Rival]]
    incoming: Mapping[int, str]
    held: Mapping[int, tuple[str, str]]


NO_CONTEXT = Context({}, {}, {})


def groups_of(claims: Iterable[Claim]) -> dict[int, int]:
    """For each item the first item of its group: items hang together where one complete order wants them."""
    claims = list(claims)
    root = {claim.item_id: claim.item_id for claim in claims}

    def top(item_id: int) -> int:
        while root[item_id] != item_id:
            root[item_id] = item_id = root[root[item_id]]
        return item_id

    first_of: dict[int, int] = {}
    for claim in claims:
        if claim.policy == "complete":
            one, other = top(claim.item_id), top(first_of.setdefault(claim.order_id, claim.item_id))
            root[max(one, other)] = min(one, other)
    return {item_id: top(item_id) for item_id in root}


def in_groups(inputs: Inputs) -> Inputs:
    """The same inputs with the claims of each group side by side, groups by their first item, and only their pools."""
    group = groups_of(inputs.claims)
    claims = sorted(inputs.claims, key=lambda claim: group[claim.item_id])
    pools = [pool for pool in inputs.pools if pool.item_id in group]
    lines = {claim.line_id for claim in claims} if inputs.lots else set()
    lots = {line_id: wish for line_id, wish in inputs.lots.items() if line_id in lines}
    coming = [supply for supply in inputs.coming if supply.item_id in group]
    beside = [one for one in inputs.beside if one.claim.item_id in group]
    return replace(inputs, claims=claims, pools=pools, lots=lots, coming=coming, beside=beside)


def pack(inputs: Inputs, decision: Decision, rule: str, context: Context = NO_CONTEXT) -> Packed:
    """The certificate of a run; `inputs` come from `in_groups`. The same run gives the same bytes."""
    plain = b"".join(_inputs(inputs, context))
    result = b"".join(_result(inputs, decision))
    return Packed(
        zlib.compress(plain, LEVEL),
        hashlib.sha256(rule.encode() + b"\0" + plain).digest(),
        zlib.compress(result, LEVEL),
        hashlib.sha256(result).digest(),
    )


def replay(packed: bytes, rules: RuleSet) -> bytes:
    """The hash of what the same inputs give now: that of the stored result, if nothing was lost."""
    inputs, _ = unpack(packed)
    return hashlib.sha256(b"".join(_result(inputs, decide(rules, inputs)))).digest()


def unpack(packed: bytes, numbers: Mapping[int, str] | None = None) -> tuple[Inputs, Context]:
    """Inputs and context of a certificate. `numbers` are the orders' numbers, which are not stored again."""
    head, columns = _read(zlib.decompress(packed))
    return _claims_and_pools(head, columns, 0, head["claims"], numbers or {}), _context(head)


def unpack_group(packed: bytes, line_id: int) -> tuple[Inputs, Context] | None:
    """The same for the group of one line alone; None when the line is not in it."""
    head, columns = _read(zlib.decompress(packed))
    lines = columns[0]
    try:
        at = lines.index(line_id)
    except ValueError:
        return None
    first = 0
    for size in columns[len(_claim_columns(head))]:
        if at < first + size:
            return _claims_and_pools(head, columns, first, first + size, {}), _context(head)
        first += size
    raise AssertionError("the groups hold all claims")


def outcome(packed: bytes, result: bytes) -> list[tuple[int, int, int]] | None:
    """(Line, units asked for, units given) of each claim, as it is stored; None where promises were taken back, which
    are told by the rank alone."""
    head, columns = _read(zlib.decompress(packed))
    plain = zlib.decompress(result)
    of_result = _columns(plain, 4 + int.from_bytes(plain[:4], "little"))
    if of_result[5]:
        return None
    count = head["claims"]
    return list(zip(columns[0][:count], columns[3][:count], of_result[0], strict=True))


def line_ids(packed: bytes) -> list[int]:
    """The lines of a certificate."""
    head, columns = _read(zlib.decompress(packed))
    return list(columns[0][: head["claims"]])


CLAIM_COLUMNS = (
    "line_id", "order_id", "item_id", "units", "tier", "ship_on", "policy", "min_life_days", "lot", "customer",
    "ordered_at", "line_no", "family", "margin", "age", "ready", "of_order",
)  # fmt: skip
DAY_COLUMNS = (*CLAIM_COLUMNS, "promised_on")
POOL_COLUMNS = ("pool_id", "item_id", "lot_id", "lot_code", "expires_on", "arrival", "free", "face")


class _Words:
    """Words by number."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def numbers(self, words: Iterable[str]) -> list[int]:
        told = list(words)
        for word in dict.fromkeys(told):
            self.known.setdefault(word, len(self.known))
        return [self.known[word] for word in told]


def _inputs(inputs: Inputs, context: Context) -> Iterator[bytes]:
    words = _Words()
    rows = [*inputs.claims, *(one.claim for one in inputs.beside)]
    claims = list(zip(*rows, strict=True)) if rows else [()] * len(Claim._fields)
    of: dict[str, Sequence[Any]] = dict(zip(Claim._fields, claims, strict=True))
    of["tier"], of["policy"], of["lot"] = (words.numbers(of[name]) for name in ("tier", "policy", "lot"))
    of["ship_on"] = [day.toordinal() for day in of["ship_on"]]
    has_days = bool(inputs.coming or inputs.beside or any(of["promised_on"]))
    of["promised_on"] = [0 if day is None else day.toordinal() for day in of["promised_on"]]
    pools = list(zip(*inputs.pools, strict=True)) if inputs.pools else [()] * len(Pool._fields)
    stock: dict[str, Sequence[Any]] = dict(zip(Pool._fields, pools, strict=True))
    stock["lot_code"] = words.numbers(stock["lot_code"])
    stock["expires_on"] = [0 if day is None else day.toordinal() for day in stock["expires_on"]]
    holdings = list(zip(*inputs.holdings, strict=True)) if inputs.holdings else [(), (), ()]
    columns = [
        *(of[name] for name in (DAY_COLUMNS if has_days else CLAIM_COLUMNS)),
        _group_sizes(inputs.claims),
        *(stock[name] for name in POOL_COLUMNS),
        *holdings,
        *(_supply(inputs) if has_days else ()),
    ]
    head = {
        "format": FORMAT if has_days else 1,
        "today": inputs.today.toordinal(),
        "claims": len(inputs.claims),
        "words": list(words.known),
        "used": [[*key, units] for key, units in sorted(inputs.used.items())],
        "packs": [[item_id, *sizes] for item_id, sizes in sorted(inputs.packs.items())],
        **_lots(inputs),
        **_beside(inputs),
        **_aims(inputs),
        **_sorts([*inputs.claims, *(one.claim for one in inputs.beside)]),
        "holders": [[item_id, *map(_holder, rows)] for item_id, rows in sorted(context.holders.items())],
        "incoming": sorted(context.incoming.items()),
        "held": [[item_id, *row] for item_id, row in sorted(context.held.items())],
    }
    text = json.dumps(head, separators=(",", ":")).encode()
    yield len(text).to_bytes(4, "little")
    yield text
    for column in columns:
        yield from _column(column)


def _holder(one: Rival) -> list[Any]:
    """Certificates of earlier versions have no day."""
    return [*one[:3], *([one.since.toordinal()] if one.since else [])]


def _lots(inputs: Inputs) -> dict[str, Any]:
    """The lot rules of lines, where some have one."""
    rows = [[line_id, wish.rule, *wish.lots] for line_id, wish in sorted(inputs.lots.items())]
    return {"lots": rows} if rows else {}


def _beside(inputs: Inputs) -> dict[str, Any]:
    """What stands beside the claims; their columns hold it after them."""
    rows = [[PLACES.index(one.place), one.lines, one.claim.number] for one in inputs.beside]
    return {"beside": rows} if rows else {}


def _aims(inputs: Inputs) -> dict[str, Any]:
    """Units to which lines stand back, where the run was by the best total value."""
    lines = {claim.line_id for claim in inputs.claims} if inputs.aims else set()
    rows = sorted((line_id, units) for line_id, units in inputs.aims.items() if line_id in lines)
    return {"aims": rows} if rows else {}


def _supply(inputs: Inputs) -> list[Sequence[int]]:
    return [
        [one.item_id for one in inputs.coming],
        [one.on.toordinal() for one in inputs.coming],
        [one.units for one in inputs.coming],
        [one.po_line_id for one in inputs.coming],
    ]


def _sorts(claims: Sequence[Claim]) -> dict[str, Any]:
    """Channel, order type and contract of the claims, where the rules look at them: those there are, and whose."""
    found: dict[tuple[str, str, str], int] = {}
    of = [found.setdefault((c.channel, c.order_type, c.contract), len(found)) for c in claims]
    return {"sorts": list(found), "sort_of": of} if any(any(sort) for sort in found) else {}


def _group_sizes(claims: Sequence[Claim]) -> list[int]:
    group = groups_of(claims)
    sizes: dict[int, int] = {}
    for claim in claims:
        key = group[claim.item_id]
        sizes[key] = sizes.get(key, 0) + 1
    return list(sizes.values())


def _result(inputs: Inputs, decision: Decision) -> Iterator[bytes]:
    """Units and reason of each claim in the order of the inputs, its takes, and what was taken back."""
    words = _Words()
    place = {pool.pool_id: n for n, pool in enumerate(inputs.pools)}
    shares = {share.claim.line_id: share for share in decision.shares}
    ordered = [shares[claim.line_id] for claim in inputs.claims]
    takes = [(place[take.pool.pool_id], take.units) for share in ordered for take in share.takes]
    reasons = words.numbers(share.held_back for share in ordered)
    served = {share.claim.line_id: n for n, share in enumerate(decision.shares)}
    columns = [
        [share.units for share in ordered],
        [len(share.takes) for share in ordered],
        reasons,
        [one[0] for one in takes],
        [one[1] for one in takes],
        [served[holding.line_id] for holding in decision.moved],
        [place[holding.pool_id] for holding in decision.moved],
        [holding.units for holding in decision.moved],
    ]
    text = json.dumps(list(words.known), separators=(",", ":")).encode()
    yield len(text).to_bytes(4, "little")
    yield text
    for column in columns:
        yield from _column(column)


def _column(values: Sequence[int]) -> Iterator[bytes]:
    """Length and type of a column, then its numbers cut into planes: all lowest bytes first, the highest last."""
    low, high = (min(values), max(values)) if values else (0, 0)
    code = next(c for c in CODES if -(1 << 8 * array(c).itemsize - 1) <= low and high < 1 << 8 * array(c).itemsize - 1)
    raw = array(code, values)
    text = raw.tobytes()
    yield len(values).to_bytes(4, "little") + code.encode()
    for plane in range(raw.itemsize):
        yield text[plane :: raw.itemsize]


def _read(plain: bytes) -> tuple[dict[str, Any], list[array[int]]]:
    size = int.from_bytes(plain[:4], "little")
    head = json.loads(plain[4 : 4 + size])
    if not 1 <= head["format"] <= FORMAT:
        raise ValueError(f"this version reads no certificates of format {head['format']}")
    return head, _columns(plain, 4 + size)


def _columns(plain: bytes, at: int) -> list[array[int]]:
    columns = []
    while at < len(plain):
        count, code = int.from_bytes(plain[at : at + 4], "little"), chr(plain[at + 4])
        raw = array(code)
        text = bytearray(count * raw.itemsize)
        at += 5
        for plane in range(raw.itemsize):
            text[plane :: raw.itemsize] = plain[at : at + count]
            at += count
        raw.frombytes(bytes(text))
        columns.append(raw)
    return columns


def _claim_columns(head: dict[str, Any]) -> tuple[str, ...]:
    return CLAIM_COLUMNS if head["format"] == 1 else DAY_COLUMNS


def _claims_and_pools(
    head: dict[str, Any], columns: Sequence[array[int]], first: int, end: int, numbers: Mapping[int, str]
) -> Inputs:
    words, of_claims = head["words"], len(_claim_columns(head))
    claims = [_claim(row, words, numbers) for row in _rows(columns[:of_claims], first, end)]
    if "sorts" in head:
        claims = _sorted_as(claims, head, first)
    items = {claim.item_id for claim in claims}
    of_pools = of_claims + 1 + len(POOL_COLUMNS)
    pools = [
        Pool(row[0], row[1], row[2], words[row[3]], date.fromordinal(row[4]) if row[4] else None, *row[5:])
        for row in zip(*columns[of_claims + 1 : of_pools], strict=True)
        if row[1] in items
    ]
    lines = {claim.line_id for claim in claims}
    holdings = [Holding(*row) for row in zip(*columns[of_pools : of_pools + 3], strict=True) if row[0] in lines]
    coming = [
        Supply(row[0], date.fromordinal(row[1]), row[2], row[3])
        for row in zip(*columns[of_pools + 3 :], strict=True)
        if row[0] in items
    ]
    others = [_claim(row, words, {}) for row in _rows(columns[:of_claims], head["claims"], None)]
    if "sorts" in head:
        others = _sorted_as(others, head, head["claims"])
    beside = [
        Beside(claim._replace(number=number), PLACES[place], count)
        for claim, (place, count, number) in zip(others, head.get("beside", []), strict=True)
        if claim.item_id in items
    ]
    return Inputs(
        date.fromordinal(head["today"]),
        claims,
        pools,
        holdings,
        {(n, item_id): units for n, item_id, units in head["used"] if item_id in items},
        {row[0]: tuple(row[1:]) for row in head["packs"] if row[0] in items},
        {row[0]: LotWish(row[1], tuple(row[2:])) for row in head.get("lots", []) if row[0] in lines},
        coming,
        beside,
        aims={line_id: units for line_id, units in head.get("aims", []) if line_id in lines},
    )


def _rows(columns: Sequence[array[int]], first: int, end: int | None) -> Iterator[tuple[Any, ...]]:
    return zip(*(column[first:end] for column in columns), strict=True)


def _claim(row: tuple[Any, ...], words: Sequence[str], numbers: Mapping[int, str]) -> Claim:
    claim = Claim(
        row[0], row[1], numbers.get(row[1], ""), row[2], row[3], words[row[4]], date.fromordinal(row[5]),
        words[row[6]], row[7], words[row[8]], *row[9 : len(CLAIM_COLUMNS)],
    )  # fmt: skip
    if len(row) > len(CLAIM_COLUMNS) and row[-1]:
        return claim._replace(promised_on=date.fromordinal(row[-1]))
    return claim


def _sorted_as(claims: Sequence[Claim], head: dict[str, Any], first: int) -> list[Claim]:
    """Claims of a certificate, from the first of its columns on, with channel, order type and contract."""
    of = head["sort_of"][first : first + len(claims)]
    found = []
    for claim, n in zip(claims, of, strict=True):
        channel, order_type, contract = head["sorts"][n]
        found.append(claim._replace(channel=channel, order_type=order_type, contract=contract))
    return found


def _context(head: dict[str, Any]) -> Context:
    return Context(
        {row[0]: [Rival(*r[:3], *map(date.fromordinal, r[3:])) for r in row[1:]] for row in head["holders"]},
        {row[0]: row[1] for row in head["incoming"]},
        {row[0]: (row[1], row[2]) for row in head["held"]},
    )
