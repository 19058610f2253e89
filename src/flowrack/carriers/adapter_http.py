"""A carrier's own system over HTTP and JSON, in the shape of docs/carrier-adapter.yaml.

Only hosts that the administrator allowed are called, at addresses that were looked at before the connection is made, so
that a name cannot be turned to another machine in between. No redirect is followed, an answer has a largest size, and
the whole call a deadline that a carrier who answers drop by drop does not stretch.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from flowrack.carriers.adapter import (
    Adapter,
    BookingAsked,
    BookingGiven,
    NoAnswer,
    RateGiven,
    RatesAsked,
    TrackingGiven,
)
from flowrack.carriers.rules_accounts import Where, host_of, may_connect, where
from flowrack.carriers.rules_live import MOST, Outcome
from flowrack.carriers.rules_rates import Destination, Parcel
from flowrack.carriers.types_live import AllowedHost
from flowrack.shared.money import to_money

MOST_BYTES = 2_000_000
PAUSE_MS = 50  # before each further try
STATES = ("booked", "on_the_way", "delivered", "returned", "lost")
LABEL_KINDS = ("application/pdf", "application/zpl", "image/png")
AGAIN = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.ERROR})
# What OpenSSL says of a certificate (its X509_V_ERR codes), in plain words.
_UNKNOWN = "its certificate is of an authority that is not trusted here"
DISTRUST = {
    9: "its certificate is not valid yet, or the clock of this machine is wrong",
    10: "its certificate is over",
    **dict.fromkeys((2, 18, 19, 20, 21), _UNKNOWN),
    **dict.fromkeys((62, 64), "its certificate is for another name than {host}"),
}
NOT_AGAIN = (http.client.UNAUTHORIZED, http.client.FORBIDDEN)  # a wrong secret sent thrice may lock us out


@dataclass(frozen=True, slots=True)
class Door:
    """All that is needed to call an account's system. The secret is never shown. `authority` is the file of the only
    authority whose certificates count; None: those that this machine trusts."""

    address: str
    account_no: str
    currency: str
    timeout_ms: int
    tries: int
    hosts: Sequence[AllowedHost]
    secret: str
    authority: str | None = None

    def __repr__(self) -> str:
        return f"Door({self.address})"


class HttpAdapter(Adapter):
    """A carrier's own system."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def rates(self, asked: RatesAsked) -> list[RateGiven]:
        """What services would cost; one that the carrier leaves out it does not offer for the goods."""
        body = {
            "account": self.door.account_no, "currency": self.door.currency, "ships_on": asked.leaves_on.isoformat(),
            "from": {"site": asked.site, "country": asked.origin_country}, "to": _place(asked.to),
            "parcels": [_parcel(one) for one in asked.parcels], "services": list(asked.services),
        }  # fmt: skip
        rows = _list(self._call("POST", "/rates", body), "rates")
        found = {one.service: one for one in (self._rate(row) for row in rows) if one.service in asked.services}
        return [found[code] for code in asked.services if code in found]

    def book(self, asked: BookingAsked) -> BookingGiven:
        """Book goods; asked again with the same reference the carrier answers the same booking."""
        body = {
            "account": self.door.account_no, "currency": self.door.currency, "reference": asked.reference,
            "service": asked.service, "ships_on": asked.leaves_on.isoformat(),
            "from": {"site": asked.site, "country": asked.origin_country},
            "to": {**_place(asked.to), "name": asked.name, "lines": list(asked.address)},
            "parcels": [_parcel(one) for one in asked.parcels],
        }  # fmt: skip
        said = self._call("POST", "/bookings", body, key=asked.reference)
        total = self._amount(said) if said.get("total") is not None else None
        kind, text = said.get("label_type", ""), said.get("label", "")
        if (kind and kind not in LABEL_KINDS) or not isinstance(text, str):
            raise _garbage("a label of an unknown kind")
        try:
            label = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise _garbage("a label that cannot be decoded") from None
        return BookingGiven(_text(said, "booking", 80), _text(said, "tracking", 80), total, label, str(kind))

    def cancel(self, booking: str) -> None:
        """Call a booking off; one that is not there any more is called off."""
        try:
            self._call("DELETE", f"/bookings/{quote(booking, safe='')}", None)
        except NoAnswer as no:
            if no.status != http.client.NOT_FOUND:
                raise

    def track(self, tracking: str) -> TrackingGiven:
        """Where goods are."""
        said = self._call("GET", f"/tracking/{quote(tracking, safe='')}", None)
        if said.get("state") not in STATES:
            raise _garbage("a state that is not known")
        at = None
        if said.get("at") is not None:
            try:
                at = datetime.fromisoformat(_text(said, "at", 40))
            except ValueError:
                raise _garbage("a time that is none") from None
            if at.tzinfo is None:
                raise _garbage("a time without its zone")
        return TrackingGiven(str(said["state"]), at, _words(said, "place", 120), _words(said, "signed_by", 120))

    def _rate(self, row: Any) -> RateGiven:
        if not isinstance(row, dict):
            raise _garbage("a rate that is none")
        days = row.get("days")
        if days is not None and not (isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= 90):
            raise _garbage("days on the way that are none")
        return RateGiven(_text(row, "service", 40), self._amount(row), days)

    def _amount(self, row: dict[str, Any]) -> Decimal:
        if row.get("currency") != self.door.currency:
            raise _garbage(f"a price that is not in {self.door.currency}")
        try:
            amount = Decimal(str(row.get("total")))
        except InvalidOperation:
            raise _garbage("a price that is no amount") from None
        if not amount.is_finite() or not 0 <= amount < MOST:
            raise _garbage("a price that cannot be")
        return to_money(amount)

    def _call(self, method: str, path: str, body: Any, *, key: str = "") -> dict[str, Any]:
        """The answer to a call; tried again where the carrier's system did not answer, with all else it is final."""
        for n in range(1, self.door.tries + 1):
            try:
                return self._once(method, path, body, key)
            except NoAnswer as no:
                if no.outcome not in AGAIN or no.status in NOT_AGAIN or n == self.door.tries:
                    raise
                time.sleep(PAUSE_MS * n / 1_000)
        raise AssertionError("the last try answers or raises")

    def _once(self, method: str, path: str, body: Any, key: str) -> dict[str, Any]:
        if not self.door.secret:
            raise NoAnswer(Outcome.NO_SECRET, "the variable with its secret is not set here")
        at, host = where(self.door.address), host_of(self.door.address, self.door.hosts)
        if at is None or host is None:
            raise NoAnswer(Outcome.BLOCKED, "the administrator has not allowed its host")
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.door.secret}",
            "User-Agent": "Flowrack",
        }
        if key:
            headers["Idempotency-Key"] = key
        sent = None
        if body is not None:
            headers["Content-Type"], sent = "application/json", json.dumps(body).encode()
        status, raw = _exchange(at, host, self.door, (method, at.path + path, headers, sent))
        return self._read(status, raw)

    def _read(self, status: int, raw: bytes) -> dict[str, Any]:
        if status == http.client.NO_CONTENT:
            return {}
        if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
            raise NoAnswer(Outcome.ERROR, f"its system had an error (HTTP {status})", status)
        if status in NOT_AGAIN:
            raise NoAnswer(Outcome.ERROR, f"its system does not take our secret (HTTP {status})", status)
        try:
            said = json.loads(raw, parse_float=str)
        except (ValueError, RecursionError):
            raise _garbage("no JSON", status) from None
        if not isinstance(said, dict):
            raise _garbage("no object", status)
        if status >= http.client.BAD_REQUEST:
            raise NoAnswer(Outcome.REFUSED, self._hidden(_words(said, "message", 160)) or f"no (HTTP {status})", status)
        if status >= http.client.MULTIPLE_CHOICES:
            raise _garbage(f"a way to elsewhere (HTTP {status})", status)
        return said

    def _hidden(self, words: str) -> str:
        return words.replace(self.door.secret, "***").strip()


