"""What changed between two states of the tables, in the words of the field."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.history import (
    RowChange,
    Snapshot,
    compare_tables,
    read_snapshot,
    write_at,
)

SUBJECTS = {
    "alleles": "allele",
    "allele_sites": "definition of an allele",
    "sites": "curated position",
    "site_alleles": "base at a position",
    "phenotypes": "phenotype",
    "drug_rules": "rule",
    "drug_rule_conditions": "condition of a rule",
    "drug_safety": "safety fact",
    "gene_therapy": "treatment statement",
    "drug_interactions": "interaction",
    "interaction_reviews": "pair read without an effect of note",
    "pairs_to_avoid": "pair to avoid",
    "phenoconversion": "effect of a drug on an enzyme",
    "functional_evidence": "functional evidence",
    "classified_variants": "class of a variant",
    "texts": "wording",
    "citations": "source",
    "genes": "gene",
    "drugs": "drug",
}
CLINICAL = (
    "drug_rules",
    "drug_rule_conditions",
    "drug_safety",
    "gene_therapy",
    "drug_interactions",
    "interaction_reviews",
    "pairs_to_avoid",
    "alleles",
    "allele_sites",
    "phenotypes",
    "phenoconversion",
    "deciding_genes",
    "hla_alleles",
    "functional_evidence",
    "classified_variants",
)
"""Tables whose changes may change what a report says, most telling first."""

MakeReports = Callable[[Path], Mapping[str, str]]
"""Makes the example reports from a data package: text by name."""


@dataclass(frozen=True, slots=True)
class DomainChange:
    """One change, as a person would say it."""

    table: str
    key: str
    kind: str
    sentence: str
    clinical: bool


def _value(value: str | None) -> str:
    return "nothing" if value is None else f"'{value}'"


def describe_change(change: RowChange) -> DomainChange:
    """Put a changed row into words."""
    subject = SUBJECTS.get(change.table, f"row of {change.table}")
    if change.kind == "changed":
        parts = [
            f"{column.replace('_', ' ')} from {_value(old)} to {_value(new)}"
            for (column, old), (_, new) in zip(change.before, change.after, strict=True)
        ]
        sentence = f"{subject} {change.key}: {'; '.join(parts)}"
    else:
        values = dict(change.before or change.after)
        told = [
            f"{name.replace('_', ' ')} '{values[name]}'"
            for name in ("function", "activity_value", "phenotype", "tier", "response", "value")
            if values.get(name) is not None
        ]
        more = f" ({', '.join(told)})" if told else ""
        sentence = f"{subject} {change.key} {change.kind}{more}"
    return DomainChange(change.table, change.key, change.kind, sentence, change.table in CLINICAL)


@contextmanager
def state_folder(name: str, package: Path) -> Iterator[Path]:
    """Give the folder of a state of the tables for as long as it is needed.

    A state is a folder, or else a git ref of the folder `package`, which is then written out.

    Raises
    ------
    TableError
        If it is neither.
    """
    if Path(name).is_dir():
        yield Path(name)
        return
    with tempfile.TemporaryDirectory() as temporary:
        if not write_at(package, name, Path(temporary)):
            raise TableError.one(
                "package-exists",
                file=name,
                found="no tables at this commit",
                expected="a folder, or a commit with the tables",
                fix="Choose another state.",
            )
        yield Path(temporary)


def open_state(name: str, package: Path) -> Snapshot:
    """Read a state of the tables: a folder, or else a git ref of the folder `package`.

    Raises
    ------
    TableError
        If it is neither.
    """
    with state_folder(name, package) as folder:
        return read_snapshot(folder, name)


def diff_states(old: Snapshot, new: Snapshot) -> tuple[DomainChange, ...]:
    """Return every change between two states, clinical tables first."""
    order = {name: i for i, name in enumerate(CLINICAL)}
    changes = [describe_change(c) for c in compare_tables(old, new.tables, new.schemas)]
    return tuple(sorted(changes, key=lambda c: (order.get(c.table, len(order)), c.table, c.key)))


def changed_reports(
    old: Path, new: Path, make: MakeReports, ignore: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the names of the example reports that differ between two packages.

    Parameters
    ----------
    old, new
        Folders of the packages.
    make
        Makes the reports; texts must not hold a time.
    ignore
        Lines with one of these words do not count, such as the version of the tables.
    """
    skipped = tuple(ignore)

    def told(text: str) -> list[str]:
        return [line for line in text.splitlines() if not any(w in line for w in skipped)]

    before, after = make(old), make(new)
    return tuple(
        name
        for name in sorted(set(before) | set(after))
        if told(before.get(name, "")) != told(after.get(name, ""))
    )


def diff_text(
    old: Snapshot,
    new: Snapshot,
    changes: Sequence[DomainChange],
    reports: Sequence[str] | None = None,
    overlay: Sequence[str] | None = None,
) -> str:
    """Write the changes for a person."""
    lines = [f"{old.label} ({old.version}) -> {new.label} ({new.version})", ""]
    for title, clinical in (("May change what a report says", True), ("Other", False)):
        part = [c for c in changes if c.clinical is clinical]
        if part:
            lines += [f"{title}:", *(f"  {c.sentence}" for c in part), ""]
    if not changes:
        lines += ["No row differs.", ""]
    if reports is not None:
        lines.append(f"Example reports that change: {', '.join(reports) or 'none'}")
    if overlay is not None:
        lines += ["", "Rows of the overlay that this touches:"]
        lines += [f"  {line}" for line in overlay] or ["  none"]
    return "\n".join(lines).rstrip() + "\n"


def diff_json(
    old: Snapshot,
    new: Snapshot,
    changes: Sequence[DomainChange],
    reports: Sequence[str] | None = None,
    overlay: Sequence[str] | None = None,
) -> str:
    """Write the changes for a program."""
    data = {
        "old": {"label": old.label, "version": old.version},
        "new": {"label": new.label, "version": new.version},
        "changes": [asdict(c) for c in changes],
        "reports": None if reports is None else list(reports),
        "overlay": None if overlay is None else list(overlay),
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
