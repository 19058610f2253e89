"""A label printer in small: reads the ZPL that we write and draws it as dots, so that a test can scan what is printed.

It knows nothing of the writer: the text of ^BC is read by its own table of > codes, and DataMatrix is drawn by zxing.
What it does not know is an error, so that no command is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import zxingcpp

from flowrack.labels.rules_code128 import bars

FIELD = re.compile(r"\^([A-Z0-9]{2})([^^]*)")


@dataclass
class Paper:
    """What came out."""

    width: int = 0
    height: int = 0
    copies: int = 0
    texts: list[tuple[int, int, str, str]] = field(default_factory=list)
    rows: list[bytearray] = field(default_factory=list)

    def black(self, x: int, y: int, width: int, height: int) -> None:
        assert x >= 0 and y >= 0 and x + width <= self.width and y + height <= self.height, "ink beside the label"
        for row in self.rows[y : y + height]:
            row[x : x + width] = bytes(width)

    def scanned(self) -> list[tuple[str, str]]:
        """What a scanner reads: (text, symbology)."""
        picture = memoryview(b"".join(bytes(row) for row in self.rows)).cast("B", (self.height, self.width))
        return sorted((code.text, code.symbology_identifier) for code in zxingcpp.read_barcodes(picture))


def print_out(zpl: str) -> Paper:
    """Run one label through the printer."""
    assert zpl.isascii() and zpl.startswith("^XA") and zpl.rstrip().endswith("^XZ")
    paper, at, module, pending, escape = Paper(), (0, 0), 0, None, ""
    for name, said in FIELD.findall(zpl):
        said = said.rstrip("\n")
        if name == "FD":
            said = _unescaped(said, escape)
            _draw(paper, at, module, pending, said)
        elif name == "PW":
            paper.width = int(said)
        elif name == "LL":
            paper.height = int(said)
            paper.rows = [bytearray(b"\xff" * paper.width) for _ in range(paper.height)]
        elif name == "FO":
            at = tuple(int(n) for n in said.split(","))
        elif name == "BY":
            module = int(said.split(",")[0])
        elif name == "GB":
            width, height, thick = (int(n) for n in said.split(","))
            assert thick == min(width, height)
            paper.black(*at, width, height)
        elif name in ("BC", "BX") or name.startswith("A0"):
            pending = (name, said)
        elif name == "FH":
            escape = said
        elif name == "PQ":
            paper.copies = int(said)
        elif name == "FS":
            pending, escape = None, ""
        else:
            assert name in ("XA", "XZ", "CI", "LH"), f"^{name} is no command that we write"
    return paper


def _unescaped(said: str, escape: str) -> str:
    if not escape:
        return said
    out, at = bytearray(), 0
    while at < len(said):
        if said[at] == escape:
            out.append(int(said[at + 1 : at + 3], 16))
            at += 3
        else:
            out += said[at].encode()
            at += 1
    return out.decode()


def _draw(paper: Paper, at: tuple[int, int], module: int, pending: tuple[str, str] | None, said: str) -> None:
    assert pending is not None
    name, parameters = pending
    if name.startswith("A0"):
        paper.texts.append((*at, parameters[0], said))
    elif name == "BC":
        turned, high = parameters.split(",")[:2]
        symbols = _heard(said)
        long = 11 * len(symbols) + 2
        for first, many in bars(symbols):
            start = first if turned in "NR" else long - first - many
            if turned in "NI":
                paper.black(at[0] + start * module, at[1], many * module, int(high))
            else:
                paper.black(at[0], at[1] + start * module, int(high), many * module)
    else:
        size = int(parameters.split(",")[1])
        text = said.replace("_1", "\x1d").replace("_d095", "_")
        assert text.startswith("\x1d"), "a GS1 DataMatrix begins with FNC1"
        made = zxingcpp.create_barcode(_bracketed(text), zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
        for y, row in enumerate(memoryview(made.to_image(scale=1, add_quiet_zones=False)).tolist()):
            for x, grey in enumerate(row):
                if grey == 0:
                    paper.black(at[0] + x * size, at[1] + y * size, size, size)


def _heard(said: str) -> list[int]:
    """The symbols behind the text of ^BC, with the check symbol and stop that the printer adds."""
    start = {">;": 105, ">:": 104}[said[:2]]
    symbols, subset, at = [start], "C" if start == 105 else "B", 2
    while at < len(said):
        two = said[at : at + 2]
        if two == ">8":
            symbols.append(102)
        elif two == ">5":
            symbols.append(99)
            subset = "C"
        elif two == ">6":
            symbols.append(100)
            subset = "B"
        elif two == ">0":
            symbols.append(30)
        elif subset == "C":
            symbols.append(int(two))
        else:
            symbols.append(ord(said[at]) - 32)
            at -= 1
        at += 2
    check = (symbols[0] + sum(n * symbol for n, symbol in enumerate(symbols[1:], 1))) % 103
    return [*symbols, check, 106]


def _bracketed(text: str) -> str:
    from biip.gs1_messages import GS1Message

    return "".join(f"({e.ai.ai}){e.value}" for e in GS1Message.parse(text.lstrip("\x1d")).element_strings)