def _exchange(
    at: Where, host: AllowedHost, door: Door, asked: tuple[str, str, dict[str, str], bytes | None]
) -> tuple[int, bytes]:
    """Status and body of one exchange, within its deadline: from the look at the name to the last byte."""
    timeout_ms = door.timeout_ms
    ends = _ms() + timeout_ms
    conn = http.client.HTTPConnection(at.host, at.port)
    guard: threading.Timer | None = None
    try:
        plain = _connected(at, host, ends)
        conn.sock = plain
        if at.scheme == "https":
            conn.sock = _safe(door).wrap_socket(plain, server_hostname=at.host, do_handshake_on_connect=False)
        guard = threading.Timer(max(ends - _ms(), 0) / 1_000, _cut, [conn.sock])
        guard.daemon = True
        guard.start()
        if isinstance(conn.sock, ssl.SSLSocket):
            conn.sock.do_handshake()
        method, path, headers, sent = asked
        conn.request(method, path, sent, headers)
        answer = conn.getresponse()
        raw = answer.read(MOST_BYTES + 1)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(Outcome.UNTRUSTED, _distrust(error, at.host)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if _ms() >= ends or isinstance(error, TimeoutError):
            raise NoAnswer(Outcome.TIMEOUT, f"its system did not answer within {timeout_ms:,} ms") from None
        if isinstance(error, http.client.HTTPException) and not isinstance(error, http.client.RemoteDisconnected):
            raise _garbage("no HTTP") from None
        if isinstance(error, ssl.SSLError) and error.reason:
            said = f"its system does not speak https as it should ({error.reason.lower().replace('_', ' ')})"
            raise NoAnswer(Outcome.UNREACHABLE, said) from None
        raise NoAnswer(Outcome.UNREACHABLE, f"its system could not be reached ({type(error).__name__})") from None
    finally:
        if guard is not None:
            guard.cancel()
        conn.close()
    if _ms() >= ends:
        raise NoAnswer(Outcome.TIMEOUT, f"its system did not answer within {timeout_ms:,} ms")
    if len(raw) > MOST_BYTES:
        raise _garbage("more than can be taken", answer.status)
    return answer.status, raw


def _safe(door: Door) -> ssl.SSLContext:
    """How an https call is made safe: by the authorities of this machine, or by the one that the account names."""
    if door.authority is None:
        return ssl.create_default_context()
    if not door.authority:
        raise NoAnswer(Outcome.UNTRUSTED, "the variable with the file of its authority is not set here")
    try:
        return ssl.create_default_context(cafile=door.authority)
    except OSError:
        raise NoAnswer(Outcome.UNTRUSTED, "the file of its authority cannot be read here") from None


def _distrust(error: ssl.SSLCertVerificationError, host: str) -> str:
    return DISTRUST.get(error.verify_code, "its certificate is not trusted").format(host=host)


def _connected(at: Where, host: AllowedHost, ends: int) -> socket.socket:
    """A connection to the first address of the host that answers; all of them must be allowed to be called."""
    ips = _resolved(at, ends)
    allowed = [ip for ip in ips if may_connect(ip, is_inside=host.is_inside)]
    if not allowed or len(allowed) < len(ips):
        raise NoAnswer(Outcome.BLOCKED, "its name stands for an address that must not be called")
    for ip in allowed[:-1]:
        try:
            return socket.create_connection((ip, at.port), timeout=max(ends - _ms(), 1) / 1_000 / len(allowed))
        except OSError:
            continue
    return socket.create_connection((allowed[-1], at.port), timeout=max(ends - _ms(), 1) / 1_000)


def _resolved(at: Where, ends: int) -> list[str]:
    """The addresses behind the name of a host. The look at the name cannot be ended; who waits for it can be."""
    found: queue.Queue[list[str] | OSError] = queue.Queue()

    def look() -> None:
        try:
            rows = socket.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except OSError as error:
            found.put(error)

    threading.Thread(target=look, name="carrier-name", daemon=True).start()
    try:
        said = found.get(timeout=max(ends - _ms(), 1) / 1_000)
    except queue.Empty:
        raise TimeoutError("its name was not found in time") from None
    if isinstance(said, OSError):
        raise said
    return said


def _ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _cut(plain: socket.socket) -> None:
    """End a call whose time is over, wherever it is."""
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _garbage(what: str, status: int = 0) -> NoAnswer:
    return NoAnswer(Outcome.GARBAGE, f"its system answered {what}", status)


def _text(row: dict[str, Any], name: str, most: int) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= most or not found.isprintable():
        raise _garbage(f"no {name}")
    return found


def _words(said: dict[str, Any], name: str, most: int) -> str:
    """What people read of an answer, without what no screen shows and no database keeps; "" where nothing is said."""
    text = said.get(name)
    return "".join(c if c.isprintable() else " " for c in ("" if text is None else str(text))[:most]).strip()


def _list(said: dict[str, Any], name: str) -> list[Any]:
    found = said.get(name)
    if not isinstance(found, list):
        raise _garbage(f"no {name}")
    return found


def _place(to: Destination) -> dict[str, Any]:
    return {
        "country": to.country, "postcode": to.postcode, "region": to.region, "is_residential": to.is_residential,
    }  # fmt: skip


def _parcel(one: Parcel) -> dict[str, Any]:
    sides = one.sides or (None, None, None)
    return {
        "weight_g": one.weight_g, "length_mm": sides[0], "width_mm": sides[1], "height_mm": sides[2],
        "hazards": [str(hazard) for hazard in one.hazards], "is_pallet": one.is_pallet,
    }  # fmt: skip
