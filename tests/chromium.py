"""Chromium over a pipe: one browser for all pages that a process of the tests looks at."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LAUNCH = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser without a window that asks nothing of the network by itself."""
FROM_US, TO_US = 3, 4
"""File descriptors on which Chromium listens and answers."""


class Chromium:
    """A browser that runs, spoken to in its DevTools protocol: JSON, each message ended by NUL."""

    def __init__(self, program: str, profile: Path) -> None:
        """Start the browser."""
        theirs, self._to = os.pipe()
        self._from, answers = os.pipe()
        command = [program, *LAUNCH, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        # The numbers are fixed, and a pipe may have one of them already: a shell moves them.
        moved = f'exec "$@" {FROM_US}<&{theirs} {TO_US}>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", moved, "bash", *command],
            pass_fds=(theirs, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(answers)
        self._read, self._number = b"", 0
        self._told: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the browser."""
        self.ask("Browser.close")
        os.close(self._to)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._from)

    @contextmanager
    def page(self, path: Path, *, dark: bool = False) -> Iterator["Page"]:
        """Open a file in a tab of its own, and wait until it is loaded."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = Page(self, attached["sessionId"])
        try:
            page.ask("Page.enable")
            page.ask("Page.setBypassCSP", {"enabled": True})
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            page.ask("Emulation.setEmulatedMedia", {"features": [scheme]})
            page.ask("Page.navigate", {"url": path.as_uri()})
            self.wait_for("Page.loadEventFired", page.session)
            yield page
        finally:
            self.ask("Target.closeTarget", {"targetId": target})

    def ask(self, method: str, given: dict[str, Any] | None = None, session: str = "") -> Any:
        """Return the answer to a command."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": given or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._told.append(answer)

    def wait_for(self, event: str, session: str) -> None:
        """Read on until the browser tells of an event of one tab."""
        while not any(
            t.get("method") == event and t.get("sessionId") == session for t in self._told
        ):
            self._told.append(self._next())
        self._told.clear()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            read = os.read(self._from, 1 << 20)
            assert read, "the browser ended"
            self._read += read
        message, _, self._read = self._read.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


class Page:
    """A file in a tab."""

    def __init__(self, browser: Chromium, session: str) -> None:
        """Belong to a tab."""
        self._browser, self.session = browser, session

    def ask(self, method: str, given: dict[str, Any] | None = None) -> Any:
        """Return the answer to a command."""
        return self._browser.ask(method, given, self.session)

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression, or what its promise is kept with."""
        said = self.ask(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def pdf(self, path: Path) -> Path:
        """Print the page on the paper that its style names."""
        given = {"preferCSSPageSize": True, "printBackground": True}
        path.write_bytes(base64.b64decode(self.ask("Page.printToPDF", given)["data"]))
        return path
