"""ACMG/AMP classes that a laboratory gives in a file, and to which variants they belong.

A row that names no variant of a patient is kept and said: it is never passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from epilepsy_pgx.calling.class_words import load_class_words, parse_class
from epilepsy_pgx.errors import InputError, Problem
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
from epilepsy_pgx.model import ClassificationRecord, VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, GenomeBuild, join_classes

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

_CLASSES = tuple(c.value.replace("_", " ") for c in Classification)
_POSITION = re.compile(r"[0-9]{1,9}")
_REASSURING = (Classification.BENIGN, Classification.LIKELY_BENIGN, Classification.UNCERTAIN)
"""Classes under which a rule may fall silent that speaks of a variant without a class."""
_PROTEIN = re.compile(r"(NP|XP)_|ENSP")
_NAME = re.compile(r"(?P<who>[^:\s]+)[:\s]\s*(?P<change>[cp]\..+)")
_VERSION = re.compile(r"\.\d+$")
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
        like = {r.sample_id for r in self.rows if r.sample_id.casefold() == sample_id.casefold()}
        # A row for `S1` would silently count for nobody if the sheet says `s1`.
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
        own = [r for r in self.rows if r.sample_id == sample_id and sample_id]
        return (*own, *(r for r in self.rows if not r.sample_id))


@dataclass(frozen=True, slots=True)
class MatchedClasses:
    """What the rows of a file say about the variants of one sample."""

    classes: Mapping[VariantKey, tuple[ClassificationRecord, ...]]
    unused: tuple[tuple[LaboratoryRow, str], ...] = ()
    """Rows that match no variant of the sample, each with the text id of the reason."""
    inexact: tuple[tuple[LaboratoryRow, str], ...] = ()
    """Rows taken for a variant that they name in another way, each with its name here."""
    differing: tuple[tuple[LaboratoryRow, ...], ...] = ()
    """Rows that give one variant different classes."""


def match_classes(
    rows: Sequence[LaboratoryRow], annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> MatchedClasses:
    """Find the variants of one sample to which the rows belong.

    A description that cannot be placed (another transcript or version, a protein change) is
    taken for the one variant of the sample that has this name in some numbering, unless the
    class would reassure: that needs an exact match.

    Parameters
    ----------
    rows
        Those that hold for the sample.
    annotations
        Of the variants that the sample carries.
    """
    used: dict[VariantKey, list[LaboratoryRow]] = {}
    unused: list[tuple[LaboratoryRow, str]] = []
    inexact: list[tuple[LaboratoryRow, str]] = []
    for row in rows:
        key, reason, odd = row.key, "class-unused-absent", bool(row.doubt)
        if key is None:
            # The sequence of a gene may lack while its variants have known names.
            key = next((k for k, t in annotations.items() if row.variant in _codings(t)), None)
            odd = key is None
        if key is None:
            alike = _named_alike(row.variant, annotations)
            reason = "class-unused-several" if len(alike) > 1 else row.doubt
            if len(alike) == 1:
                key = alike[0] if row.record.classification not in _REASSURING else None
                reason = "class-unused-inexact"
        if key is None or not annotations.get(key):
            unused.append((row, reason))
            continue
        used.setdefault(key, []).append(row)
        if odd:
            inexact.append((row, _shown(key, annotations[key])))
    return MatchedClasses(
        {k: tuple(dict.fromkeys(r.record for r in found)) for k, found in used.items()},
        tuple(unused),
        tuple(inexact),
        tuple(
            tuple(found)
            for found in used.values()
            if len({r.record.classification for r in found}) > 1
            and join_classes({r.record.classification for r in found}) is Classification.CONFLICTING
        ),
    )


def _codings(annotations: Sequence[SiteAnnotation]) -> set[str]:
    return {a.hgvs_c for a in annotations if a.hgvs_c}


def _shown(key: VariantKey, annotations: Sequence[SiteAnnotation]) -> str:
    first = annotations[0]
    return " ".join(x for x in (first.gene, first.hgvs_c or str(key), first.hgvs_p) if x)


def _named_alike(
    text: str, annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> list[VariantKey]:
    """Return the variants of which some name in use is the one written."""
    match = _NAME.fullmatch(text)
    if match is None:
        return []
    who = {x.strip(")") for x in match.group("who").split("(")}
    # Another version of a transcript: the match then counts as inexact.
    who |= {_VERSION.sub("", x) for x in who}
    changes = {_plain(x) for x in re.split(r"[\s,;]+(?=[cp]\.|\()", match.group("change"))}
    found = []
    for key, touched in annotations.items():
        for one in touched:
            mine = {one.gene, _VERSION.sub("", one.transcript)}
            names = {_plain(n.rpartition(":")[2]) for n in (one.hgvs_c, one.hgvs_p) if n}
            other = {_plain(part) for alias in one.aliases for part in alias.name.split()}
            if any(_PROTEIN.match(x) for x in who):
                other |= {n for n in names if n.startswith("p.") and "?" not in n}
            # These names stand by themselves: their sequence is in no table.
            if (mine & who and names & changes) or other & changes:
                found.append(key)
                break
    return found


def _plain(change: str) -> str:
    # p.(Arg222*) and p.Arg222Ter are one name.
    return change.replace("(", "").replace(")", "").replace("Ter", "*").strip()


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
        With every problem of the file, if one of them is of its form.
    """
    reader = _Reader(str(path), build, ref, sequences)
    rows = split_rows(read_text(path, "classes-readable", "a UTF-8 TSV"))
    reader.check_header(column_names(header_row(rows)[1]))
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
        transcripts = load_transcripts(ref, build)
        self._accessions = {t.accession: t.gene for t in transcripts.values()}
        self._by_accession = {name: chrom for chrom, name in sequences.accessions.items()}
        self._namer = HgvsNamer(transcripts, sequences)
        self._sample = "."

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
        missing = [c for c in ("class", "date", "laboratory") if c not in header]
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
        key = self._key(line, row)
        if word is None or len(self.problems) > before:
            return
        found = [f"class-unused-{p.check.removeprefix('classes-')}" for p in self.unplaced[doubts:]]
        spelled = "-".join(row[c] for c in COLUMNS[1:5] if c in row)
        self.rows.append(
            LaboratoryRow(
                line,
                row.get("sample_id", ""),
                row.get("hgvs", spelled),
                row["class"],
                ClassificationRecord(word, row["laboratory"], date, "laboratory file", act=True),
                key,
                found[0] if found else "",
            )
        )

    def _key(self, line: int, row: Mapping[str, str]) -> VariantKey | None:
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
            return located
        named = self._from_name(line, row["hgvs"])
        if named is not None and located is not None and named != located:
            self._fail(
                line,
                "hgvs",
                "classes-agree",
                "another variant than the position",
                "one variant",
                "Name and position are two variants: correct one of them.",
            )
            return None
        return named if located is None else located

    def _from_name(self, line: int, name: str) -> VariantKey | None:
        accession = name.partition(":")[0]
        gene = self._accessions.get(accession)
        if gene is None or ":c." not in name:
            self._doubt(
                line,
                "hgvs",
                "classes-transcript",
                "another name",
                "a c. description on a transcript of the tables, version included",
                "See the column 'transcript' of the transcripts table.",
            )
            return None
        key = self._namer.locate_coding_name(name) if self._sequences.covers(gene) else None
        if key is None:
            self._doubt(
                line,
                "hgvs",
                "classes-name",
                "a description that does not fit",
                "a description whose bases are those of the reference sequence",
                "Check the description, give the position instead, or install the "
                "sequence of the gene.",
            )
            return None
        return normalise_key(key, self._sequences)

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
        if missing:
            return None
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
            return None
        # There is no lift-over: a position of the other build never places a variant.
        if row["build"] != self._build.value:
            if "hgvs" not in row:
                self._doubt(
                    line,
                    "build",
                    "classes-build",
                    f"'{row['build']}'",
                    self._build.value,
                    "Give the position in the build of the samples, or give hgvs.",
                )
            return None
        named = row["chrom"].upper()
        chrom = self._by_accession.get(named, named.removeprefix("CHR"))
        if chrom not in self._sequences.lengths or not _POSITION.fullmatch(row["pos"]):
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
        bases = row["ref"].upper(), row["alt"].upper()
        if any(set(b) - set("ACGT") for b in bases) or bases[0] == bases[1]:
            self._fail(
                line,
                "ref",
                "classes-alleles",
                "REF or ALT of another form",
                "two different alleles in A, C, G, T",
                "Write REF and ALT as in a VCF.",
            )
            return None
        key = VariantKey(chrom, int(row["pos"]), *bases)
        seen = self._sequences.fetch(chrom, key.pos - 1, key.pos - 1 + len(key.ref))
        if seen is not None and seen != key.ref:
            self._doubt(
                line,
                "ref",
                "classes-reference",
                f"REF {key.ref}",
                f"{seen}, the reference genome of {self._build.value}",
                "Check build and position.",
            )
            return None
        return normalise_key(key, self._sequences)


__all__ = [
    "COLUMNS",
    "LaboratoryClasses",
    "LaboratoryRow",
    "MatchedClasses",
    "match_classes",
    "parse_class",
    "read_classifications",
]
