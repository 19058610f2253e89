"""Code 128: the shortest row of symbols for a text, its bars, and the same as a printer wants to hear it.

Subsets B (text) and C (two digits in one symbol) are used; which one where is found by trying all (a short table).
"""

from __future__ import annotations

from collections.abc import Sequence

FNC1 = "\x1d"
START_B, START_C, STOP = 104, 105, 106
TO_C, TO_B, SYMBOL_FNC1 = 99, 100, 102
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232 2331112
""".split()  # noqa: SIM905


class Unprintable(ValueError):
    """A character that Code 128 has not in the subsets used here."""


def symbols(text: str) -> list[int]:
    """The symbols of a text, start, check symbol and stop included. FNC1 (0x1D) may stand anywhere."""
    for char in text:
        if char != FNC1 and not 32 <= ord(char) < 127:
            raise Unprintable(char)
    # rows[n][subset]: the shortest row for the first n characters that ends in that subset
    rows: list[dict[str, list[int]]] = [{"B": [START_B], "C": [START_C]}]
    for at in range(len(text)):
        found: dict[str, list[int]] = {}
        before = rows[at]
        char = text[at]
        if char == FNC1:
            found = {subset: [*row, SYMBOL_FNC1] for subset, row in before.items()}
        elif "B" in before:
            found["B"] = [*before["B"], ord(char) - 32]
        pair = text[at - 1 : at + 1] if at else ""
        if len(pair) == 2 and pair.isdigit() and "C" in rows[at - 1]:
            _keep(found, "C", [*rows[at - 1]["C"], int(pair)])
        for own, other, change in (("B", "C", TO_B), ("C", "B", TO_C)):
            if other in found:
                _keep(found, own, [*found[other], change])
        rows.append(found)
    row = min(rows[-1].values(), key=len)
    check = (row[0] + sum(n * symbol for n, symbol in enumerate(row[1:], 1))) % 103
    return [*row, check, STOP]


def _keep(found: dict[str, list[int]], subset: str, row: list[int]) -> None:
    if subset not in found or len(row) < len(found[subset]):
        found[subset] = row


def modules(row: Sequence[int]) -> int:
    """How many modules wide the bars are, without the white at their ends."""
    return sum(int(digit) for symbol in row for digit in _WIDTHS[symbol])


def bars(row: Sequence[int]) -> list[tuple[int, int]]:
    """The dark bars: (first module, modules)."""
    found, at = [], 0
    for symbol in row:
        for n, digit in enumerate(_WIDTHS[symbol]):
            if n % 2 == 0:
                found.append((at, int(digit)))
            at += int(digit)
    return found


def said_to_printer(row: Sequence[int]) -> str:
    """The row as the data of ZPL's ^BC, which says start, FNC1 and changes of subset with a > of its own."""
    subset = "C" if row[0] == START_C else "B"
    said = [">;" if subset == "C" else ">:"]
    for symbol in row[1:-2]:
        if symbol == SYMBOL_FNC1:
            said.append(">8")
        elif symbol == TO_C and subset == "B":
            subset = "C"
            said.append(">5")
        elif symbol == TO_B and subset == "C":
            subset = "B"
            said.append(">6")
        elif subset == "C":
            said.append(f"{symbol:02d}")
        else:
            said.append(">0" if symbol == ord(">") - 32 else chr(symbol + 32))
    return "".join(said)
