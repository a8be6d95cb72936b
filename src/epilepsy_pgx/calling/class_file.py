"""A file of ACMG/AMP classes that a laboratory gives, row by row.

A row whose variant cannot be told is kept with its reason: it is never passed over.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.calling.class_words import load_class_words, parse_class
from epilepsy_pgx.calling.locate import Located, VariantLocator
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.table import (
    MISSING,
    column_names,
    header_row,
    is_day,
    not_listed,
    read_table,
    read_text,
    scan_table,
    split_rows,
)
from epilepsy_pgx.intervals import Interval
from epilepsy_pgx.model import ClassificationRecord, VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.equivalent import Place
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import Classification, GenomeBuild

COLUMNS = (
    "build",
    "chrom",
    "pos",
    "ref",
    "alt",
    "hgvs",
    "class",
    "date",
    "laboratory",
    "sample_id",
)
"""Columns of a file of classes. A variant is given by `hgvs` or by the first five."""
_NEEDED = ("class", "laboratory")

_CLASSES = tuple(c.value.replace("_", " ") for c in Classification)
_POSITION = re.compile(r"[0-9]{1,9}")
_DOUBTS = {
    "transcript": (
        "classes-transcript",
        "another name",
        "a g. description, or a c. description on a transcript of the tables",
        "See the column 'transcript' of the transcripts table.",
    ),
    "name": (
        "classes-name",
        "a description that does not fit",
        "a place of the transcript, an intron counted from its edge, with the bases it has",
        "Check the description, give the position instead, or install the sequence of the gene.",
    ),
    "build": (
        "classes-build",
        "a position of another build",
        "the build of the samples",
        "Give the position in the build of the samples, or a c. description.",
    ),
    "build-unstated": (
        "classes-build-unstated",
        "a position without its build",
        "the build of the samples, in the column 'build' or by the accession",
        "State the build.",
    ),
    "reference": (
        "classes-reference",
        "bases that are not those of the reference genome",
        "the bases of the build of the samples",
        "Check build and position.",
    ),
}
"""By what is in doubt about a name: the check, what was found, expected, and can be done."""
_FORM = frozenset({"classes-columns", "classes-cells", "classes-readable"})
"""Checks of the form of a file; one that fails stops all who use the file."""


@dataclass(frozen=True, slots=True)
class LaboratoryRow:
    """One row of a file of classes."""

    line: int
    sample_id: str
    """Empty if the row holds for every carrier."""
    variant: str
    """The variant as written."""
    word: str
    """The class as written."""
    record: ClassificationRecord
    key: VariantKey | None
    """None if it is not clear which variant is meant."""
    doubt: str = ""
    """Text id: why not, or what is odd about a variant that was found."""
    likely: VariantKey | None = None
    """The variant in doubt, if the version of the transcript or the build is all that is open."""
    place: Place | None = None
    """Where the change of length lies that is meant, if its own bases are not known."""
    span: Interval | None = None
    """The bases between which the variant lies, if anything tells them."""
    gene: str = ""
    """Gene of the transcript that is named, if it is one of the tables."""


def _span_of(key: VariantKey | None) -> Interval | None:
    return None if key is None else (key.chrom, key.pos - 1, key.pos - 1 + len(key.ref))


@dataclass(frozen=True)
class LaboratoryClasses:
    """The rows of a file."""

    file: str
    rows: tuple[LaboratoryRow, ...]
    faults: tuple[Problem, ...] = ()
    """Cells that cannot be read; `Problem.sample` is the row's sample, `.` for every carrier."""

    def for_sample(self, sample_id: str) -> tuple[LaboratoryRow, ...]:
        """Return the rows that hold for a sample, its own ones first.

        Raises
        ------
        InputError
            If a cell of one of them cannot be read, or names the sample in another letter case.
        """
        # `s1` in place of `S1` would hold for nobody, and no report would miss its class.
        like = {r.sample_id for r in self.rows if r.sample_id.casefold() == sample_id.casefold()}
        if like - {sample_id}:
            raise InputError.one(
                "classes-sample",
                file=self.file,
                column="sample_id",
                found="a sample id that differs from the sheet's in its letter case only",
                expected="the sheet's spelling",
                fix="Correct the sample id.",
            )
        if bad := [p for p in self.faults if p.sample in (sample_id, ".")]:
            raise InputError(replace(p, sample=".") for p in bad)
        # A sample without an id has no rows of its own: an empty cell means every carrier.
        own = [r for r in self.rows if r.sample_id == sample_id and sample_id]
        return (*own, *(r for r in self.rows if not r.sample_id))


def check_form(path: Path) -> None:
    """Refuse a file of classes whose rows have not the length of its header.

    Raises
    ------
    InputError
        With every fault of the form.
    """
    read_table(path, "classes-cells")


