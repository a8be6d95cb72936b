"""What other tables would read otherwise in an entry, of which only the meaning is stored."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure, FailedDrug, PlannedDrug
from epilepsy_pgx.intake.druglist import drug_words
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.genes import Open
from epilepsy_pgx.recall.sheetcells import ROLES
from epilepsy_pgx.reference.history import RowChange
from epilepsy_pgx.reference.package import Reference

SUBJECT = "clinical entry"
_NAMING = frozenset({"drug_names", "drugs", "other_medicines"})
_UNITS = frozenset({"unit", "kind", "factor", "ucum", "spellings"})
_PACKET = {
    "drug_names": frozenset({"name", "drug", "also"}),
    "drugs": frozenset({"atc", "rxnorm"}),
    "entry_words": frozenset({"labels"}),
    "level_analytes": frozenset({"loinc"}),
    "ontology_terms": frozenset({"term", "label", "kind", "words"}),
    "signs": frozenset({"hpo"}),
    "syndromes": frozenset({"syndrome", "name", "group"}),
    "units": _UNITS,
}
"""Columns by which a phenopacket is read, by table; terms that nobody knew are not stored."""
_MEASURED = ("dose", "daily_dose", "levels", "highest_dose", "highest_level", "duration")


def read_otherwise(stored: PatientReport, changes: TableChanges) -> Iterator[Open]:
    """Yield what of a stored entry would be read otherwise, and can be told by its words alone."""
    entry = stored.clinical
    if any(c.table in _NAMING for c in changes.rows):
        if any(not drug.known for drug in _drugs(entry)):
            yield Open(SUBJECT, "a drug had a name that the tables did not know")
        for word in dict.fromkeys(drug.entered or drug.drug for drug in _drugs(entry)):
            if _meaning(changes.old, word) != _meaning(changes.new, word):
                yield Open(SUBJECT, f"the name {word} is read as another drug now")
    if _decides(changes.rows, "units", _UNITS) and _has_quantities(entry):
        yield Open(SUBJECT, "doses, levels or times are read otherwise now")
    roles = {f.role for f in stored.provenance.inputs}
    if ROLES["outside_calls"] in roles and "other_genes" in changes.tables:
        yield Open(ROLES["outside_calls"], "other names of genes are known now")
    if ROLES["phenopacket"] in roles:
        for table, columns in _PACKET.items():
            if _decides(changes.rows, table, columns):
                yield Open(SUBJECT, f"phenopackets are read otherwise now: table {table}")


def _drugs(entry: ClinicalEntry) -> Iterator[DrugExposure | FailedDrug | PlannedDrug]:
    for drugs in (entry.current, entry.failed, entry.planned):
        yield from drugs or ()


@lru_cache(maxsize=4096)
def _meaning(ref: Reference, shown: str) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the drug that a name means, None if none or not to be read; and what it holds too."""
    words = drug_words(ref)
    word = words.part_of(shown)
    try:
        return words.resolve(word)[0], words.held_with(word)
    except ValueError:
        return None, ()


def _decides(rows: Iterable[RowChange], table: str, columns: frozenset[str]) -> bool:
    """Say whether rows of a table differ in what decides how words are read."""
    for row in rows:
        if row.table == table:
            before, after = (
                {(c, v) for c, v in cells if c in columns and v not in (None, "", ".")}
                for cells in (row.before, row.after)
            )
            if before != after:
                return True
    return False


def _has_quantities(entry: ClinicalEntry) -> bool:
    return any(getattr(drug, name, None) for drug in _drugs(entry) for name in _MEASURED)
