"""Read of a file at a URL what is asked for: its header, its index, and the regions of a run.

What was read lies in a file of the same size as the whole, at the same places, in the folder of the
job and under the digest of the URL; the rest is a hole, at which every reader stops. So whatever
reads a file reads this one. The index lies beside it, and is proved as any other is.

Only the host of the URL is asked: an answer that leads elsewhere is refused.
"""

import base64
import hashlib
import os
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from epilepsy_pgx.addresses import UrlPath
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.index import (
    INDEX_LIMIT,
    OtherIndexError,
    contigs_of_index,
    end_of_header,
    parts_over,
)
from epilepsy_pgx.intake.whole import BGZF_END, FileKind, detect_kind, read_whole_head

Headers = Message  # case does not tell names apart
BLOCK = 1 << 16
"""Bytes that are asked for at least; no block of BGZF is larger."""
SUFFIXES = (".csi", ".tbi")
ATTEMPTS = 3
TIMEOUT = 30.0
"""Seconds without a byte after which a request is given up."""
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_HOSTS = {
    "s3": ("AWS_ENDPOINT_URL", "https://s3.amazonaws.com"),
    "gs": ("STORAGE_EMULATOR_HOST", "https://storage.googleapis.com"),
}
"""By scheme: environment variable of the service, and the public one."""


