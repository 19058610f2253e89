"""A carrier's own system for tests: a real HTTP server on this machine that answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "s3cret-of-the-carrier"

Answer = Callable[["Seen"], tuple[int, bytes]]


@dataclass
class Seen:
    """A call as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class System:
    """The carrier's system: what it answers to each call, and what it saw."""

    port: int = 0
    answer: Answer = lambda seen: (404, b"{}")
    seen: list[Seen] = field(default_factory=list)
    drip_ms: int = 0
    safe: ssl.SSLContext | None = None

    def shows(self, pem: Path) -> None:
        """It shows the certificate of a file, with its key, to whoever comes from now on."""
        self.safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.safe.load_cert_chain(pem)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/v1"

    def prices(self, **total: str) -> None:
        """It prices services by their codes, in pounds."""
        rates = [{"service": code, "total": text, "currency": "GBP", "days": 1} for code, text in total.items()]
        self.says({"rates": rates})

    def says(self, body: Any, status: int = 200) -> None:
        """It answers every call with this."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = lambda seen: (status, raw)


@contextmanager
def running(*, is_safe: bool = False) -> Iterator[System]:
    """A system that answers until the block ends; a safe one by https, with the certificate that it shows then."""
    system = System()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            headers = {key.lower(): value for key, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, json.loads(raw) if raw else None)
            system.seen.append(seen)
            status, body = system.answer(seen)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for n in range(0, len(body), 8) if system.drip_ms else [0]:
                try:
                    self.wfile.write(body[n : n + 8] if system.drip_ms else body)
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(system.drip_ms / 1_000)

        do_GET = do_POST = do_DELETE = _any

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[Any, Any]:
            plain, address = super().get_request()
            if not is_safe or system.safe is None:
                return plain, address
            # The hand is shaken by the thread of the call: one who goes away ends nothing else.
            return system.safe.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who hangs up because of the certificate is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    system.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
