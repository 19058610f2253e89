"""How the processes log: one line an event, without the values of local variables, which may hold secrets."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Lines of text on a terminal, JSON otherwise; exceptions as plain tracebacks."""
    is_terminal = sys.stderr.isatty()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last = [plain] if is_terminal else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
