"""ACMG/AMP classes that a laboratory gives in a file, and the words in which classes come."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.table import (
    column_names,
    is_day,
    read_table,
    read_text,
    split_rows,
    without_empty_columns,
)
from epilepsy_pgx.model import ClassificationRecord, VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, GenomeBuild

COLUMNS = (
    "build", "chrom", "pos", "ref", "alt", "hgvs", "class", "date", "laboratory", "sample_id",
)
"""Columns of a file of classes. A variant is given by `hgvs` or by the first five."""

_P, _LP = Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC
_B, _LB = Classification.BENIGN, Classification.LIKELY_BENIGN
_POSITION = re.compile(r"[0-9]{1,9}")
_WORDS = {
    "pathogenic": _P,
    "p": _P,
    "class 5": _P,
    "5": _P,
    "likely pathogenic": _LP,
    "lp": _LP,
    "class 4": _LP,
    "4": _LP,
    "uncertain significance": Classification.UNCERTAIN,
    "variant of uncertain significance": Classification.UNCERTAIN,
    "vus": Classification.UNCERTAIN,
    "class 3": Classification.UNCERTAIN,
    "3": Classification.UNCERTAIN,
    "likely benign": _LB,
    "lb": _LB,
    "class 2": _LB,
    "2": _LB,
    "benign": _B,
    "b": _B,
    "class 1": _B,
    "1": _B,
    "conflicting": Classification.CONFLICTING,
    "conflicting interpretations of pathogenicity": Classification.CONFLICTING,
    "conflicting classifications of pathogenicity": Classification.CONFLICTING,
}
_NO_CLASS = frozenset(
    {
        "not classified", "not provided", "no classification for the single variant",
        "no classifications from unflagged records", "other", "drug response", "risk factor",
        "association", "association not found", "protective", "affects", "confers sensitivity",
        "established risk allele", "likely risk allele", "uncertain risk allele", "low penetrance",
        "",
    }
)


def parse_class(text: str) -> Classification | None:
    """Read a class in the words of ClinVar's CLNSIG, of ACMG/AMP, or as a number from 1 to 5.

    Several words count as one class if they are neighbours on one side (`Pathogenic/Likely
    pathogenic` is likely pathogenic), as conflicting if not.

    Returns
    -------
    Classification or None
        `not_classified` for words that are no class (`drug_response`), None for words that are
        not known.
    """
    words = re.split(r"[|&,;/]", text.replace("_", " ").lower())
    classes: set[Classification] = set()
    for word in (" ".join(w.split()) for w in words):
        if word in _WORDS:
            classes.add(_WORDS[word])
        elif word not in _NO_CLASS:
            return None
    if not classes:
        return Classification.NOT_CLASSIFIED
    if len(classes) == 1:
        return classes.pop()
    if classes == {_P, _LP}:
        return _LP
    if classes == {_B, _LB}:
        return _LB
    return Classification.CONFLICTING


@dataclass(frozen=True)
class LaboratoryClasses:
    """The classes of a file, by sample."""

    shared: Mapping[VariantKey, tuple[ClassificationRecord, ...]]
    """Rows without a sample: they hold for every carrier."""
    own: Mapping[str, Mapping[VariantKey, tuple[ClassificationRecord, ...]]]

    def for_sample(self, sample_id: str) -> Mapping[VariantKey, tuple[ClassificationRecord, ...]]:
        """Return the records for one sample, its own ones first."""
        own = self.own.get(sample_id)
        if own is None:
            return self.shared
        return {k: (*own.get(k, ()), *self.shared.get(k, ())) for k in {*own, *self.shared}}


NO_CLASSES = LaboratoryClasses({}, {})


def check_form(path: Path) -> None:
    """Refuse a file of classes whose rows have not the length of its header.

    Raises
    ------
    InputError
        With every fault of the form.
    """
    read_table(path, "classes-cells")


def read_classifications(
    path: Path, build: GenomeBuild, ref: Reference, sequences: SequenceSource
) -> LaboratoryClasses:
    """Read a laboratory's file of classes: TSV with a header line, `.` for missing.

    Parameters
    ----------
    path
        File with the columns `class`, `date`, `laboratory`, and `hgvs` (a c. description on the
        transcript of the tables) or `build`, `chrom`, `pos`, `ref`, `alt`; `sample_id` optional.
    build
        Build of the samples; rows of the other build must give `hgvs`.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    reader = _Reader(str(path), build, ref, sequences)
    rows = split_rows(read_text(path, "classes-readable", "a UTF-8 TSV"))
    header = column_names(next(rows, (1, []))[1])
    reader.check_header(header)
    if not reader.problems:
        for line, cells in rows:
            reader.add(line, header, without_empty_columns(cells, len(header)))
    if reader.problems:
        raise InputError(reader.problems)
    return LaboratoryClasses(
        {k: tuple(v) for k, v in reader.found.pop("", {}).items()},
        {s: {k: tuple(v) for k, v in g.items()} for s, g in reader.found.items()},
    )


