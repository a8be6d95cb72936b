"""A loopback server that answers like the services, and fails in the ways services fail."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

Answer = Callable[[str, dict[str, str], Any], Any]
"""Asked with path, parameters and body; returns what is sent as JSON."""


@dataclass
class Service:
    """What the server does next, and what it was asked."""

    answer: Answer
    address: str = ""
    failures: list[str] = field(default_factory=list)
    """Failures of the next requests, in order: `500`, `429`, `404`, `slow`, `truncated`, `text`."""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)


@contextmanager
def serve(answer: Answer) -> Iterator[Service]:
    """Run the server for a while."""
    service = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _reply(self, status: int, data: bytes, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data) if length is None else length))
            if status == 429:
                self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(data)

        def _handle(self, body: Any) -> None:
            parts = urlparse(self.path)
            asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
            service.requests.append((self.command, self.path, body))
            service.agents.append(self.headers.get("User-Agent", ""))
            failure = service.failures.pop(0) if service.failures else ""
            if failure.isdigit():
                self._reply(int(failure), b"{}")
                return
            data = json.dumps(service.answer(parts.path, asked, body)).encode()
            if failure == "slow":
                time.sleep(0.4)
            if failure == "text":
                data = b"<html>maintenance</html>"
            if failure == "truncated":
                self._reply(200, data[: len(data) // 2], len(data))
                self.close_connection = True
                return
            try:
                self._reply(200, data)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def do_GET(self) -> None:  # noqa: N802
            self._handle(None)

        def do_POST(self) -> None:  # noqa: N802
            length = int(self.headers["Content-Length"])
            self._handle(json.loads(self.rfile.read(length)))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
