"""What a corrected sheet says of a stored patient: only the columns that it has count.

A column that the sheet has not changes nothing. An empty cell of a column that it has takes away
what is stored, and that is named. Who somebody is, no corrected sheet says.
"""

from collections.abc import Iterator

from epilepsy_pgx.clinical_entry import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.clinical import check_entry
from epilepsy_pgx.intake.sheet import IDENTITY_COLUMNS, SampleRow
from epilepsy_pgx.model import ClinicalEntry, Patient, PatientReport
from epilepsy_pgx.pipeline.predict import with_age

ROLES = {
    "hla": "HLA types",
    "outside_calls": "outside calls",
    "classifications": "classifications",
    "phenopacket": "phenopacket",
}
"""Columns that name files, and what a report calls these files."""
_AGE = "age_years"


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """The columns that a corrected sheet has."""

    names: frozenset[str]

    def has(self, column: str) -> bool:
        """Say whether the sheet speaks of something."""
        return column in self.names

    def may_come_from_elsewhere(self, stored: PatientReport, *columns: str) -> bool:
        """Say whether a stored result may rest on a file of a column that the sheet has not."""
        used = {f.role for f in stored.provenance.inputs}
        return any(c not in self.names and ROLES[c] in used for c in columns)

    def row_of(self, row: SampleRow, stored: PatientReport, day: str) -> SampleRow:
        """Return a row with what is stored in place of what the sheet does not speak of.

        Raises
        ------
        InputError
            If the row names another person, or two statements exclude each other.
        """
        if others := [*self._other_person(row, stored.patient)]:
            raise InputError(others)
        patient = replace(row.patient, **{c: getattr(stored.patient, c) for c in IDENTITY_COLUMNS})
        entry = self._entry(row, stored)
        keeps_age = not self.has(_AGE) and row.phenopacket is None
        asked = replace(entry, age_years=None) if keeps_age else entry
        made = with_age(replace(row, patient=patient, clinical=asked), day)
        if keeps_age:
            made = replace(made, clinical=replace(made.clinical, age_years=entry.age_years))
        if wrong := check_entry(made.clinical, file=row.sheet, line=row.line):
            raise InputError([replace(p, sample=row.sample_id) for p in wrong])
        return made

    def _entry(self, row: SampleRow, stored: PatientReport) -> ClinicalEntry:
        if row.phenopacket is not None:
            return row.clinical
        packed = any(f.role == ROLES["phenopacket"] for f in stored.provenance.inputs)
        gone = packed and self.has("phenopacket")
        given = {
            c.attribute: getattr(row.clinical, c.attribute)
            for c in CLINICAL_COLUMNS
            if self.has(c.name)
        }
        return replace(ClinicalEntry() if gone else stored.clinical, **given)

    def _other_person(self, row: SampleRow, stored: Patient) -> Iterator[Problem]:
        """Yield what of a row is not what is stored of who the patient is; no cell is shown."""
        for column in IDENTITY_COLUMNS:
            if not self.has(column):
                continue
            was, now = getattr(stored, column), getattr(row.patient, column)
            if was == now:
                continue
            found = "nothing" if now is None else "another one than is stored"
            if was is None:
                found = "what is not stored"
            yield Problem(
                row.sheet,
                row.line,
                column,
                "sheet-identity",
                found,
                "what is stored of the patient, for a corrected sheet does not say who is who",
                "Find out whose it is; leave the column out, or run the patient's file again.",
                row.sample_id,
            )


def removed_from_entry(was: ClinicalEntry, now: ClinicalEntry) -> tuple[str, ...]:
    """Return the columns of a clinical entry that had an answer and have none now."""
    nothing = (None, ())
    return tuple(
        c.name
        for c in CLINICAL_COLUMNS
        if getattr(was, c.attribute) not in nothing and getattr(now, c.attribute) in nothing
    )
