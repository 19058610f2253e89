"""Certificates for tests, made here from plain numbers (X.509 with ECDSA on P-256): an authority, and what it signs.

Only tests trust them: the keys are worked out from their names.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None


def _add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    steep = (3 * a[0] ** 2 - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (steep**2 - a[0] - b[0]) % P
    return x, (steep * (a[0] - x) - a[1]) % P


def _times(k: int, at: Point) -> tuple[int, int]:
    found: Point = None
    while k:
        found, at, k = (_add(found, at) if k & 1 else found), _add(at, at), k >> 1
    assert found is not None
    return found


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(long)]) + long) + body


def _seq(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _int(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    body = bytes([40 * first + second])
    for part in rest:
        low, high = [part & 0x7F], part >> 7
        while high:
            low, high = [0x80 | high & 0x7F, *low], high >> 7
        body += bytes(low)
    return _der(0x06, body)


def _bits(body: bytes) -> bytes:
    return _der(0x03, b"\0", body)


def _pem(kind: str, body: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(body).decode()}-----END {kind}-----\n"


SIGNED_WITH = _seq(_oid("1.2.840.10045.4.3.2"))
CURVE = _oid("1.2.840.10045.3.1.7")


@dataclass(frozen=True)
class Holder:
    """Whoever has a key: an authority, or a system."""

    name: str

    @property
    def key(self) -> int:
        """The private key."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest(), "big") % (N - 1) + 1

    @property
    def point(self) -> bytes:
        """The public key."""
        x, y = _times(self.key, G)
        return b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")

    def sign(self, body: bytes) -> bytes:
        """The ECDSA signature of some bytes."""
        e = int.from_bytes(hashlib.sha256(body).digest(), "big")
        k = int.from_bytes(hashlib.sha256(self.key.to_bytes(32, "big") + body).digest(), "big") % (N - 1) + 1
        r = _times(k, G)[0] % N
        return _seq(_int(r), _int(pow(k, -1, N) * (e + r * self.key) % N))

    def pem_key(self) -> str:
        """The private key as a file holds it."""
        return _pem("EC PRIVATE KEY", _seq(_int(1), _der(0x04, self.key.to_bytes(32, "big")), _der(0xA0, CURVE)))


def _dn(name: str) -> bytes:
    return _seq(_der(0x31, _seq(_oid("2.5.4.3"), _der(0x0C, name.encode()))))


def _ext(oid: str, body: bytes, *, is_critical: bool = False) -> bytes:
    return _seq(_oid(oid), *([_der(0x01, b"\xff")] if is_critical else []), _der(0x04, body))


def _id(holder: Holder) -> bytes:
    return hashlib.sha256(holder.point).digest()[:20]


def certificate(
    holder: Holder, by: Holder, *names: str, days: tuple[int, int] = (-1, 1), is_authority: bool = False
) -> str:
    """A certificate that counts from one day to another, from now; for names or addresses, or an authority's own."""
    now = datetime.now(UTC)
    first, last = ((now + timedelta(days=n)).strftime("%Y%m%d%H%M%SZ").encode() for n in days)
    alts = [
        _der(0x82, name.encode()) if not name[0].isdigit() else _der(0x87, ipaddress.ip_address(name).packed)
        for name in names
    ]
    extensions = [
        _ext("2.5.29.19", _seq(_der(0x01, b"\xff")) if is_authority else _seq(), is_critical=True),
        _ext("2.5.29.14", _der(0x04, _id(holder))),
        _ext("2.5.29.35", _seq(_der(0x80, _id(by)))),
        _ext("2.5.29.15", _der(0x03, b"\2\4" if is_authority else b"\7\x80"), is_critical=True),
    ]
    if alts:
        extensions.append(_ext("2.5.29.17", _seq(*alts)))
    body = _seq(
        _der(0xA0, _int(2)), _int(int.from_bytes(_id(holder)[:8], "big")), SIGNED_WITH, _dn(by.name),
        _seq(_der(0x18, first), _der(0x18, last)), _dn(holder.name),
        _seq(_seq(_oid("1.2.840.10045.2.1"), CURVE), _bits(holder.point)), _der(0xA3, _seq(*extensions)),
    )  # fmt: skip
    return _pem("CERTIFICATE", _seq(body, SIGNED_WITH, _bits(by.sign(body))))


def written(folder: Path, name: str, text: str) -> str:
    """A file with it; its path."""
    path = folder / name
    path.write_text(text)
    return str(path)