def web_address(url: str) -> str:
    """Return the address at which an object of a bucket is asked for.

    Examples
    --------
    >>> web_address("https://a.org/x.vcf.gz?sig=1")
    'https://a.org/x.vcf.gz?sig=1'
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in _HOSTS:
        return url
    variable, public = _HOSTS[scheme.lower()]
    service = os.environ.get(variable) or public
    return f"{service.rstrip('/')}/{quote(rest, safe='/%?=&')}"


class RemoteFile:
    """The parts of one file that were read so far."""

    def __init__(self, source: UrlPath, local: Path) -> None:
        """Ask for the first bytes.

        Raises
        ------
        InputError
            If the file cannot be read by region.
        """
        self.source = source
        self.local = local
        self._address = web_address(source.data)
        self._opener = build_opener(_StayHere)
        self._at = 0
        self._held: set[int] = set()
        self._tag = ""
        answer = self._part(0, BLOCK)
        self.size = self._total(answer.status, answer.headers)
        self._tag = _tag(answer.headers, self.size)
        self.changed = answer.headers.get("Last-Modified", "")
        if not local.exists():
            with local.open("wb") as handle:
                handle.truncate(self.size)
        self._keep(0, answer.content)
        self._held.add(0)

    @property
    def tag(self) -> str:
        """What the server says of the state of the file."""
        return self._tag

    def fetch(self, begin: int, end: int) -> None:
        """Read the bytes of an interval that were not read yet."""
        blocks = range(max(0, begin) // BLOCK, -(-min(end, self.size) // BLOCK))
        missing = [b for b in blocks if b not in self._held]
        while missing:
            first = last = missing.pop(0)
            while missing and missing[0] == last + 1:
                last = missing.pop(0)
            start, stop = first * BLOCK, min((last + 1) * BLOCK, self.size)
            answer = self._part(start, stop)
            size = self._total(answer.status, answer.headers)
            if size != self.size or _tag(answer.headers, size) != self._tag:
                raise self._fault("url-same", "a file that changed meanwhile", "Start again.")
            if len(answer.content) != stop - start:
                raise self._fault("url-reached", "an answer that breaks off", "Try again later.")
            self._keep(start, answer.content)
            self._held.update(range(first, last + 1))

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place, as in a file."""
        self._at = place + (self.size if whence == 2 else self._at if whence == 1 else 0)
        return self._at

    def read(self, count: int = -1) -> bytes:
        """Read bytes, as of a file."""
        end = self.size if count < 0 else min(self._at + count, self.size)
        self.fetch(self._at, end)
        with self.local.open("rb") as handle:
            handle.seek(self._at)
            data = handle.read(max(0, end - self._at))
        self._at += len(data)
        return data

    def index(self) -> Path:
        """Read the index into a file beside the data.

        Raises
        ------
        InputError
            If there is none.
        """
        own = self.source.own_index
        for suffix in SUFFIXES:
            address = web_address(own) if own else _beside(self._address, suffix)
            if own and not urlsplit(address).path.endswith(suffix):
                continue
            answer = self._ask(address, {}, absent_is_none=True)
            if answer is None:
                continue
            path = Path(f"{self.local}{suffix}")
            path.write_bytes(answer.content)
            _set_time(path, answer.headers.get("Last-Modified", ""))
            return path
        raise self._fault(
            "url-index",
            "no index beside it",
            "Put the index (.tbi, .csi) beside the file, or behind '##idx##' as a URL of its own.",
        )

    def _keep(self, start: int, data: bytes) -> None:
        with self.local.open("r+b") as handle:
            handle.seek(start)
            handle.write(data)

    def _total(self, status: int, headers: Headers) -> int:
        """Return the size of the whole file, of which a part was asked for."""
        unit, _, total = headers.get("Content-Range", "").partition("/")
        if status != 206 or not unit.startswith("bytes ") or not total.isdigit():
            raise self._fault(
                "url-ranges",
                "a server that does not answer with the part that is asked for",
                "Serve it with byte ranges (HTTP 206), or copy the file.",
            )
        return int(total)

    def _ask(
        self, address: str, headers: Mapping[str, str], *, absent_is_none: bool = False
    ) -> "_Answer | None":
        """Return the answer to a request; None for an object that is not there, if asked."""
        request = _request(address, headers)
        said = "nothing"
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(0.2 * attempt)
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    self._check(answer.status, answer.headers, headers)
                    return _Answer(answer.status, answer.headers, answer.read())
            except HTTPError as error:
                error.close()
                if error.code in _TRANSIENT:
                    said = f"status {error.code}"
                    continue
                if error.code in (403, 404, 410) and absent_is_none:
                    return None
                self._check(error.code, error.headers, headers)
                said = f"status {error.code}"
            # What these say may hold the address with its signature.
            except TimeoutError:
                said = "no answer in time"
            except HTTPException:
                said = "an answer that breaks off"
            except OSError as error:
                said = _reason(error)
        raise self._fault("url-reached", said, "Check the address and the network.")

    def _part(self, start: int, stop: int) -> "_Answer":
        """Return the answer to a request for some bytes."""
        answer = self._ask(self._address, {"Range": f"bytes={start}-{stop - 1}"})
        assert answer is not None
        return answer

    def _check(self, status: int, given: Headers, asked: Mapping[str, str]) -> None:
        """Refuse an answer that is none, before its content is read."""
        if 300 <= status < 400:
            raise self._fault(
                "url-host",
                "an answer that leads to another address",
                "Name the address that it leads to: only hosts of the sheet are asked.",
            )
        if status not in (200, 206):
            raise self._fault(
                "url-reached",
                f"status {status}",
                "Check the address; a signed one may have expired.",
            )
        if asked:
            self._total(status, given)
        elif int(given.get("Content-Length") or 0) > INDEX_LIMIT:
            raise self._fault("url-index", "an index that is too large", "Check the address.")

    def _fault(self, check: str, found: str, fix: str) -> InputError:
        return InputError.one(
            check,
            file=str(self.source),
            found=found,
            expected="a BGZF or BCF file with its index, which can be read by region",
            fix=fix,
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Headers
    content: bytes


class _StayHere(HTTPRedirectHandler):
    """Leaves an answer that leads elsewhere as it is."""

    def redirect_request(self, *_: Any) -> None:
        """Make no request of it."""


def _request(address: str, headers: Mapping[str, str]) -> Request:
    """Return a request; a user in the address is sent as HTTP has it."""
    parts = urlsplit(address)
    sent = {"Accept-Encoding": "identity", **headers}
    user, at, host = parts.netloc.rpartition("@")
    if at:
        sent["Authorization"] = "Basic " + base64.b64encode(unquote(user).encode()).decode()
    return Request(urlunsplit(parts._replace(netloc=host)), headers=sent)


def _reason(error: OSError) -> str:
    """Say why there is no answer, in words of our own."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, ssl.SSLError):
        return "a certificate that is not valid"
    return "no connection"


def _beside(address: str, suffix: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=parts.path + suffix))


def _tag(headers: Headers, size: int) -> str:
    """Return a word for the state of a file: another one is another file."""
    for name in ("ETag", "Last-Modified"):
        if value := headers.get(name, "").strip():
            return f"{name.lower()}:{value}"
    return f"bytes:{size}"


def _set_time(path: Path, stated: str) -> None:
    try:
        when = parsedate_to_datetime(stated).timestamp()
    except ValueError:
        return
    os.utime(path, (when, when))


def local_path(source: UrlPath, folder: Path) -> Path:
    """Return where the parts of a file lie that were read."""
    return folder / hashlib.sha256(source.url.encode()).hexdigest()


def open_remote(source: UrlPath, folder: Path) -> Path:
    """Read header and index of a file into a folder, and what proves the index.

    Returns
    -------
    Path
        A file that stands for it.

    Raises
    ------
    InputError
        If it cannot be read by region.
    """
    local = local_path(source, folder)
    remote = RemoteFile(source, local)
    kind = detect_kind(local)
    if kind not in (FileKind.BGZF, FileKind.BCF):
        raise remote._fault("url-ranges", f"a file of kind {kind}", "Compress it with bgzip.")
    remote.fetch(remote.size - len(BGZF_END), remote.size)
    index = remote.index()
    try:
        behind = end_of_header(remote, text=kind is FileKind.BGZF)
        remote.fetch(behind >> 16, (behind >> 16) + 4 * BLOCK)
        numbers = None
        if kind is FileKind.BCF:
            header = read_header(local, read_whole_head(local, kind))
            numbers = {number: name for name, number in header.numbers}
        _set_time(local, remote.changed)
        contigs_of_index(index, local, numbers, remote)
    except OtherIndexError as reason:
        raise remote._fault(
            "url-index", f"an index that is not used, as {reason}", "Index the file again."
        ) from None
    _set_time(local, remote.changed)
    local.with_suffix(".tag").write_text(remote.tag, encoding="utf-8")
    return local


def tag_of(local: Path) -> str:
    """Return what the server said of the state of a file."""
    return local.with_suffix(".tag").read_text(encoding="utf-8")


def fetch_regions(
    source: UrlPath, local: Path, index: Path, regions: Sequence[tuple[str, int, int]]
) -> None:
    """Read the records over some regions, in the contig names of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or is not the one whose header was read.
    """
    remote = RemoteFile(source, local)
    if remote.tag != tag_of(local):
        raise remote._fault("url-same", "a file that changed meanwhile", "Start again.")
    numbers = None
    if detect_kind(local) is FileKind.BCF:
        header = read_header(local, read_whole_head(local, FileKind.BCF))
        numbers = {name: number for name, number in header.numbers}
    for begin, end in _merged(parts_over(index, regions, numbers)):
        remote.fetch(begin, end)
    _set_time(local, remote.changed)


def _merged(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return bytes to read: of virtual offsets the blocks from the first to behind the last."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(parts):
        begin, end = first >> 16, (last >> 16) + BLOCK
        if found and begin <= found[-1][1] + BLOCK:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
