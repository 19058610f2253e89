"""Is this signature that key's? ECDSA over P-256 with SHA-256, as browsers make it (FIPS 186-5, SEC 1).

Only what everybody may know is worked with here (a public key, a signature, a message), so that nothing can leak
through the time it takes. Keys are uncompressed points, 0x04 and two numbers of 32 bytes; signatures two such numbers.
"""

from __future__ import annotations

import hashlib

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

Point = tuple[int, int]
Jacobian = tuple[int, int, int]  # x / z², y / z³; z = 0 is the point at infinity
NOWHERE: Jacobian = (1, 1, 0)


def point_of(key: bytes) -> Point | None:
    """The point that an uncompressed public key names; None when it is none of the curve's."""
    if len(key) != 65 or key[0] != 4:
        return None
    x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    if x >= P or y >= P or (y * y - (x * x * x - 3 * x + B)) % P:
        return None
    return x, y


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not z or not y:
        return NOWHERE
    square = y * y % P
    s = 4 * x * square % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * square * square) % P, 2 * y * z % P


def _add(left: Jacobian, right: Jacobian) -> Jacobian:
    if not left[2]:
        return right
    if not right[2]:
        return left
    x1, y1, z1 = left
    x2, y2, z2 = right
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    if u1 == u2:
        return _double(left) if s1 == s2 else NOWHERE
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


def is_signed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the key signed the message."""
    owner = point_of(key)
    if owner is None or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, N)
    of_base, of_owner = digest * inverse % N, r * inverse % N
    base, owned = (*G, 1), (*owner, 1)
    both = _add(base, owned)
    found = NOWHERE
    for bit in range(max(of_base.bit_length(), of_owner.bit_length()) - 1, -1, -1):
        found = _double(found)
        here = of_base >> bit & 1, of_owner >> bit & 1
        if here != (0, 0):
            found = _add(found, both if here == (1, 1) else base if here[0] else owned)
    if not found[2]:
        return False
    z = pow(found[2], -1, P)
    return found[0] * z * z % P % N == r