def read_classifications(
    path: Path,
    build: GenomeBuild,
    ref: Reference,
    sequences: SequenceSource,
    day: str | None = None,
) -> LaboratoryClasses:
    """Read a laboratory's file of classes: TSV with a header line, `.` for missing.

    Parameters
    ----------
    path
        File with the columns `class`, `laboratory`, and `hgvs` (a name in any form that
        `VariantLocator` reads) or `build`, `chrom`, `pos`, `ref`, `alt`; `date` and `sample_id`
        are optional.
    build
        Build of the samples; rows of the other build must give a c. description.
    day
        ISO date of the report: no class is of a later day.

    Raises
    ------
    InputError
        With every problem of the file, if one of them is of its form.
    """
    reader = _Reader(str(path), build, ref, sequences)
    reader.day = day
    rows = split_rows(read_text(path, "classes-readable", "a UTF-8 TSV"))
    reader.check_header(column_names(header_row(rows)[1]))
    # Cells are known by their columns: below a wrong header each would be a fault of its own.
    if not reader.problems:
        table, reader.problems = scan_table(path, "classes-cells")
        for line, cells in table.rows:
            reader.add(line, cells)
    if any(p.check in _FORM for p in reader.problems):
        raise InputError(replace(p, sample=".") for p in (*reader.problems, *reader.unplaced))
    return LaboratoryClasses(path.name, tuple(reader.rows), tuple(reader.problems))


