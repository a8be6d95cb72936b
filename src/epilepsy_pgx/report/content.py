"""The digests of what a draft says, by which an edited one is found.

They hold no secret: who edits a draft and takes the digests anew is not found by them, but by the
ledger, or by making the draft again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from epilepsy_pgx.authorisation import Content
from epilepsy_pgx.frozen import names_of, replace
from epilepsy_pgx.model import Interpretation, PatientReport

if TYPE_CHECKING:
    import msgspec

NOT_CONTENT = ("status", "authorisation", "content")
"""Fields of a report that the release sets, or that hold the digests."""
SPLIT = "interpretation"
"""The field whose own fields are parts: most of what a report says stands there."""
_SHOWN = 16
"""Hexadecimal digits of a part's digest that are kept; that of all parts is kept whole."""


@cache
def sorted_encoder() -> "msgspec.json.Encoder":
    """Return what writes a part for its digest."""
    import msgspec

    return msgspec.json.Encoder(decimal_format="string", order="sorted")


def sealed(report: PatientReport) -> PatientReport:
    """Return a report with the digests of its content as it is."""
    whole = {name: getattr(report, name) for name in names_of(PatientReport)}
    said = report.interpretation
    whole[SPLIT] = {name: getattr(said, name) for name in names_of(Interpretation)}
    return replace(report, content=_digests(whole))


def changed_parts(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parts of a draft that differ from the digests it carries; none if all is as made.

    Parameters
    ----------
    data
        The JSON as it stands, not as this version reads it.
    """
    carried = data.get("content")
    if not isinstance(carried, dict):
        return ("content",)
    now = _digests(data)
    try:
        before = {str(name): digest for name, digest in carried["parts"]}
    except (LookupError, TypeError, ValueError):
        return ("content",)
    if before == dict(now.parts):
        return () if carried.get("digest") == now.digest else ("content",)
    names = [*before, *(name for name, _ in now.parts if name not in before)]
    after = dict(now.parts)
    return tuple(n for n in names if before.get(n) != after.get(n))


def _digests(data: Mapping[str, Any]) -> Content:
    return content_of(dict(_parts(data)))


def content_of(digests: Mapping[str, str]) -> Content:
    """Return what a report says of its content, by the digest of each part."""
    found = sorted(digests.items())
    total = hashlib.sha256()
    for name, digest in found:
        total.update(f"{name}\0{digest}\n".encode())
    parts = tuple((name, digest[:_SHOWN]) for name, digest in found)
    return Content(f"sha256:{total.hexdigest()}", parts)


def _parts(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if name == SPLIT and isinstance(value, Mapping):
            yield from _parts(value, f"{SPLIT}.")
        elif above or name not in NOT_CONTENT:
            yield above + name, hashlib.sha256(sorted_encoder().encode(value)).hexdigest()
