"""What a laboratory adds to a report: its head, who released it. A part of the model of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """Digests of what a draft says, taken when it was written: an edited draft is found by them."""

    digest: str
    """`sha256:…` over the digests of all parts."""
    parts: tuple[tuple[str, str], ...]
    """(field of the report, start of its SHA-256), those of `interpretation` one by one."""


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What stands above a report: a part of it, released with it."""

    name: str = ""
    address: tuple[str, ...] = ()
    """Lines of the address."""
    accreditation: str = ""
    logo: bytes = b""
    """PNG or SVG, as base64 in JSON."""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who released a report, and exactly what was released."""

    name: str
    role: str
    date: str
    """ISO date."""
    digest: str
    """`sha256:…` of the JSON of the draft that was authorised."""
    seal: str
    """`sha256:…` of all the other fields."""
    version: int = 1
    """1 for a first release, more for an amended report."""
    replaces: str = ""
    """Id and version of the report that an amended one replaces."""
    reason: str = ""
    """What was changed in an amended report, and why."""


def name_edition(report_id: str, given: Authorisation | None) -> str:
    """Return a report's id, with the version once it is released: `R-0123456789AB v1`."""
    return report_id if given is None else f"{report_id} v{given.version}"
