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
    """`sha256:…` of the name, role, date and digest."""
