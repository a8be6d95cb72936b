"""The head of each input file, read and checked once in a run."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from epilepsy_pgx.addresses import UrlPath
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, names_of, replace
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.intake.vcf import VcfFile, inspect_vcf
from epilepsy_pgx.model import ClinicalEntry, Patient
from epilepsy_pgx.pipeline.faults import as_problem
from epilepsy_pgx.pipeline.job import NamedFiles
from epilepsy_pgx.pipeline.samples import names_in_header, repeated, repetition, safe_sample_id
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild


class Inspections:
    """Inspects files; what was found is kept for whoever asks next."""

    def __init__(self, ref: Reference) -> None:
        """Begin with none."""
        self._ref = ref
        self._files: dict[tuple[Path, GenomeBuild], VcfFile] = {}
        self._parts: dict[tuple[type, object], object] = {}
        self._folder: Path | None = None

    def file(self, path: Path, build: GenomeBuild) -> VcfFile:
        """Return what is known of a file.

        Raises
        ------
        InputError
            With every problem found.
        """
        if isinstance(path, UrlPath):
            return self._remote(path, build)
        if (path, build) not in self._files:
            self._files[path, build] = self._joined(inspect_vcf(path, build, self._ref))
        return self._files[path, build]

    @contextmanager
    def keeping(self, folder: Path) -> Iterator[None]:
        """Read files at URLs, and keep in a folder for the time being what is read of them."""
        self._folder = folder
        try:
            yield
        finally:
            self._folder = None

    def _remote(self, path: UrlPath, build: GenomeBuild) -> VcfFile:
        if self._folder is None:
            raise InputError.one(
                "url-here",
                file=str(path),
                found="a URL",
                expected="a file",
                fix="The workflow reads URLs; copy the file for this command.",
            )
        # Imported where a sheet names a URL: no other run has a network.
        from epilepsy_pgx.intake.remote import open_remote

        local = open_remote(path, self._folder)
        try:
            found = inspect_vcf(local, build, self._ref)
        except InputError as error:
            text = str(local)
            raise InputError(
                replace(p, file=p.file.replace(text, str(path))) for p in error.problems
            ) from None
        notes = tuple(note.replace(str(local), str(path)) for note in found.notes)
        return replace(found, path=path, local=local, notes=notes)

    def files(self, paths: Iterable[Path], build: GenomeBuild) -> list[VcfFile]:
        """Return what is known of the files of a group.

        Raises
        ------
        InputError
            With every problem of every file.
        """
        found: list[VcfFile] = []
        problems: list[Problem] = []
        for path in paths:
            try:
                found.append(self.file(path, build))
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        return found

    def _joined(self, file: VcfFile) -> VcfFile:
        """Return a file that shares with others what they have in common.

        The files of a cohort have the same contigs and fields: thousands of copies would fill
        the memory.
        """
        parts = {name: getattr(file, name) for name in names_of(type(file))}
        shared: dict[str, Any] = {
            name: self._parts.setdefault((type(part), part), part) for name, part in parts.items()
        }
        return replace(file, **shared)


@dataclass(frozen=True, slots=True)
class _Head:
    """A file that was named, and its samples as far as they can be told."""

    path: Path
    samples: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    """Why the file cannot be read."""


def rows_of_files(
    files: NamedFiles, inspections: Inspections
) -> tuple[tuple[SampleRow, ...], tuple[Problem, ...]]:
    """Make sheet rows for files named on the command line: every sample of every file.

    A file that cannot be opened gives problems of its samples, and the others go on. A sample
    that several files have is read in none, unless a sheet says which is whose.
    """
    heads = [_head(path, files.build, inspections) for path in files.vcfs]
    twice = frozenset() if files.sheet else repeated(head.samples for head in heads)
    rows: list[SampleRow] = []
    problems: list[Problem] = []
    lacking = set(files.only)
    for head in heads:
        names = [n for n in head.samples if not files.only or n in files.only]
        lacking -= set(names)
        if head.problems:
            problems += _of_samples(head.problems, names)
            continue
        for name in names:
            if name in twice:
                problems.append(repetition(head.path, safe_sample_id(name)))
            else:
                rows.append(_row(head.path, name, files))
    problems += _unknown(sorted(lacking))
    return tuple(rows), tuple(problems)


def _head(path: Path, build: GenomeBuild, inspections: Inspections) -> _Head:
    try:
        return _Head(path, inspections.file(path, build).samples)
    except Exception as error:
        return _Head(path, names_in_header(path), as_problem(error, path).problems)


def _of_samples(problems: Sequence[Problem], names: Sequence[str]) -> list[Problem]:
    """Return the problems of a file for each of its samples; once if none can be told."""
    return [
        replace(p, sample=safe_sample_id(n) if n else ".") for n in names or [""] for p in problems
    ]


def _row(path: Path, name: str, files: NamedFiles) -> SampleRow:
    """Return the row of a sample of which nothing but its file is known."""
    sample_id = safe_sample_id(name)
    return SampleRow(
        sample_id=sample_id,
        vcfs=(path,),
        vcf_sample=name,
        build=files.build,
        callable=files.covers,
        hla=None,
        outside_calls=(),
        classifications=None,
        patient=Patient(sample_id, name),
        clinical=ClinicalEntry(),
        line=0,
    )


def _unknown(names: Iterable[str]) -> list[Problem]:
    """Return the problems of samples that were asked for and that no file has."""
    return [
        Problem(
            "--sample",
            0,
            ".",
            "vcf-sample",
            "a name that no file has",
            "a sample of the VCFs",
            "Check its spelling ('bcftools query -l').",
            safe_sample_id(name),
        )
        for name in names
    ]
