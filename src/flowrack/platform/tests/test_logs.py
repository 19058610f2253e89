"""What goes wrong is logged without the values that a request carried."""

from __future__ import annotations

import structlog

from flowrack.config import logs


def test_a_logged_exception_shows_no_local_values(capsys):
    logs.configure()
    password = "correct horse battery staple"
    try:
        raise ValueError(len(password))
    except ValueError:
        structlog.get_logger().exception("failed")
    written = capsys.readouterr().err
    assert "ValueError: 28" in written
    assert "battery" not in written.replace('password = "correct horse battery staple"', "")
