"""The camera where there is no scanner: a film of a label is read, told once, and picked with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp

from tests.browser import house as pages
from tests.browser.conftest import ARGUMENTS, PHONE, executable, session_of
from tests.cast import ADA

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, HIGH = 640, 480


def film(path: Path, code: str) -> None:
    """Ten frames of a GS1-128 label, as the camera would see it."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128, gs1=True).to_image(scale=2)
    label = np.array(made)
    label = label[: HIGH - 40, : WIDE - 40]
    picture = np.full((HIGH, WIDE), 235, dtype=np.uint8)
    top, left = (HIGH - label.shape[0]) // 2, (WIDE - label.shape[1]) // 2
    picture[top : top + label.shape[0], left : left + label.shape[1]] = label
    grey = np.full((HIGH * WIDE) // 2, 128, dtype=np.uint8).tobytes()
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(10):
            out.write(b"FRAME\n" + picture.tobytes() + grey)


def test_a_label_before_the_camera_is_read_once_and_scanned(chromium: Any, house: str, tmp_path: Path) -> None:
    film(tmp_path / "label.y4m", "(01)09501101530003(10)AB-12")
    pages.SCANNED.clear()
    browser = chromium.browser_type.launch(
        executable_path=executable(),
        args=[*ARGUMENTS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
              f"--use-file-for-fake-video-capture={tmp_path / 'label.y4m'}"],
    )  # fmt: skip
    try:
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, permissions=["camera"])
        context.add_cookies([{"name": "sessionid", "value": session_of(ADA), "url": house}])
        page, asked, trouble = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: trouble.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{house}/scan/house")
        button = page.get_by_role("button", name="Use camera")
        button.wait_for()
        assert not [url for url in asked if "zxing" in url], "the reader is loaded on demand only"
        button.tap()
        camera = page.get_by_role("dialog", name="Camera")
        camera.get_by_text("]C1").wait_for()
        page.locator("#scan .ticks li", has_text="]C1").wait_for()
        page.wait_for_timeout(900)  # the camera looks again, and sees the same label
        camera.get_by_role("button", name="Close camera").tap()
        camera.wait_for(state="detached")
        assert [code for _, code in pages.SCANNED] == ["]C1010950110153000310AB-12"]
        assert [url for url in asked if not url.startswith(house)] == [] and trouble == []
    finally:
        browser.close()
