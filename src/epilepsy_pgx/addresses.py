"""Files that a URL names: read where they lie, and shown without what signs the URL.

A signed URL opens a file to whoever has it. Its text shows scheme, host and path alone; only who
asks for the bytes, and the plan of a run, has the whole.
"""

import re
import sys
from pathlib import Path, PosixPath

_URL = re.compile(r"(?:https?|s3|gs)://[^/\s?#]+/\S+", re.IGNORECASE)
_OWN_INDEX = "##idx##"
"""Between a file and its index, as htslib has it."""


class UrlPath(PosixPath):
    """A file at a URL: no file of this machine, whatever asks."""

    __slots__ = ("url",)
    url: str
    """The whole URL."""

    def __new__(cls, url: str) -> "UrlPath":
        """Take a URL, with that of its index behind `##idx##` if it is not beside the file."""
        made = super().__new__(cls, shown(url))
        made.url = url
        return made

    if sys.version_info >= (3, 12):

        def __init__(self, url: str) -> None:
            super().__init__(shown(url))

        def with_segments(self, *parts: str) -> Path:
            """Return what is made of a part of the text: it is no URL."""
            return Path(*parts)

    def __str__(self) -> str:
        url = getattr(self, "url", None)
        return super().__str__() if url is None else shown(url)

    @property
    def data(self) -> str:
        """The URL of the file itself."""
        return self.url.partition(_OWN_INDEX)[0]

    @property
    def own_index(self) -> str | None:
        """The URL of the index, if it was given."""
        return self.url.partition(_OWN_INDEX)[2] or None


def is_url(text: str) -> bool:
    """Say whether a text is a URL of a file that can be read by region.

    Examples
    --------
    >>> [is_url(t) for t in ("https://a.org/x.vcf.gz", "s3://bucket/x.vcf.gz", "ftp/x.vcf.gz")]
    [True, True, False]
    """
    return _URL.fullmatch(text) is not None


def input_path(text: str, folder: Path | None = None) -> Path:
    """Return a file that a sheet or a plan names; a path is seen from a folder."""
    if is_url(text):
        return UrlPath(text)
    return Path(text) if folder is None else folder / text


def full_text(path: Path) -> str:
    """Return what names a file to those who read it: of a URL the whole, with what signs it."""
    return path.url if isinstance(path, UrlPath) else str(path)


def shown(url: str) -> str:
    """Return a URL as it may be shown: without user, signature and index.

    Examples
    --------
    >>> shown("https://me:secret@a.org/x.vcf.gz?X-Amz-Signature=1f#2")
    'https://a.org/x.vcf.gz'
    """
    text = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"://[^/@]*@", "://", text)
