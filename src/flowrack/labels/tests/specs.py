"""Specs for tests."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import zxingcpp
from tests.cast import ADA, PAM, ctx

from flowrack.labels import commands, house
from flowrack.labels.types import ApproveLabelSpec, DraftLabelSpec, Element, LabelSpecDrafted

CARTON = house.house_specs()[0]
BARS = Element("bars", "barcode", 2, 2, 96, 20, content="(00){sscc}", symbology="gs1-128")


def spec(*elements: Element, code: str = "T-1", kind: str = "carton", **more: object) -> DraftLabelSpec:
    """A carton spec of the house with these elements."""
    return replace(DraftLabelSpec(code, kind, "Test", list(elements)), **more)  # type: ignore[arg-type]


def approved(req: DraftLabelSpec) -> LabelSpecDrafted:
    """Pam writes it, Ada approves it."""
    done = commands.draft_label_spec(ctx(PAM), req)
    commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(done.version_id))
    return done


def scanned(png: bytes) -> list[tuple[str, str]]:
    """What a scanner reads on a picture: (text, symbology)."""
    return sorted((code.text, code.symbology_identifier) for code in zxingcpp.read_barcodes(_grey(png)))


def _grey(png: bytes) -> memoryview:
    """A PNG of 8 bits as grey dots; enough of the format for what typst writes."""
    stream, size, packed, kind = BytesIO(png[8:]), (0, 0), b"", 0
    while head := stream.read(8):
        length, name = struct.unpack(">I4s", head)
        body = stream.read(length)
        stream.read(4)
        if name == b"IHDR":
            *size, depth, kind = struct.unpack(">IIBB", body[:10])
            assert depth == 8
        elif name == b"IDAT":
            packed += body
    width, height = size
    many = {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    raw, before, grey = zlib.decompress(packed), bytes(width * many), bytearray()
    for y in range(height):
        start = y * (width * many + 1)
        row = bytearray(raw[start + 1 : start + 1 + width * many])
        _unfiltered(raw[start], row, before, many)
        grey += row[::many]
        before = bytes(row)
    return memoryview(bytes(grey)).cast("B", (height, width))


def _unfiltered(how: int, row: bytearray, before: bytes, many: int) -> None:
    """Undo one row's filter. Rows that are as the one above, which most are, are taken as they are."""
    if how == 2:
        if not any(row):
            row[:] = before
            return
        row[:] = bytes((np.frombuffer(row, np.uint8) + np.frombuffer(before, np.uint8)).tobytes())
    elif how == 1:
        sums = np.cumsum(np.frombuffer(bytes(row), np.uint8).reshape(-1, many), axis=0, dtype=np.uint8)
        row[:] = sums.tobytes()
    elif how in (3, 4):
        _guessed(how, row, before, many)


def _guessed(how: int, row: bytearray, before: bytes, many: int) -> None:
    for n in range(len(row)):
        left, up = row[n - many] if n >= many else 0, before[n]
        if how == 3:
            row[n] = (row[n] + (left + up) // 2) & 255
            continue
        corner = before[n - many] if n >= many else 0
        guess = left + up - corner
        near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
        row[n] = (row[n] + near[2]) & 255
