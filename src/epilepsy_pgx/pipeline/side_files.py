"""Read the files that go with a VCF: HLA types, outside results, classes.

Each file is read once for all patients who share it; a fault in it is raised for each of them.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from epilepsy_pgx.calling.class_file import LaboratoryClasses, LaboratoryRow, read_classifications
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.fingerprint import Panel, read_panel
from epilepsy_pgx.intake.hla import HlaNames, HlaTyping, Typings, join_typings
from epilepsy_pgx.intake.outside_calls import OutsideRows
from epilepsy_pgx.intake.outside_tables import OutsideCall, load_outside_tables
from epilepsy_pgx.intake.result_files.hla_results import read_typings
from epilepsy_pgx.intake.result_files.source import UNNAMED, Program
from epilepsy_pgx.intake.result_files.star_allele_results import calls_of, read_gene_calls
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedSite, Gene, OutsideCaller
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutsideResults:
    """What other files say about one sample."""

    hla: Mapping[str, HlaTyping]
    calls: tuple[OutsideCall, ...]
    files: tuple[InputFile, ...]
    notes: tuple[Message, ...] = ()
    """What was passed over."""


class ClassResults(NamedTuple):
    """What the laboratory's file of classes says about one sample."""

    name: str
    """Of the file; empty if there is none."""
    rows: tuple[LaboratoryRow, ...]
    files: tuple[InputFile, ...]


