"""A phone with a wedge scanner in the tests: each scan is a request with its own key, as the device makes it."""

from __future__ import annotations

import re
from uuid import uuid4

from django.test import Client

from tests.cast import Person, signed_in


class Device:
    """One flow on one device; `scans` counts what the person did with the trigger."""

    def __init__(self, person: Person, url: str, site: int) -> None:
        self.client: Client = signed_in(person)
        session = self.client.session
        session["site_id"] = site
        session.save()
        self.url = url
        self.scans = 0
        self.feedback = ""
        self._read(self.client.get(url))

    def scan(self, code: str) -> str:
        """Pull the trigger; the feedback."""
        self.scans += 1
        return self._send("code", code)

    def tap(self, action: str) -> str:
        """Press a button; the feedback."""
        return self._send("action", action)

    def type(self, units: str, reason: str = "") -> str:
        """Type a number on the keypad; the feedback."""
        return self._send("qty", units, reason)

    def _send(self, kind: str, value: str, reason: str = "") -> str:
        body = {"kind": kind, "value": value, "reason": reason, "key": uuid4().hex, "state": self.state}
        self._read(self.client.post(self.url, body))
        return self.feedback

    def _read(self, response) -> None:  # type: ignore[no-untyped-def]
        assert response.status_code in (200, 204), response.content.decode()[:500]
        self.feedback = response.headers.get("X-Scan-Feedback", "")
        self.html = response.content.decode()
        self.page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
        found = re.search(r'name="state"[^>]*value="([^"]*)"', response.content.decode())
        found = found or re.search(r'data-state="([^"]*)"', response.content.decode())
        assert found, response.content.decode()[:3000]
        self.state = found.group(1)
