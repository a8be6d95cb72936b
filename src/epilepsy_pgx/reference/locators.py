"""Which statements can be looked up: rows of the rule tables, and where their sources say so."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    Citation,
    ClinicalContext,
    DecidingGene,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    Locator,
    TableRow,
)
from epilepsy_pgx.vocabulary import Tier

R = TypeVar("R", bound=TableRow)

LocatedRow = DrugRule | DrugInteraction | DrugSafety | GeneTherapy | ClinicalContext | DecidingGene
LOCATED: tuple[type[LocatedRow], ...] = (
    ClinicalContext,
    DecidingGene,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
)
"""Records of the tables whose rows have locators."""

LOUD = (Tier.ACT, Tier.CONSIDER)
"""Levels whose rows ask for something."""
STRENGTH = ("contraindicated", "avoid", "change", "monitor", "inform", None)
"""What a source asks for, strongest first."""
GOAL = 95
"""Percent of the rows of level `act` that are to have a locator."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of a rule table, and what was read of its sources."""

    table: str
    key: str
    tier: Tier
    locators: tuple[Locator, ...]

    @property
    def read(self) -> bool:
        """Whether somebody looked the statement up in at least one of its sources."""
        return bool(self.locators)

    @property
    def differs(self) -> bool:
        """Whether authorities of several places ask for different things."""
        asked = {(at.jurisdiction, at.asks) for at in self.locators if at.jurisdiction}
        return len({place for place, _ in asked}) > 1 and len({what for _, what in asked}) > 1

    def strongest_first(self) -> list[Locator]:
        """Return what was read, by what it asks for and by place."""
        return sorted(
            self.locators, key=lambda at: (STRENGTH.index(at.asks), at.jurisdiction or "")
        )


def statements(ref: Reference) -> tuple[Statement, ...]:
    """Return the rows of the rule tables with their locators, by table and in file order.

    A table that the package does not have has no rows; without locators nothing was read.
    """
    found = locators_of(ref)
    return tuple(
        Statement(row.TABLE, row.key, row.tier, found.get((row.TABLE, row.key), ()))
        for record in LOCATED
        for row in _rows(ref, record)
    )


def locators_of(ref: Reference) -> Mapping[tuple[str, str], tuple[Locator, ...]]:
    """Return the locators of each row that has some, by table and key."""
    found: dict[tuple[str, str], list[Locator]] = {}
    for at in _rows(ref, Locator):
        found.setdefault((at.table, at.row), []).append(at)
    return {row: tuple(these) for row, these in found.items()}


def _rows(ref: Reference, record: type[R]) -> tuple[R, ...]:
    """Return the rows of a table that the package need not have."""
    return ref.rows(record) if (ref.path / f"{record.TABLE}.tsv").is_file() else ()


def percent(part: int, whole: int) -> float:
    """Return a share in percent, with one decimal and never rounded up to all; 100 of none."""
    return 1000 * part // whole / 10 if whole else 100.0


def locator_figures(ref: Reference) -> dict[str, Mapping[str, int | float | str]]:
    """Return how many rows of each level can be looked up, and which cannot.

    Examples
    --------
    >>> from epilepsy_pgx.reference.package import load_reference
    >>> sorted(locator_figures(load_reference())["act"])
    ['percent read', 'read', 'rows']
    """
    every = statements(ref)
    figures: dict[str, Mapping[str, int | float | str]] = {}
    for tier in LOUD:
        rows = [s for s in every if s.tier == tier]
        read = sum(s.read for s in rows)
        figures[str(tier)] = {
            "rows": len(rows),
            "read": read,
            "percent read": percent(read, len(rows)),
        }
    figures["not read"] = {f"{s.table} {s.key}": str(s.tier) for s in _unread(every)}
    return figures


def _unread(rows: Iterable[Statement]) -> list[Statement]:
    """Return the statements that ask for something and that nobody looked up, loudest first."""
    left = [s for s in rows if s.tier in LOUD and not s.read]
    return sorted(left, key=lambda s: (LOUD.index(s.tier), s.table, s.key))


def evidence_page(ref: Reference) -> str:
    """Return the page on what can be looked up, as Markdown."""
    rows = statements(ref)
    lines = [_INTRODUCTION, *_counts(rows), "", *_left(rows), *_labels(ref), ""]
    lines += _differences(rows)
    return "\n".join(lines) + "\n"


_INTRODUCTION = f"""# Evidence

Written by `python -m tests.test_docs` from `reference/locators.tsv`; edit the table, not the page.

Each row of a rule table names its sources. `locators.tsv` says where in a source the statement
stands (section, table, page or abstract) and on which day it was read there; the source may be one
that the row does not cite. A row counts as read if it was looked up in one source at least. A row
without a locator is **not read**: its warning stays, and it is listed below. The goal is {GOAL} %
of the rows of level `act`.
`epilepsy-pgx reference check --stats` prints the same figures. The reader was no physician.
"""


def _counts(rows: Iterable[Statement]) -> Iterator[str]:
    """Yield the table of rows and of those that were read, by table and level."""
    total: Counter[tuple[str, Tier]] = Counter()
    read: Counter[tuple[str, Tier]] = Counter()
    for row in rows:
        for table in (row.table, "all"):
            total[table, row.tier] += 1
            read[table, row.tier] += row.read
    yield "## Rows with a locator"
    yield ""
    yield "| table | level | rows | read | % |"
    yield "|---|---|---|---|---|"
    tables = [*(record.TABLE for record in LOCATED), "all"]
    for table in tables:
        for tier in Tier:
            if whole := total[table, tier]:
                part = read[table, tier]
                name = f"`{table}`" if table != "all" else "all"
                yield f"| {name} | {tier} | {whole} | {part} | {percent(part, whole)} |"


def _left(rows: Iterable[Statement]) -> Iterator[str]:
    """Yield the lists of the rows that ask for something and were not read."""
    left = _unread(rows)
    for tier in LOUD:
        yield f"## Not read: {tier}"
        yield ""
        these = [s for s in left if s.tier == tier]
        if not these:
            yield "None."
        for table in dict.fromkeys(s.table for s in these):
            keys = ", ".join(f"`{s.key}`" for s in these if s.table == table)
            yield f"- `{table}`: {keys}"
        yield ""


def _labels(ref: Reference) -> Iterator[str]:
    """Yield the list of product information of which no page is known."""
    yield "## Product information without a page"
    yield ""
    yield "Keys of `citations.tsv` without a link: what rests on them was read elsewhere, or never."
    yield ""
    keys = [f"`{r.key}`" for r in ref.rows(Citation) if r.kind == "label" and r.link is None]
    yield ", ".join(keys) or "None."


def _differences(rows: Iterable[Statement]) -> Iterator[str]:
    """Yield the table of what authorities ask for where they differ, strongest first."""
    yield "## Where authorities differ"
    yield ""
    yield "What the product information of several places asks for, strongest first."
    yield ""
    yield "| row | place | asks | source | where |"
    yield "|---|---|---|---|---|"
    for row in rows:
        if row.differs:
            for at in row.strongest_first():
                if at.jurisdiction is not None:
                    where = at.locator.replace("|", "\\|")
                    asks = at.asks or "."
                    yield f"| `{row.key}` | {at.jurisdiction} | {asks} | {at.citation} | {where} |"