class SideFiles:
    """Reads side files; what was read is kept."""

    def __init__(self, ref: Reference, day: str | None = None) -> None:
        """Take the closed lists that they are read with, and the ISO date of the report."""
        self._day = day
        self._ref = ref
        self._words = Wording(ref)
        self._hla = frozenset(r.gene for r in ref.rows(Gene) if r.call_method is CallMethod.TYPING)
        self._outside = load_outside_tables(ref)
        self._programs = {r.caller: Program(r.kind, r.calls) for r in ref.rows(OutsideCaller)}
        self._hla_names = HlaNames.of(ref)
        self._classes: dict[tuple[Path, GenomeBuild], LaboratoryClasses | InputError] = {}
        self._typings: dict[Path, Typings | InputError] = {}
        self._said: set[Message] = set()
        self._sites = frozenset(r.site for r in ref.rows(CuratedSite))
        self._panels: dict[Path, Mapping[str, Panel] | InputError] = {}
        self._calls: dict[Path, dict[str, OutsideRows] | InputError] = {}

    def classes(
        self, row: SampleRow, build: GenomeBuild, sequences: SequenceSource
    ) -> ClassResults:
        """Return name, rows and digest of the laboratory's classes that hold for a sample.

        Raises
        ------
        InputError
            If the file, or a cell of one of the sample's rows, cannot be read.
        """
        path = row.classifications
        if path is None:
            return ClassResults("", (), ())
        known = (path, build)
        if known not in self._classes:
            try:
                listed = read_classifications(path, build, self._ref, sequences, self._day)
                _say_rows(listed)
                self._classes[known] = listed
            except InputError as error:
                self._classes[known] = error
        read = self._classes[known]
        if isinstance(read, InputError):
            raise read
        return ClassResults(
            read.file, read.for_sample(row.sample_id), (digest_file("classifications", path),)
        )

    def panel(self, row: SampleRow) -> Panel:
        """Return a patient's genotypes from another test; empty without a file.

        Raises
        ------
        InputError
            If the file cannot be read, or has nothing of the patient that could be compared: a
            check that was asked for is never left out.
        """
        path = row.fingerprint
        if path is None:
            return {}
        if path not in self._panels:
            try:
                self._panels[path] = read_panel(path)
            except InputError as error:
                self._panels[path] = error
        read = self._panels[path]
        if isinstance(read, InputError):
            raise read
        mine = read.get(row.sample_id, {})
        if not mine:
            raise InputError.one(
                "fingerprint-sample",
                file=str(path),
                column="sample_id",
                found="no genotype of a sample of the sheet, in the sheet's spelling",
                expected="its genotypes",
                fix="Correct the sample id, or leave the sheet's fingerprint cell empty.",
            )
        if not self._sites & mine.keys():
            raise InputError.one(
                "fingerprint-site",
                file=str(path),
                column="site",
                found="no position of the tables for a sample of the sheet",
                expected="sites as in sites.tsv, such as " + min(self._sites, default="."),
                fix="Name the positions as the table sites does.",
            )
        return mine

    def outside(self, row: SampleRow) -> "OutsideResults":
        """Return what other files say about a sample.

        Raises
        ------
        InputError
            With every problem of these files.
        """
        hla: dict[str, HlaTyping] = {}
        files: list[InputFile] = []
        problems: list[Problem] = []
        if row.hla is not None:
            typed = self._read_typings(row.hla, row.sample_id)
            if isinstance(typed, InputError):
                problems += typed.problems
            elif late := [t.gene for t in typed if self._day and t.date and t.date > self._day]:
                problems.append(self._late(row.hla, late))
            else:
                hla = {t.gene: t for t in typed}
                files.append(digest_file("HLA types", row.hla))
        calls: dict[str, OutsideCall] = {}
        known: set[str] = set()
        notes: list[Message] = []
        for path in row.outside_calls:
            if path not in self._calls:
                try:
                    self._calls[path] = read_gene_calls(path, self._outside, self._programs)
                except InputError as error:
                    self._calls[path] = error
            listed = self._calls[path]
            if isinstance(listed, InputError):
                problems += listed.problems
                continue
            made, faults = calls_of(path, listed, (row.sample_id, row.vcf_sample), known)
            problems += faults
            known.update(made.genes)
            calls.update({c.gene: c for c in made.calls})
            for typing in made.typings:
                both = join_typings(hla.get(typing.gene), typing)
                if both is not None:
                    hla[typing.gene] = both
                else:
                    problems.append(
                        Problem(
                            str(path),
                            0,
                            typing.gene,
                            "outside-typing",
                            f"other alleles of {typing.gene} than the file of HLA types",
                            "statements that agree",
                            "Keep what the laboratory stands by.",
                        )
                    )
            notes += self._notes(path, made)
            files.append(digest_file("outside calls", path))
        if problems:
            raise InputError(problems)
        return OutsideResults(hla, tuple(calls.values()), tuple(files), tuple(notes))

    def _late(self, path: Path, genes: Sequence[str]) -> Problem:
        return Problem(
            str(path),
            0,
            "date",
            "hla-date",
            f"a day to come for {', '.join(genes)}",
            f"a day up to {self._day}, that of the report",
            "Correct the date of the typing, or that of the report (--date).",
        )

    def _notes(self, path: Path, made: OutsideRows) -> Iterator[Message]:
        """Yield what the reader must know of a file of outside results; print it once a file."""
        for text_id, genes in (
            ("note-outside-passed-over", made.passed_over),
            ("note-outside-typing", tuple(t.gene for t in made.typings)),
        ):
            if not genes:
                continue
            file = Value("file", (path.name,))
            note = Message(text_id, (file, Value("genes", tuple(dict.fromkeys(genes)))))
            if note not in self._said:
                self._said.add(note)
                # What no list knows may be a name in the wrong column: the report alone tells it.
                logged = dict.fromkeys(g if self._outside.lists(g) else "…" for g in genes)
                said = Message(text_id, (file, Value("genes", tuple(logged))))
                _log.warning("%s: %s", path, self._words.tell(said))
            yield note

    def _read_typings(self, path: Path, sample: str) -> tuple[HlaTyping, ...] | InputError:
        """Return the typings that a file has of a sample, or what is wrong."""
        if path not in self._typings:
            try:
                methods = {name: p.kind for name, p in self._programs.items()}
                self._typings[path] = read_typings(path, self._hla, methods, self._hla_names)
            except InputError as error:
                self._typings[path] = error
        found = self._typings[path]
        if isinstance(found, InputError):
            return found
        like = [k for k in found if k != sample and k.casefold() == sample.casefold()]
        if like:
            return InputError.one(
                "hla-sample",
                file=str(path),
                column="sample_id",
                found="a sample id that differs from the sheet's in its case only",
                expected="the sheet's spelling",
                fix="Correct the sample id.",
            )
        key = UNNAMED if UNNAMED in found else sample
        if key not in found or not found[key]:
            return InputError.one(
                "hla-sample",
                file=str(path),
                column="sample_id",
                found="no typing for a sample of the sheet",
                expected="its typing",
                fix="Add the row, or leave the sheet's hla cell empty.",
            )
        return found[key]


def _say_rows(classes: LaboratoryClasses) -> None:
    """Say on standard error which rows of a file were not placed, without what they hold.

    A name in a gene whose bases are not known here may still be that of a patient's variant.
    """
    lines = {r.line for r in classes.rows if r.doubt} | {p.line for p in classes.faults}
    if lines:
        _log.warning(
            "%s: warning: in line(s) %s the variant was not found by its description alone; it may "
            "be found by its name among a patient's variants, and the reports say which classes "
            "were not used, and why",
            classes.file,
            ", ".join(map(str, sorted(lines))),
        )
