"""Records of the tables that only a hospital fills, in its overlay."""

import datetime as dt
from typing import ClassVar, Literal

from epilepsy_pgx.reference.rows.base import TableRow


class FormularyEntry(TableRow, frozen=True):
    """Whether a hospital has a drug."""

    TABLE: ClassVar[str] = "formulary"
    drug: str
    available: bool
    note: str | None


class Contact(TableRow, frozen=True):
    """Whom to call about something urgent."""

    TABLE: ClassVar[str] = "contacts"
    role: str
    contact: str
    hours: str | None


class Jurisdiction(TableRow, frozen=True):
    """A regulator whose label facts are shown first."""

    TABLE: ClassVar[str] = "jurisdictions"
    jurisdiction: Literal["European Union", "United Kingdom", "United States"]


class Override(TableRow, frozen=True):
    """A row that a hospital softens or sets aside, with the reason."""

    TABLE: ClassVar[str] = "OVERRIDES"
    table: Literal[
        "clinical_context", "drug_interactions", "drug_rules", "drug_safety", "gene_therapy"
    ]
    key: str
    change: Literal["remove", "replace"]
    reason: str
    who: str
    date: dt.date
