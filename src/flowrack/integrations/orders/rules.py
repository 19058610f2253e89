"""What each line of an order history is, and which sale a cancellation undoes. Pure: no file, no database."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowrack.integrations.orders.types import Line, LineClass, Match, MatchPart, Outcome, RawLine, Report, Totals

# A code of stock starts with five digits; the rest of the history's codes are charges, vouchers and notes.
STOCK_CODE = re.compile(r"\d{5}")

CHARGES: dict[str, str] = {
    "POST": "postage",
    "DOT": "postage",
    "C2": "carriage",
    "C3": "carriage",
    "M": "manual entry",
    "D": "discount",
    "S": "samples",
    "B": "bad debt",
    "ADJUST": "adjustment",
    "ADJUST2": "adjustment",
    "BANK CHARGES": "bank charges",
    "AMAZONFEE": "marketplace fee",
    "CRUK": "donation",
    "PADS": "packing material",
    "SP1002": "outside the catalogue",
}
CHARGE_PREFIXES: dict[str, str] = {"GIFT": "gift voucher", "DCGS": "outside the catalogue", "TEST": "test"}
OTHER_CHARGE = "other code that is not stock"


def normalise_code(written: str) -> str:
    """The item code without stray spaces and in capitals: "47503j " and "47503J" are one item."""
    return " ".join(written.split()).upper()


def is_stock_code(code: str) -> bool:
    """Whether a normalised code names goods."""
    return STOCK_CODE.match(code) is not None


def charge_kind(code: str) -> str:
    """What a code that is not stock stands for."""
    known = CHARGES.get(code)
    if known is not None:
        return known
    for prefix, kind in CHARGE_PREFIXES.items():
        if code.startswith(prefix):
            return kind
    return OTHER_CHARGE


def classify(raw: RawLine, code: str) -> LineClass:
    """The one class of a line. The order of the questions decides: the document, the code, the units, the price."""
    if raw.document.startswith("A"):
        return LineClass.BAD_DEBT
    if not is_stock_code(code):
        return LineClass.TEST if code.startswith("TEST") else LineClass.CHARGE
    return _class_of_goods(raw)


def _class_of_goods(raw: RawLine) -> LineClass:
    if raw.units == 0:
        return LineClass.EMPTY
    if raw.document.startswith("C"):
        return LineClass.CANCELLATION
    if raw.units < 0:
        return LineClass.WRITE_OFF
    if raw.price <= 0:
        return LineClass.FREE
    return LineClass.SALE


def classify_day(raws: Iterable[RawLine]) -> list[Line]:
    """All lines of one day; a line that stands there twice, letter for letter, is marked from the second time on."""
    seen: set[tuple[object, ...]] = set()
    lines = []
    for raw in raws:
        code = normalise_code(raw.code)
        same = (
            raw.document,
            raw.code,
            raw.description,
            raw.units,
            raw.at,
            raw.price,
            raw.customer,
            raw.country,
        )
        lines.append(Line(raw=raw, kind=classify(raw, code), code=code, is_duplicate=same in seen))
        seen.add(same)
    return lines


def count_day(report: Report, lines: list[Line]) -> None:
    """Add one day to the report; documents never cross midnight in a history that is in date order."""
    documents = {line.raw.document for line in lines}
    report.documents += len(documents)
    report.cancellation_documents += sum(1 for d in documents if d.startswith("C"))
    for line in lines:
        raw = line.raw
        report.whole.add(raw)
        report.by_class[line.kind].add(raw)
        report.cancelled_lines += raw.document.startswith("C")
        report.lines_without_customer += line.is_anonymous
        report.lines_at_no_price += raw.price == 0
        report.lines_at_negative_price += raw.price < 0
        report.duplicate_lines += line.is_duplicate
        report.codes_as_written.add(raw.code)
        if raw.customer:
            report.customers.add(raw.customer)
        if is_stock_code(line.code):
            report.items.add(line.code)
        else:
            report.lines_not_stock += 1
            report.charges.setdefault(charge_kind(line.code), Totals()).add(raw)
        if line.kind is LineClass.SALE:
            report.sold_items.add(line.code)
        if raw.code != line.code:
            report.renamed_lines += 1
            report.spellings.setdefault(line.code, set()).add(raw.code)
    report.first_at = report.first_at or lines[0].raw.at
    report.last_at = lines[-1].raw.at


def count_match(report: Report, match: Match) -> None:
    """Add the fate of one cancellation line to the report."""
    report.matches[match.outcome].add(match.line.raw)
    report.matched_units += sum(part.units for part in match.parts)
    report.unmatched_units += match.unmatched_units


class SoldBook:
    """What was sold to whom and not yet cancelled, so that a cancellation finds the sale it undoes.

    The newest sale is undone first: people send back what came last. `wanted` names the pairs of customer and item
    that are cancelled anywhere in the file, so that the book holds a few thousand pairs, not the history.
    """

    def __init__(self, wanted: set[tuple[str, str]]) -> None:
        self._wanted = wanted
        self._sold: dict[tuple[str, str], list[list[object]]] = {}
        self._known: set[tuple[str, str]] = set()

    def sell(self, line: Line) -> None:
        """Remember a sale line."""
        pair = (line.raw.customer, line.code)
        if pair in self._wanted:
            self._known.add(pair)
            self._sold.setdefault(pair, []).append([line.raw.document, line.raw.line_no, line.raw.units])

    def cancel(self, line: Line) -> Match:
        """Take the cancelled units off the newest sales; more than was sold stays unmatched, with the reason."""
        missing = -line.raw.units
        if line.is_anonymous:
            return Match(line, [], missing, Outcome.NO_CUSTOMER)
        pair = (line.raw.customer, line.code)
        open_sales = self._sold.get(pair, [])
        parts: list[MatchPart] = []
        while missing > 0 and open_sales:
            document, line_no, left = open_sales[-1]
            assert isinstance(left, int) and isinstance(line_no, int)
            taken = min(missing, left)
            parts.append(MatchPart(str(document), line_no, taken))
            missing -= taken
            if taken == left:
                open_sales.pop()
            else:
                open_sales[-1][2] = left - taken
        return Match(line, parts, missing, self._outcome(pair, parts, missing))

    def _outcome(self, pair: tuple[str, str], parts: list[MatchPart], missing: int) -> Outcome:
        if parts:
            return Outcome.PARTIAL if missing else Outcome.WHOLE if len(parts) == 1 else Outcome.SPREAD
        return Outcome.USED_UP if pair in self._known else Outcome.NEVER_SOLD


def cancelled_pairs(lines: Iterable[Line]) -> set[tuple[str, str]]:
    """The pairs of customer and item that cancellation lines name."""
    return {(x.raw.customer, x.code) for x in lines if x.kind is LineClass.CANCELLATION and x.raw.customer}
