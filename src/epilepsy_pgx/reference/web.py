"""A polite JSON client: it pauses, tries again, remembers answers, and can stay offline."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass

if TYPE_CHECKING:
    from http.client import HTTPResponse

USER_AGENT = f"epilepsy-pgx/{__version__} (table curation)"
TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Answers after which another try makes sense."""
LARGEST_ANSWER = 256 * 2**20
"""Bytes of an answer, unpacked."""
LONGEST_WAIT = 60.0
"""Longest pause that a server may ask for, in seconds."""


@dataclass
class WebClient:
    """Requests JSON from a service.

    Parameters are seconds where they are times. With `offline`, only remembered answers are
    used; without a `cache` nothing is remembered.
    """

    cache: Path | None = None
    offline: bool = False
    timeout: float = 30.0
    longest: float = 600.0
    """Time for one answer, however steadily it arrives."""
    attempts: int = 4
    backoff: float = 1.0
    """Pause before the second try; doubled each time."""
    interval: float = 0.2
    """Shortest time between two requests."""
    max_age: float = 86400.0
    """Age from which a remembered answer is asked for again."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    _last: float = field(default=float("-inf"), repr=False)

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> Any:
        """Return the JSON answer to a GET request.

        Raises
        ------
        InputError
            If the service cannot be reached or answers nothing usable.
        """
        return self._ask("GET", url, dict(parameters or {}), None)

    def post(self, url: str, body: Any) -> Any:
        """Return the JSON answer to a POST request with a JSON body.

        Raises
        ------
        InputError
            If the service cannot be reached or answers nothing usable.
        """
        return self._ask("POST", url, {}, body)

    def previous(self, url: str, parameters: Mapping[str, str] | None = None) -> Any:
        """Return the remembered answer to a GET request, however old, or None."""
        path = self._path("GET", url, dict(parameters or {}), None)
        stored = _read(path) if path else None
        return stored["answer"] if stored else None

    def _path(self, method: str, url: str, parameters: Any, body: Any) -> Path | None:
        if self.cache is None:
            return None
        text = json.dumps([method, url, parameters, body], sort_keys=True)
        return self.cache / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"

    def _ask(self, method: str, url: str, parameters: dict[str, str], body: Any) -> Any:
        path = self._path(method, url, parameters, body)
        stored = _read(path) if path else None
        if stored and (self.offline or self.now() - stored["time"] < self.max_age):
            return stored["answer"]
        if self.offline:
            raise InputError.one(
                "offline-answer",
                file=url,
                found="no cached answer",
                expected="an answer cached by an earlier run",
                fix="Run once without --offline, with the same cache folder.",
            )
        answer = self._try(method, url, parameters, body)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.part")
            temporary.write_text(
                json.dumps({"url": url, "time": self.now(), "answer": answer}), encoding="utf-8"
            )
            temporary.replace(path)
        return answer

    def _try(self, method: str, url: str, parameters: dict[str, str], body: Any) -> Any:
        if urlsplit(url).scheme not in ("http", "https"):
            raise InputError.one(
                "service-address",
                file=url,
                found="no address of a web service",
                expected="an address that begins with https://",
            )
        from http.client import HTTPException

        pause, said = self.backoff, "nothing"
        for attempt in range(self.attempts):
            if attempt:
                self.sleep(pause)
                pause = min(2 * pause, LONGEST_WAIT)
            self.sleep(max(0.0, self._last + self.interval - self.clock()))
            self._last = self.clock()
            try:
                answer = _send(method, url, parameters, body, self.timeout, self._content)
            except (OSError, HTTPException) as error:
                said = _reason(error)
                continue
            if answer.status in TRANSIENT:
                said = f"status {answer.status}"
                pause = max(pause, _asked_pause(answer.wait))
                continue
            if answer.status != 200:
                raise InputError.one(
                    "service-answer",
                    file=url,
                    found=f"status {answer.status}",
                    expected="an answer",
                    fix="Check the address of the service.",
                )
            try:
                return json.loads(answer.body)
            except ValueError:
                said = "an answer that is not JSON"
        raise InputError.one(
            "service-reached",
            file=url,
            found=f"{said}, {self.attempts} times",
            expected="an answer",
            fix="Try again later, or use --offline with an earlier answer.",
        )

    def _content(self, url: str, answer: "HTTPResponse") -> bytes:
        """Return the bytes of an answer, if they come to an end in size and time."""
        until, parts, size = self.clock() + self.longest, list[bytes](), 0
        while part := answer.read1(1 << 16):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER or self.clock() > until:
                raise InputError.one(
                    "service-answer",
                    file=url,
                    found="an answer without end",
                    expected=f"less than {LARGEST_ANSWER >> 20} MB within {self.longest:.0f} s",
                    fix="Check the address of the service.",
                )
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    wait: str | None
    """For how long the service asks to be left alone."""
    body: bytes


def _send(
    method: str,
    url: str,
    parameters: dict[str, str],
    body: Any,
    timeout: float,
    read: "Callable[[str, HTTPResponse], bytes]",
) -> _Answer:
    """Send one request; an answer with an error is an answer."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    whole = f"{url}?{urlencode(parameters)}" if parameters else url
    request = Request(whole, data, headers, method=method)
    try:
        with urlopen(request, timeout=timeout) as answer:
            return _Answer(answer.status, None, read(url, answer))
    except HTTPError as error:
        with error:
            return _Answer(error.code, error.headers.get("Retry-After"), b"")


def _reason(error: Exception) -> str:
    from http.client import RemoteDisconnected
    from urllib.error import URLError

    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, RemoteDisconnected) or isinstance(error, URLError):
        return "no connection"
    return "an answer that breaks off"


def _asked_pause(header: str | None) -> float:
    try:
        return min(max(float(header or 0), 0.0), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _read(path: Path) -> dict[str, Any] | None:
    """Return a remembered answer, or None if there is none or it is damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) and {"time", "answer"} <= set(stored) else None


def require_shape(url: str, answer: Any, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return an answer as a list of objects with some keys.

    Raises
    ------
    InputError
        If it has another shape, which means that the service has changed.
    """
    sound = isinstance(answer, list) and all(
        isinstance(item, dict) and set(needed) <= set(item) for item in answer
    )
    if not sound:
        raise InputError.one(
            "service-shape",
            file=url,
            found="an answer in an unexpected format",
            expected="a list of objects with " + ", ".join(needed),
            fix="The service has changed: update this software.",
        )
    return list(answer)
