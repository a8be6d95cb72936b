"""A loopback server that answers like the services, and fails in the ways services fail."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
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
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serve_files(folder: Path) -> Iterator[str]:
    """Serve the files of a folder with byte ranges, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:  # noqa: N802
            path = folder / self.path.lstrip("/")
            data = path.read_bytes() if path.is_file() else None
            asked = self.headers.get("Range")
            part = data or b""
            if data is not None and asked:
                first, _, last = asked.removeprefix("bytes=").partition("-")
                part = data[int(first) : int(last) + 1 if last else None]
            self.send_response(404 if data is None else 206 if asked else 200)
            self.send_header("Content-Length", str(len(part)))
            self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            try:
                self.wfile.write(part)
            except (BrokenPipeError, ConnectionResetError):
                pass

    with _running(Handler) as address:
        yield address


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

    with _running(Handler) as address:
        service.address = address
        yield service