class _Reader:
    def __init__(
        self, file: str, build: GenomeBuild, ref: Reference, sequences: SequenceSource
    ) -> None:
        self.problems: list[Problem] = []
        self.unplaced: list[Problem] = []
        """Rows whose variant is not clear: the report names them, and the run goes on."""
        self.rows: list[LaboratoryRow] = []
        self._file = file
        self._build = build
        self._sequences = sequences
        self._words = load_class_words(ref)
        self._by_accession = {name: chrom for chrom, name in sequences.accessions.items()}
        self._locator = VariantLocator(build, ref, sequences)
        self._sample = "."
        self.day: str | None = None
        """ISO date after which no class is given."""

    def _fail(
        self, line: int, column: str, check: str, found: str, expected: str, fix: str
    ) -> None:
        self.problems.append(
            Problem(self._file, line, column, check, found, expected, fix, self._sample)
        )

    def _doubt(
        self, line: int, column: str, check: str, found: str, expected: str, fix: str
    ) -> None:
        self.unplaced.append(
            Problem(self._file, line, column, check, found, expected, fix, self._sample)
        )

    def check_header(self, header: list[str]) -> None:
        """Refuse unknown, doubled or missing columns."""
        for name in sorted(set(header) - set(COLUMNS)):
            self._fail(
                1,
                name,
                "classes-columns",
                f"column '{name}'",
                ", ".join(COLUMNS),
                "Remove or rename the column.",
            )
        if len(set(header)) != len(header):
            self._fail(
                1,
                ".",
                "classes-columns",
                "a column twice",
                "each column once",
                "Remove one of them.",
            )
        missing = [c for c in _NEEDED if c not in header]
        if "hgvs" not in header:
            missing += [c for c in COLUMNS[:5] if c not in header]
        for name in missing:
            self._fail(
                1,
                name,
                "classes-columns",
                "no column of this name",
                f"column '{name}'",
                "Add the column; '.' stands for a missing value.",
            )

    def add(self, line: int, cells: Mapping[str, str]) -> None:
        """Take in one row."""
        row = {name: cell for name, cell in cells.items() if cell not in MISSING}
        self._sample = row.get("sample_id", ".")
        before, doubts = len(self.problems), len(self.unplaced)
        word = parse_class(row["class"], self._words) if "class" in row else None
        if word is None or word is Classification.NOT_CLASSIFIED:
            said, fix = not_listed(row.get("class", "."), _CLASSES)
            self._fail(
                line,
                "class",
                "classes-class",
                said,
                "pathogenic, likely pathogenic, uncertain significance, likely benign, "
                "benign or conflicting",
                f"{fix} Or leave the row out.",
            )
        if "laboratory" not in row:
            self._fail(
                line,
                "laboratory",
                "classes-laboratory",
                "nothing",
                "who classified the variant",
                "Name the laboratory.",
            )
        # What else is wrong with the row is named at once, also beside a class that is no word.
        date = self._date(line, row)
        found = self._place(line, row)
        if word is None or len(self.problems) > before:
            return
        doubt = [f"class-unused-{p.check.removeprefix('classes-')}" for p in self.unplaced[doubts:]]
        spelled = "-".join(row[c] for c in COLUMNS[1:5] if c in row)
        self.rows.append(
            LaboratoryRow(
                line,
                row.get("sample_id", ""),
                row.get("hgvs", spelled),
                row["class"],
                ClassificationRecord(word, row["laboratory"], date, "laboratory file", act=True),
                found.key,
                doubt[0] if doubt else "",
                found.likely,
                found.place,
                _span_of(found.key or found.likely) or found.span,
                found.gene,
            )
        )

    def _date(self, line: int, row: Mapping[str, str]) -> str | None:
        """Return the date of a class as written; one that cannot be is a fault."""
        date = row.get("date")
        if date is not None and not is_day(date):
            self._fail(
                line,
                "date",
                "classes-date",
                "a date in another form",
                "YYYY-MM-DD",
                "Write the date of the classification, or '.'.",
            )
        elif date is not None and self.day is not None and date > self.day:
            self._fail(
                line,
                "date",
                "classes-date",
                "a day to come",
                f"a day up to {self.day}, that of the report",
                "Correct the date of the classification, or that of the report (--date).",
            )
        return date

    def _place(self, line: int, row: Mapping[str, str]) -> Located:
        """Return the variant of a row, by position and by name."""
        located = self._from_position(line, row) if "pos" in row else None
        if "hgvs" not in row:
            if "pos" not in row:
                self._fail(
                    line,
                    "hgvs",
                    "classes-variant",
                    "no variant",
                    "hgvs, or build, chrom, pos, ref and alt",
                    "Name the variant.",
                )
            return Located(located)
        found = self._from_name(line, row)
        named = found.key
        if named is not None and located is not None and named != located:
            self._fail(
                line,
                "hgvs",
                "classes-agree",
                "another variant than the position",
                "one variant",
                "Name and position are two variants: correct one of them.",
            )
            return Located(None)
        # A position says exactly which variant is meant, whatever the name leaves open.
        return found if located is None else Located(located)

    def _from_name(self, line: int, row: Mapping[str, str]) -> Located:
        """Return what a name means; one that cannot be placed is a doubt and no fault."""
        found = self._locator.locate(row["hgvs"], row.get("build"))
        if found.doubt:
            self._doubt(line, "hgvs", *_DOUBTS[found.doubt])
        return found

    def _from_position(self, line: int, row: Mapping[str, str]) -> VariantKey | None:
        missing = [c for c in COLUMNS[:5] if c not in row]
        for name in missing:
            self._fail(
                line,
                name,
                "classes-position",
                "nothing",
                f"a value of '{name}'",
                "Give build, chrom, pos, ref and alt together.",
            )
        if missing or not self._is_of_build(line, row):
            return None
        chrom = self._chrom(line, row)
        bases = self._bases(line, row) if chrom is not None else None
        if chrom is None or bases is None:
            return None
        key = VariantKey(chrom, int(row["pos"]), *bases)
        seen = self._sequences.fetch(chrom, key.pos - 1, key.pos - 1 + len(key.ref))
        # Where nothing tells the bases, nothing here can say that REF is wrong.
        if self._sequences.contradicts(chrom, key.pos - 1, key.ref):
            self._doubt(
                line,
                "ref",
                "classes-reference",
                f"REF {key.ref}",
                f"{seen or 'another base'}, the reference genome of {self._build.value}",
                "Check build and position.",
            )
            return None
        return normalise_key(key, self._sequences)

    def _is_of_build(self, line: int, row: Mapping[str, str]) -> bool:
        """Say whether a position is of the build of the samples."""
        if row["build"] not in {b.value for b in GenomeBuild}:
            found, fix = not_listed(row["build"], tuple(GenomeBuild))
            self._fail(
                line,
                "build",
                "classes-build",
                found,
                " or ".join(b.value for b in GenomeBuild),
                fix,
            )
            return False
        if row["build"] == self._build.value:
            return True
        # A name beside the position is of no build, and places the variant by itself.
        if "hgvs" not in row:
            self._doubt(
                line,
                "build",
                "classes-build",
                f"'{row['build']}'",
                self._build.value,
                "Give the position in the build of the samples, or give hgvs.",
            )
        return False

    def _chrom(self, line: int, row: Mapping[str, str]) -> str | None:
        """Return the chromosome of a position; None if it or the position cannot be read."""
        named = row["chrom"].upper()
        chrom = self._by_accession.get(named, named.removeprefix("CHR"))
        if chrom in self._sequences.lengths and _POSITION.fullmatch(row["pos"]):
            return chrom
        column = "pos" if chrom in self._sequences.lengths else "chrom"
        self._fail(
            line,
            column,
            "classes-position",
            "no number" if column == "pos" else "no chromosome of this build",
            "a chromosome and a 1-based position",
            "Correct the position.",
        )
        return None

    def _bases(self, line: int, row: Mapping[str, str]) -> tuple[str, str] | None:
        bases = row["ref"].upper(), row["alt"].upper()
        if bases[0] != bases[1] and all(set(b) <= set("ACGT") for b in bases):
            return bases
        self._fail(
            line,
            "ref",
            "classes-alleles",
            "REF or ALT of another form",
            "two different alleles in A, C, G, T",
            "Write REF and ALT as in a VCF.",
        )
        return None
