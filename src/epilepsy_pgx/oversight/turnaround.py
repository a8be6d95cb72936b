"""How long each stage took, what waits, and what is due by the rules of retention."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import is_day, read_table
from epilepsy_pgx.ledger.book import Standing
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.recall.stored import GONE

STAGES = {
    "collected": "stage-collected",
    "received": "stage-received",
    "drafted": "stage-drafted",
    "reviewed": "stage-reviewed",
    "released": "stage-released",
    "acknowledged": "stage-acknowledged",
}
"""Text by stage, in the order in which they are reached."""
_ACROSS = (("drafted", "released"), ("received", "released"))
"""Pairs of stages with others between them; where one person releases, nobody reviews."""
_QUEUED = ("priority", "accession", "sample_id", "state")
"""Columns by which the table of all orders is known."""
_KINDS = {
    EntryKind.REVIEWED: "reviewed",
    EntryKind.AUTHORISED: "released",
    EntryKind.ACKNOWLEDGED: "acknowledged",
}


@dataclass(frozen=True, slots=True)
class Course:
    """When each stage of one patient's first report was reached."""

    sample: str
    accession: str
    days: Mapping[str, str]
    """ISO date by stage, for the stages that were reached."""
    valid: bool = False
    """True if a released report of the patient stands."""

    def between(self, first: str, last: str) -> int | None:
        """Return the days from one stage to another; None unless both were reached."""
        if first not in self.days or last not in self.days:
            return None
        return (date.fromisoformat(self.days[last]) - date.fromisoformat(self.days[first])).days


def valid_samples(standing: Iterable[Standing]) -> frozenset[str]:
    """Return the samples of which a released report stands: neither withdrawn nor replaced."""
    return frozenset(s.sample for s in standing if s.state not in GONE)


def courses(
    reports: Iterable[PatientReport], entries: Sequence[Entry], valid: Collection[str] = ()
) -> list[Course]:
    """Return the course of each patient; of several entries of a kind the first counts.

    Of calls and receipts it is the first after the release: an urgent result is told before.

    Parameters
    ----------
    valid
        Samples of which a released report stands.
    """
    reached: dict[str, dict[str, str]] = {}
    for entry in entries:
        stage = _KINDS.get(entry.kind)
        mine = reached.setdefault(entry.sample, {})
        if stage is not None and (stage != "acknowledged" or "released" in mine):
            mine.setdefault(stage, entry.time[:10])
    found = []
    for report in reports:
        patient = report.patient
        days = {
            "collected": patient.collected,
            "received": patient.received,
            "drafted": report.provenance.created[:10],
            **reached.get(patient.sample_id, {}),
        }
        ordered = {s: d for s in STAGES if (d := days.get(s))}
        stands = patient.sample_id in valid
        found.append(Course(patient.sample_id, patient.accession or "", ordered, stands))
    return found


@dataclass(frozen=True, slots=True)
class StageDays:
    """How long patients took from one stage to another."""

    first: str
    last: str
    days: tuple[int, ...]

    @property
    def cells(self) -> tuple[str, int, str, int]:
        """Name, patients, median and longest days."""
        name = f"{self.first} to {self.last}"
        return name, len(self.days), f"{median(self.days):g}", max(self.days)


def stage_rows(found: Sequence[Course]) -> list[StageDays]:
    """Return the days of each pair of stages that somebody has passed."""
    stages = tuple(STAGES)
    pairs = [*zip(stages, stages[1:], strict=False), *_ACROSS]
    rows = []
    for first, last in pairs:
        days = tuple(d for c in found if (d := c.between(first, last)) is not None)
        if days:
            rows.append(StageDays(first, last, days))
    return rows


def waiting(
    orders: Path, found: Sequence[Course], today: str
) -> list[tuple[str, str, str, str, int | None]]:
    """Return the orders without a released report that stands: what cannot wait first, the oldest.

    Of what has no date of receipt nobody knows that it is not the oldest.

    Parameters
    ----------
    orders
        The table that the command `orders` wrote.

    Raises
    ------
    InputError
        If it is another table.
    """
    table = read_table(orders, "orders-readable")
    if lacking := [c for c in _QUEUED if c not in table.header]:
        raise InputError.one(
            "orders-table",
            file=str(orders),
            line=1,
            found=f"no column {', '.join(lacking)}",
            expected="the table orders.tsv that 'epilepsy-pgx orders' wrote",
            fix="Name that file: the order sheet and the sample sheet are others.",
        )
    done = {c.accession for c in found if c.valid}
    known = {c.accession: day for c in found if (day := c.days.get("received"))}
    rows = []
    for _, row in table.rows:
        if row["accession"] in done:
            continue
        days = (row.get("received", ""), known.get(row["accession"], ""))
        received = next(filter(is_day, days), None)
        age = None
        if received is not None:
            age = (date.fromisoformat(today) - date.fromisoformat(received)).days
        rows.append((row["priority"], row["accession"], row["sample_id"], row["state"], age))
    unique = list(dict.fromkeys(rows))
    return sorted(unique, key=lambda r: (r[0] != "stat", r[4] is not None, -(r[4] or 0), r[1]))


def expired(reports: Iterable[PatientReport], today: str) -> list[tuple[str, str, str]]:
    """Return the reports that stand and were to be issued anew by now: edition, sample, list's day.

    Parameters
    ----------
    reports
        Those that stand; drafts among them have no such day.
    """
    now = date.fromisoformat(today)
    found = []
    for report in reports:
        given = report.authorisation
        if given is None or not given.valid_days:
            continue
        listed = report.clinical.entry_date or report.provenance.created[:10]
        if date.fromisoformat(listed) + timedelta(days=given.valid_days) < now:
            edition = name_edition(report.report_id, given)
            found.append((edition, report.patient.sample_id, listed))
    return sorted(found, key=lambda row: (row[2], row[0]))


def due(entries: Sequence[Entry], years: int, today: str) -> list[tuple[str, str, str]]:
    """Return the released reports that are older than they must be kept: edition, sample, day.

    Nothing is removed: that is a decision of the laboratory.
    """
    now = date.fromisoformat(today)
    limit = date(now.year - years, now.month, min(now.day, 28)).isoformat()
    return [
        (e.edition, e.sample, e.time[:10])
        for e in entries
        if e.kind is EntryKind.AUTHORISED and e.time[:10] < limit
    ]
