"""Who released a report: a part of the model of its own."""

from dataclasses import dataclass


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
