"""The patients of a folder that a pipeline of variant calling left, such as sarek or DRAGEN.

Which file is the best of a sample is told by its content and name: one with reference blocks
before one of variants alone, and a filtered one before an unfiltered one. The build is what the
header proves; where it proves none the cell stays empty, for a wrong build gives wrong genotypes.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import MISSING
from epilepsy_pgx.intake.vcf import BuildEvidence, VcfFile, inspect_vcf
from epilepsy_pgx.pipeline.samples import safe_sample_id
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

_VCF = re.compile(r".+\.(?:g?vcf(?:\.b?gz)?|bcf)$", re.IGNORECASE)
_NO_SMALL_VARIANTS = re.compile(
    r"(?:^|[._-])(?:sv|cnv|cnv_sv|repeats|ploidy|targeted|roh|somatic|candidatesv|diploidsv|tumorsv"
    r"|somaticsv|candidatesmallindels|mutect2?|ann)(?=[._-])|_vs_",
    re.IGNORECASE,
)
"""Names of files with other than a person's own small variants, or that repeat them annotated."""
_OTHER_FOLDERS = re.compile(
    r"annotation|manta|tiddit|cnvkit|mutect2?|ascat|control_?freec|msisensor.*|.+_vs_.+|work"
    r"|\.nextflow|\.snakemake|preprocessing",
    re.IGNORECASE,
)
"""Folders of structural and somatic calls, of annotated copies and of scratch files."""
_FILTERED = re.compile(r"hard-filtered|\.filtered\.|recalibrated", re.IGNORECASE)
_UNFIT = re.compile(r"[\t\n\r|]")
"""What the cell of a sheet cannot hold in a path."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sample of a file: the row that a sheet may have of it."""

    sample: str
    """Its name in the file."""
    path: Path
    build: GenomeBuild | None
    """None where the header does not prove one."""
    rank: tuple[bool, bool, bool, str]
    """The lowest is the best file of a sample."""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Cells of the columns `sample_id`, `vcf`, `vcf_sample` and `build`."""
        name = safe_sample_id(self.sample)
        alias = MISSING[1] if name == self.sample else self.sample
        return name, str(self.path), alias, self.build or MISSING[1]


@dataclass(frozen=True, slots=True)
class Folder:
    """What was found in a folder."""

    best: tuple[Found, ...]
    """One row for each sample."""
    notes: tuple[str, ...]
    """What a reader of the sheet should know: other files of a sample, and files left out."""


def search_folder(folder: Path, ref: Reference) -> Folder:
    """Look for the patients of a folder, at any depth.

    Raises
    ------
    InputError
        If it is no folder, or holds no file that can be used.
    """
    if not folder.is_dir():
        raise InputError.one(
            "folder-exists",
            file=str(folder),
            found="no such folder",
            expected="the output folder of sarek, DRAGEN or another pipeline",
            fix="Check the path.",
        )
    notes: list[str] = []
    samples: dict[str, list[Found]] = {}
    for path in _files(folder):
        for one in _of_file(path, ref, notes):
            samples.setdefault(one.sample, []).append(one)
    if not samples:
        raise InputError.one(
            "folder-samples",
            file=str(folder),
            found=notes[0] if notes else "no VCF, gVCF or BCF of small variants",
            expected="a file with genotypes for each sample",
            fix="Name the folder that holds the VCFs, or write the sheet by hand.",
        )
    best = []
    for name in sorted(samples):
        first, *others = sorted(samples[name], key=lambda found: found.rank)
        best.append(first)
        shown = safe_sample_id(name)
        notes += [f"{shown} is also in {_shown(other.path)}" for other in others]
        if first.build is None:
            notes.append(f"{shown}: the header proves no build; fill in the column build")
    return Folder(tuple(best), tuple(notes))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder.resolve()):
        folders[:] = sorted(f for f in folders if not _OTHER_FOLDERS.fullmatch(f))
        for name in sorted(names):
            if _VCF.fullmatch(name) and not _NO_SMALL_VARIANTS.search(name):
                yield Path(place) / name


def _of_file(path: Path, ref: Reference, notes: list[str]) -> Iterable[Found]:
    """Return the samples of a file; why it is left out is noted."""
    if _UNFIT.search(str(path)):
        notes.append(f"left out, for a tab, a line break or | in its path: {_shown(path)}")
        return ()
    passed: dict[GenomeBuild, VcfFile] = {}
    fault = ""
    for build in GenomeBuild:
        try:
            passed[build] = inspect_vcf(path, build, ref)
        except InputError as error:
            fault = fault or f"found {error.problems[0].found}"
    if not passed:
        notes.append(f"left out, {fault}: {_shown(path)}")
        return ()
    proven = [b for b, file in passed.items() if file.build_evidence != BuildEvidence.NONE]
    file = next(iter(passed.values()))
    several = len(file.samples) > 1
    rank = (several, not file.reference_blocks, not _FILTERED.search(path.name), str(path))
    told = proven[0] if len(proven) == 1 else None
    if any(_UNFIT.search(name) for name in file.samples):
        notes.append(f"left out, for a character in the name of a sample: {_shown(path)}")
        return ()
    return [Found(name, path, told, rank) for name in file.samples]


def _shown(path: Path) -> str:
    """Return a path as it may stand in a note, which is one line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(path))
