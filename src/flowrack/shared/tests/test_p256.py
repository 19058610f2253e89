"""Signatures of browsers: one of NIST's own examples, and what must not pass."""

from __future__ import annotations

import pytest

from flowrack.shared.p256 import N, P, is_signed, point_of

# FIPS 186-4 test vectors, ECDSA SigGen, P-256 with SHA-256, the first.
KEY = bytes.fromhex(
    "04"
    "1ccbe91c075fc7f4f033bfa248db8fccd3565de94bbfb12f3c59ff46c271bf83"
    "ce4014c68811f9a21a1fdb2c0e6113e06db7ca93b7404e78dc7ccd5ca89a4ca9"
)
MESSAGE = bytes.fromhex(
    "5905238877c77421f73e43ee3da6f2d9e2ccad5fc942dcec0cbd25482935faaf416983fe165b1a045ee2bcd2e6dca3bdf46c4310a7461f9a3"
    "7960ca672d3feb5473e253605fb1ddfd28065b53cb5858a8ad28175bf9bd386a5e471ea7a65c17cc934a9d791e91491eb3754d03799790fe2"
    "d308d16146d5c9b0d0debd97d79ce8"
)
SIGNATURE = bytes.fromhex(
    "f3ac8061b514795b8843e3d6629527ed2afd6b1f6a555a7acabb5e6f79c8c2ac"
    "8bf77819ca05a6b2786c76262bf7371cef97b218e96f175a3ccdda2acc058903"
)


def test_the_standards_own_example_is_signed() -> None:
    assert is_signed(KEY, SIGNATURE, MESSAGE)


@pytest.mark.parametrize(
    ("key", "signature", "message"),
    [
        (KEY, SIGNATURE, MESSAGE + b"\n"),
        (KEY, SIGNATURE[:-1] + b"\x02", MESSAGE),
        (KEY, SIGNATURE[32:] + SIGNATURE[:32], MESSAGE),
        (KEY, bytes(64), MESSAGE),
        (KEY, N.to_bytes(32, "big") + SIGNATURE[32:], MESSAGE),
        (KEY, SIGNATURE[:63], MESSAGE),
        (KEY[:1] + KEY[33:] + KEY[1:33], SIGNATURE, MESSAGE),
        (b"\x04" + P.to_bytes(32, "big") + KEY[33:], SIGNATURE, MESSAGE),
        (b"", SIGNATURE, MESSAGE),
    ],
)
def test_anything_else_is_not(key: bytes, signature: bytes, message: bytes) -> None:
    assert not is_signed(key, signature, message)


def test_a_key_off_the_curve_is_no_key() -> None:
    assert point_of(KEY) is not None
    assert point_of(KEY[:-1] + b"\x00") is None
    assert point_of(b"\x03" + KEY[1:33]) is None
