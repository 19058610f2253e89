"""A phone that works without the network: its storage outlives its browser, which may be killed at any moment."""

from __future__ import annotations

import tempfile
from typing import Any

from flowrack.devices import commands as devices
from flowrack.devices.models import Device
from flowrack.devices.types import ApproveDevice
from tests.browser.conftest import ARGUMENTS, PHONE, executable, session_of, wedge
from tests.cast import ADA, CY, ctx


class Phone:
    """A phone whose storage outlives its browser: `kill` takes the battery out, `start` puts it back."""

    def __init__(self, chromium: Any, house: str) -> None:
        self.type, self.house, self.person = chromium.browser_type, house, CY
        self.scans = 0
        self.folder = tempfile.TemporaryDirectory(prefix="scan-phone-")
        self.context: Any = None

    def start(self, *, offline: bool = False, at: str = "/scan/offline") -> Any:
        """Open the app."""
        self.context = self.type.launch_persistent_context(
            self.folder.name, executable_path=executable(), args=ARGUMENTS, viewport=PHONE, has_touch=True
        )
        self.context.add_cookies([{"name": "sessionid", "value": session_of(self.person), "url": self.house}])
        self.page = self.context.pages[0]
        self.offline(offline)
        self.page.goto(self.house + at)
        if at == "/scan/offline":
            self.page.wait_for_function("() => document.documentElement.dataset.ready")
        return self.page

    def offline(self, is_so: bool) -> None:
        """Walk into the steel, or out of it."""
        self.context.set_offline(is_so)

    def kill(self) -> None:
        """No page is told that it ends."""
        self.context.close()

    def says(self, words: str) -> None:
        """Wait until the screen says so."""
        self.page.locator("#scan", has_text=words).wait_for()

    def scan(self, code: str, then: str) -> None:
        """One pull of the trigger, and what the screen says after it."""
        wedge(self.page, code)
        self.scans += 1
        self.says(then)


def enrolled(phone: Phone, site: int) -> None:
    """The phone asks to join, and Ada approves it by its letters."""
    phone.start(at="/scan/device")
    phone.page.get_by_role("button", name="Ask to join").tap()
    phone.says("Waiting for approval")
    row = Device.objects.get()
    assert row.approval_code in phone.page.locator("[data-letters]").inner_text()
    devices.approve_device(ctx(ADA), ApproveDevice(row.id, site, "Aisle phone"))
    phone.page.goto(f"{phone.house}/scan/offline")
    phone.says("Nothing taken along")
    phone.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