class _Reader:
    def __init__(
        self, file: str, build: GenomeBuild, ref: Reference, sequences: SequenceSource
    ) -> None:
        self.problems: list[Problem] = []
        self.found: dict[str, dict[VariantKey, list[ClassificationRecord]]] = {}
        self._file = file
        self._build = build
        self._sequences = sequences
        transcripts = load_transcripts(ref, build)
        self._accessions = {t.accession: t.gene for t in transcripts.values()}
        self._namer = HgvsNamer(transcripts, sequences)

    def _fail(
        self, line: int, column: str, check: str, found: str, expected: str, fix: str
    ) -> None:
        self.problems.append(Problem(self._file, line, column, check, found, expected, fix))

    def check_header(self, header: list[str]) -> None:
        """Refuse unknown, doubled or missing columns."""
        for name in sorted(set(header) - set(COLUMNS)):
            self._fail(1, name, "classes-columns", f"column '{name}'", ", ".join(COLUMNS),
                       "Remove or rename the column.")
        if len(set(header)) != len(header):
            self._fail(1, ".", "classes-columns", "a column twice", "each column once",
                       "Remove one of them.")
        missing = [c for c in ("class", "date", "laboratory") if c not in header]
        if "hgvs" not in header:
            missing += [c for c in COLUMNS[:5] if c not in header]
        for name in missing:
            self._fail(1, name, "classes-columns", "no such column", f"column '{name}'",
                       "Add the column; '.' stands for a missing value.")

    def add(self, line: int, header: list[str], cells: list[str]) -> None:
        """Take in one row."""
        if len(cells) != len(header):
            self._fail(line, ".", "classes-cells", f"{len(cells)} cells", f"{len(header)} cells",
                       "Write '.' for a missing value.")
            return
        row = {
            name: value
            for name, cell in zip(header, cells, strict=True)
            if (value := cell.strip()) not in ("", ".")
        }
        before = len(self.problems)
        word = parse_class(row["class"]) if "class" in row else None
        if word is None or word is Classification.NOT_CLASSIFIED:
            self._fail(line, "class", "classes-class", f"'{row.get('class', '.')}'",
                       "pathogenic, likely pathogenic, uncertain significance, likely benign, "
                       "benign or conflicting", "Write the ACMG/AMP class, or leave the row out.")
        if "laboratory" not in row:
            self._fail(line, "laboratory", "classes-laboratory", "nothing",
                       "who classified the variant", "Name the laboratory.")
        date = row.get("date")
        if date is not None and not is_day(date):
            self._fail(line, "date", "classes-date", f"'{date}'", "YYYY-MM-DD",
                       "Write the date of the classification, or '.'.")
        key = self._key(line, row)
        if key is None or word is None or len(self.problems) > before:
            return
        record = ClassificationRecord(word, row["laboratory"], date, "laboratory file", act=True)
        group = self.found.setdefault(row.get("sample_id", ""), {})
        records = group.setdefault(key, [])
        if record not in records:
            records.append(record)

    def _key(self, line: int, row: Mapping[str, str]) -> VariantKey | None:
        located = self._from_position(line, row) if "pos" in row else None
        if "hgvs" not in row:
            if "pos" not in row:
                self._fail(line, "hgvs", "classes-variant", "no variant",
                           "hgvs, or build, chrom, pos, ref and alt", "Name the variant.")
            return located
        named = self._from_name(line, row["hgvs"])
        if named is not None and located is not None and named != located:
            self._fail(line, "hgvs", "classes-agree", f"{row['hgvs']} is {named}", str(located),
                       "Name and position are two variants: correct one of them.")
            return None
        return named if "pos" not in row else located

    def _from_name(self, line: int, name: str) -> VariantKey | None:
        accession = name.partition(":")[0]
        gene = self._accessions.get(accession)
        if gene is None or ":c." not in name:
            self._fail(line, "hgvs", "classes-transcript", f"'{name}'",
                       "a c. description on a transcript of the tables, version included",
                       "See the column 'transcript' of the transcripts table.")
            return None
        key = self._namer.locate_coding_name(name) if self._sequences.covers(gene) else None
        if key is None:
            self._fail(line, "hgvs", "classes-name", f"'{name}'",
                       "a description whose bases are those of the reference sequence",
                       "Check the description, give the position instead, or install the "
                       "sequence of the gene.")
            return None
        return normalise_key(key, self._sequences)

    def _from_position(self, line: int, row: Mapping[str, str]) -> VariantKey | None:
        missing = [c for c in COLUMNS[:5] if c not in row]
        for name in missing:
            self._fail(line, name, "classes-position", "nothing", f"a value of '{name}'",
                       "Give build, chrom, pos, ref and alt together.")
        if missing:
            return None
        if row["build"] != self._build.value:
            if "hgvs" not in row:
                self._fail(line, "build", "classes-build", f"'{row['build']}'", self._build.value,
                           "Give the position in the build of the samples, or give hgvs.")
            return None
        chrom = row["chrom"].removeprefix("chr")
        if chrom not in self._sequences.lengths or not _POSITION.fullmatch(row["pos"]):
            self._fail(line, "pos", "classes-position", f"{row['chrom']}:{row['pos']}",
                       "a chromosome and a 1-based position", "Correct the position.")
            return None
        bases = row["ref"].upper(), row["alt"].upper()
        if any(set(b) - set("ACGT") for b in bases) or bases[0] == bases[1]:
            self._fail(line, "ref", "classes-alleles", f"{row['ref']}>{row['alt']}",
                       "two different alleles in A, C, G, T", "Write REF and ALT as in a VCF.")
            return None
        key = VariantKey(chrom, int(row["pos"]), *bases)
        seen = self._sequences.fetch(chrom, key.pos - 1, key.pos - 1 + len(key.ref))
        if seen is not None and seen != key.ref:
            self._fail(line, "ref", "classes-reference", f"REF {key.ref}",
                       f"{seen}, the reference genome of {self._build.value}",
                       "Check build and position.")
            return None
        return normalise_key(key, self._sequences)
