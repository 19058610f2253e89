"""The label sheet can be scanned."""

from __future__ import annotations

import struct
import zlib

import pytest
import zxingcpp

from flowrack.locations.labels import label_sheet
from flowrack.locations.types import LocationRow, PatternRefused


def png_pixels(png: bytes) -> memoryview:
    """The red channel of an 8-bit PNG: enough of a decoder for our own black and white."""
    chunks, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + size]
        at += size + 12
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    step = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    assert depth == 8
    raw = zlib.decompress(chunks[b"IDAT"])
    above, out = bytearray(width * step), bytearray()
    for row in range(height):
        start = row * (width * step + 1)
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + width * step])
        if kind:
            for i in range(len(line)):
                left = line[i - step] if i >= step else 0
                corner = above[i - step] if i >= step else 0
                line[i] = (line[i] + predict(kind, left, above[i], corner)) & 255
        out += line[::step]
        above = line
    return memoryview(bytes(out)).cast("B", shape=[height, width])


def predict(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))


def place(code: str) -> LocationRow:
    return LocationRow(1, 1, 1, "R", code, "bin", "reserve", 1, None, None, None, "ambient", [], True, "")


def test_every_barcode_of_a_sheet_reads_as_its_place() -> None:
    codes = [f"{aisle:02d}-{bay:02d}-1A" for aisle in range(1, 5) for bay in range(1, 7)]
    found = zxingcpp.read_barcodes(png_pixels(label_sheet([place(code) for code in codes], output="png")))
    assert sorted(barcode.text for barcode in found) == sorted(codes)


def test_a_sheet_is_a_pdf_and_no_places_or_too_many_are_refused() -> None:
    assert label_sheet([place("A-1")]).startswith(b"%PDF")
    for places in ([], [place("A-1")] * 2_401):
        with pytest.raises(PatternRefused):
            label_sheet(places)
