"""Stage intake and normalise: from files to genotypes at curated sites and rare variants."""

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import scratch_folder, writing_to
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.callable import ALL_CALLABLE, CallableRegions, read_callable
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.reachable import check_chromosomes, check_declared, describe_faults
from epilepsy_pgx.intake.vcf import BuildEvidence, VcfFile, contig_spellings, inspect_vcf
from epilepsy_pgx.intake.whole import FileKind
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.witness import find_witnesses, witness_regions
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.collect import Carriers, CodingReader
from epilepsy_pgx.variants.decode import (
    Record,
    SiteReader,
    Thresholds,
    WantedRegions,
    declare_callable,
    read_records,
)
from epilepsy_pgx.variants.documented import CuratedSpellings
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.phase import PhaseWitness
from epilepsy_pgx.variants.readings import (
    QualityRegion,
    Readings,
    ReadingsCounter,
    load_quality_regions,
)
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.sites import Region, SiteList, bed_text, load_sites, merge_regions
from epilepsy_pgx.variants.sites import site_regions as regions_of
from epilepsy_pgx.variants.stated import FieldRule, load_field_rules
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.variants.targets_coding import CodingTarget, coding_targets
from epilepsy_pgx.vcftext import SHOWN_FAULTS, Cut, GenotypeFault, find_lines
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import ExtractionJob, Failure, Records

MISMATCH_FRACTION = 0.05
"""Above this part of the covered curated sites with another REF, the build is wrong."""
SEEK_GAP = 2_000
"""Regions at most this many bases apart are read in one go."""
CLASS_ELSEWHERE = "caveat-class-elsewhere"
"""Text id: the files hold classes in another field than the one that is read."""


@dataclass(frozen=True)
class Targets:
    """What is read for one build: curated sites and coding exons."""

    build: GenomeBuild
    sites: SiteList
    coding: tuple[CodingTarget, ...]
    rare_genes: frozenset[str]
    sequences: SequenceSource
    quality_regions: tuple[QualityRegion, ...] = ()
    balance_depth: int = 0
    """Least depth of a position whose allele balance is judged."""
    field_rules: tuple[FieldRule, ...] = ()
    """Which fields of a record state quality, depth and reads."""

    def without_rare_variants(self) -> "Targets":
        """Return what is read for star alleles alone: no exons of other genes, no quality."""
        kept = tuple(t for t in self.coding if t.gene not in self.rare_genes)
        return replace(self, coding=kept, quality_regions=())


@dataclass(frozen=True)
class Extraction:
    """What one group of files says about its samples, by column of `store`; warnings are ids."""

    store: GenotypeStore
    observed: tuple[ObservedVariant, ...]
    undocumented: tuple[Carriers, ...]
    callable_bases: NDArray[np.int32]
    """[coding target, sample]"""
    targets: Targets
    callability: Message
    inputs: tuple[InputFile, ...]
    warnings: tuple[str, ...]
    mismatches: int
    readings: Readings
    sample_problems: tuple[Problem, ...]
    """Problems of single samples; `Problem.sample` names them by their column in the file."""
    caller: tuple[tuple[str, str], ...] = ()
    """Caller and reference as the headers name them."""
    unwitnessed: tuple[int, ...] = ()
    """Columns of the samples of which some site has no record near enough to be believed."""

    def warnings_of(self, column: int) -> tuple[Message, ...]:
        """Return the warnings of the files and of one sample."""
        own = ("caveat-callable-not-witnessed",) if column in self.unwitnessed else ()
        return tuple(Message(text_id) for text_id in (*self.warnings, *own))

    def only(self, column: int) -> "Extraction":
        """Return what the files say of one sample, as if they held no other."""
        return replace(
            self,
            store=self.store.take(np.array([column], np.intp)),
            observed=tuple(
                replace(v, sample=0) for v in self.observed if v.sample == column
            ),
            undocumented=tuple(
                replace(c, columns=(0,)) for c in self.undocumented if column in c.columns
            ),
            callable_bases=self.callable_bases[:, [column]],
            readings=Readings(self.readings.counts[:, [column]]),
            unwitnessed=(0,) if column in self.unwitnessed else (),
        )


def load_targets(ref: Reference, build: GenomeBuild, fasta: Path | None = None) -> Targets:
    """Work out what has to be read for one build."""
    rare = frozenset(
        r.need("gene") for r in ref.table("genes") if r["call_method"] == CallMethod.RARE_VARIANT
    )
    star = frozenset(
        r.need("gene") for r in ref.table("genes") if r["call_method"] == CallMethod.DIPLOTYPE
    )
    return Targets(
        build,
        load_sites(ref, build),
        coding_targets(ref, build, sorted(rare | star)),
        rare,
        open_sequences(ref, build, fasta),
        load_quality_regions(ref, build),
        int(read_limits(ref)["mixture-minimum-depth"]),
        load_field_rules(ref),
    )


def extract_group(
    vcfs: Sequence[Path],
    samples: Sequence[str] | None,
    covers: str | None,
    targets: Targets,
    ref: Reference,
    thresholds: Thresholds,
) -> Extraction:
    """Read one group of files.

    Parameters
    ----------
    vcfs
        Files that hold the same samples: one file, or one for each region.
    samples
        Names in the files; None for all samples of the first file.
    covers
        `all`, a BED path, or None.

    Raises
    ------
    InputError
        If nothing of the group can be read.
    """
    files = _inspect_all(vcfs, targets.build, ref)
    wanted, problems = _pick_samples(files, samples)
    contigs = contig_spellings(ref, targets.build)
    regions = _declared_regions(covers, contigs)
    sites = SiteReader(targets.sites, wanted)
    coding = CodingReader(
        targets.coding, targets.rare_genes,
        CuratedSpellings(targets.sites), len(wanted), targets.sequences,
    )
    readings = ReadingsCounter(targets.quality_regions, len(wanted), targets.balance_depth)
    spans = sites.spans() + coding.spans() + readings.spans()
    with scratch_folder() as folder:
        files, clean, cuts = _cut_out(
            files, wanted, targets, folder, contigs, regions is ALL_CALLABLE
        )
        notes = _check_reach(files, spans, regions, contigs, ref)
        area = WantedRegions(spans)
        phase = PhaseWitness(
            len(wanted), several_files=len(files) > 1,
            local=any(f.physical_phase_only for f in files),
        )
        for number, (file, bcf, cut) in enumerate(zip(files, clean, cuts, strict=True)):
            for record in _records(file, bcf, thresholds, targets, area):
                record = _with_own_alleles(record, cut)
                phase.add(record, number)
                sites.add(record)
                coding.add(record)
                readings.add(record)
            notes += describe_faults(file, cut)
        for note in notes:
            print(note, file=sys.stderr)
        witnessed = np.ones((len(targets.sites), len(wanted)), bool)
        if regions is ALL_CALLABLE:
            witnessed, doubted = find_witnesses(
                files, clean, targets.sites, targets.coding, wanted
            )
            problems += doubted
    warnings = _check_covered(files, sites, targets.build)
    if not _class_field_read(files, thresholds.class_field):
        warnings.append(CLASS_ELSEWHERE)
    store = sites.finish(phase.against)
    coding.finish(phase.against)
    callability = Message("callability-listed")
    if any(f.reference_blocks for f in files):
        callability = Message("callability-measured")
    if sites.arrays:
        # An array that has no record of a position did not read it.
        regions = None
        warnings.append("caveat-genotyping-array")
    if regions is not None:
        callability = Message("callability-declared", (Value("file", (regions.name,)),))
        inside = np.array(
            [regions.covers(s.chrom, s.pos, s.end) for s in targets.sites.sites], bool
        )
        declare_callable(store, inside[:, None] & witnessed, sites.told, sites.no_call)
        if regions is not ALL_CALLABLE:
            bases = [
                regions.overlap(t.chrom, t.coding_start0, t.coding_end0) for t in targets.coding
            ]
            coding.declare(np.array(bases, np.int32))
    return Extraction(
        store, tuple(coding.observed), tuple(coding.undocumented), coding.callable, targets,
        callability, tuple(digest_file("VCF", f.path) for f in files), tuple(warnings),
        sites.mismatches, readings.finish(), tuple(problems),
        tuple(dict.fromkeys(tag for f in files for tag in f.source_tags)),
        tuple(np.flatnonzero(~witnessed.all(axis=0)).tolist()),
    )


def _class_field_read(files: Sequence[VcfFile], wanted: str) -> bool:
    """Say whether the field of the class is there, or the files hold no class at all."""
    asked = wanted != Thresholds().class_field
    return any(f.reads_class_from(wanted) for f in files) or not (
        asked or any(f.class_fields for f in files)
    )


def _check_reach(
    files: Sequence[VcfFile],
    spans: Sequence[tuple[str, int, int]],
    regions: CallableRegions | None,
    contigs: ContigNames,
    ref: Reference,
) -> list[str]:
    """Prove that the records over the spans were reachable; return what to say of it."""
    needed = {chrom for chrom, _, _ in spans}
    notes = [note for file in files for note in file.notes]
    notes += check_chromosomes(files, needed, contigs)
    if regions is not None:
        limit = read_limits(ref)["callable-silent-bases"]
        notes += check_declared(files, regions, needed, limit)
    return notes


def _inspect_all(vcfs: Sequence[Path], build: GenomeBuild, ref: Reference) -> list[VcfFile]:
    files: list[VcfFile] = []
    problems: list[Problem] = []
    for path in vcfs:
        try:
            files.append(inspect_vcf(path, build, ref))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return files


def _pick_samples(
    files: Sequence[VcfFile], samples: Sequence[str] | None
) -> tuple[tuple[str, ...], list[Problem]]:
    if samples is None:
        samples = files[0].samples
    kept, problems = [], []
    held = [(file, frozenset(file.samples)) for file in files]
    for name in samples:
        lacking = [file for file, names in held if name not in names]
        if not lacking:
            kept.append(name)
        for file in lacking:
            problems.append(
                Problem(str(file.path), 0, ".", "vcf-sample", "no column for a sample of the sheet",
                        f"its name among the {len(file.samples)} of the header",
                        "Put the name of the VCF's column into vcf_sample.", name)
            )
    if not kept:
        raise InputError(problems)
    return tuple(kept), problems


def _declared_regions(covers: str | None, contigs: ContigNames) -> CallableRegions | None:
    if covers is None:
        return None
    if covers == "all":
        return ALL_CALLABLE
    return read_callable(Path(covers), contigs)


def _records(
    file: VcfFile, bcf: Path, thresholds: Thresholds, targets: Targets, area: WantedRegions
) -> Iterator[Record]:
    try:
        yield from read_records(
            bcf, {name: chrom for chrom, name in file.contig_names}, thresholds,
            physical_phase_only=file.physical_phase_only, wanted=area,
            rules=targets.field_rules, one_sample=len(file.samples) == 1,
        )
    except UnicodeDecodeError:
        # Text was made readable when it was cut out; the bytes of a BCF are as they were.
        raise InputError.one(
            "vcf-reads", file=str(file.path), found="bytes that are no text in a record",
            expected="a file that can be read", fix="Copy the file again and compare checksums.",
        ) from None


def _with_own_alleles(record: Record, cut: Cut) -> Record:
    """Return a record without alleles that it does not list, which are told.

    In text they were taken out when the record was cut out; a BCF may hold them too.
    """
    count = len(record.alts)
    beyond = (record.first > count) | (record.second > count)
    beyond |= (record.first < -2) | (record.second < -2)
    if not beyond.any():
        return record
    cut.faulty += 1
    if len(cut.faults) < SHOWN_FAULTS:
        samples = int(np.count_nonzero(beyond))
        cut.faults.append(GenotypeFault(record.chrom, record.pos, 0, samples, count))
    return replace(
        record,
        first=np.where((record.first > count) | (record.first < -2), -1, record.first),
        second=np.where((record.second > count) | (record.second < -2), -1, record.second),
    )


def _cut_out(
    files: Sequence[VcfFile],
    wanted: tuple[str, ...],
    targets: Targets,
    folder: Path,
    contigs: ContigNames,
    witness: bool,
) -> tuple[list[VcfFile], list[Path], list[Cut]]:
    """Write the target records of each file as clean BCF.

    Returns
    -------
    files, clean, cuts
        The files, with the contigs and fields that their records have beside those of their
        headers; the records cut out of each; and what was seen on the way.

    Raises
    ------
    InputError
        With a line for each file that htslib could not read.
    """
    regions = regions_of(targets.sites.sites)
    regions += [Region(t.chrom, t.start0, t.end0) for t in targets.coding]
    regions += [
        Region(r.chrom, r.first - 1, r.last) for r in targets.quality_regions
        if r.purpose == "sex"
    ]
    if witness:
        regions += witness_regions(targets.sites)
    merged, wide = merge_regions(regions), merge_regions(regions, SEEK_GAP)
    aliases = folder / "aliases.json"
    aliases.write_text(json.dumps(contigs.aliases), encoding="utf-8")
    own = tuple((chrom, chrom) for chrom in sorted({r.chrom for r in merged}))
    jobs = []
    for number, file in enumerate(files):
        names = file.contig_names if file.indexed else own
        bed = folder / f"{number}.bed"
        bed.write_text(bed_text(merged, names), encoding="utf-8")
        stretches = folder / f"{number}.stretches.bed"
        stretches.write_text(bed_text(wide, names), encoding="utf-8")
        subset = None if file.samples == wanted else wanted
        jobs.append(
            ExtractionJob(
                _lasting(file.path), bed, folder / f"{number}.bcf", file.indexed, subset,
                stretches, file.text_spans, None if file.indexed else aliases, file.index,
            )
        )
    found, cuts = _take_out(files, jobs, contigs)
    return found, [job.target for job in jobs], cuts


def _take_out(
    files: Sequence[VcfFile], jobs: Sequence[ExtractionJob], contigs: ContigNames
) -> tuple[list[VcfFile], list[Cut]]:
    answers = [ask(job) for job in jobs]
    failed = [
        _read_problem(file.path, answer)
        for file, answer in zip(files, answers, strict=True) if isinstance(answer, Failure)
    ]
    if failed:
        _check_room(jobs[0].target.parent)
        raise InputError(failed)
    found: list[VcfFile] = []
    cuts: list[Cut] = []
    problems: list[Problem] = []
    for file, job, answer in zip(files, jobs, answers, strict=True):
        assert isinstance(answer, Records)
        cut = answer.cut
        cuts.append(cut)
        if file.kind is not FileKind.BCF:
            file = file.with_formats(read_header(job.target).formats)
        try:
            found.append(file if file.indexed else file.with_body(tuple(cut.contigs), contigs))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found, cuts


def _lasting(path: Path) -> Path:
    """Return a path that means the same in another process: /dev/stdin does not."""
    return path.resolve() if path.parts[:2] in (("/", "dev"), ("/", "proc")) else path


_PLACE = re.compile(r" at ([^\s:]+):(\d+)")


def _read_problem(path: Path, failure: Failure) -> Problem:
    line = failure.line
    if not line and (place := _PLACE.search(failure.message)):
        key = place[1], int(place[2])
        line = find_lines(path, [key]).get(key, 0)
    return Problem(
        str(path), line, ".", "vcf-reads", failure.message, "a file that can be read",
        "Check it with 'bcftools view'; copy it again if it was cut short.",
    )


def _check_room(folder: Path) -> None:
    """Refuse to call a file damaged because what was read of it could not be kept."""
    with writing_to(tempfile.gettempdir()):
        probe = folder / "probe"
        size = max((p.stat().st_size for p in folder.iterdir()), default=0)
        probe.write_bytes(b"\0" * (size + (1 << 16)))
        probe.unlink()


def _check_covered(
    files: Sequence[VcfFile], sites: SiteReader, build: GenomeBuild
) -> list[str]:
    """Use the REF bases of curated sites as the last witness of the build."""
    covered, wrong = len(sites.covered), sites.mismatches
    unproved = all(f.build_evidence is BuildEvidence.NONE for f in files)
    if wrong and wrong > MISMATCH_FRACTION * (covered + wrong):
        raise InputError.one(
            "vcf-build",
            file=str(files[0].path),
            found=f"REF bases that are not those of {build} at {wrong} of {covered + wrong} sites",
            expected=f"the reference bases of {build}, as stated",
            fix="State the build that the file was made with.",
        )
    if unproved and not sites.proved:
        raise InputError.one(
            "vcf-build",
            file=str(files[0].path),
            found="no record at any curated position, and a header that names no build",
            expected=f"proof that the file is {build}",
            fix="Check the build; add contig lengths to the header, or force-call the positions "
            "of 'epilepsy-pgx sites'.",
        )
    imputed = any({"DS", "GP"} & f.formats and "GQ" not in f.formats for f in files)
    reasons = {
        "caveat-ref-mismatch": bool(wrong), "caveat-no-curated-site": not covered,
        "caveat-no-checksum": any(f.kind is FileKind.VCF for f in files),
        "caveat-imputed": imputed,
    }
    return [text_id for text_id, holds in reasons.items() if holds]


def digest_file(role: str, path: Path) -> InputFile:
    """Return the digest of an input, for the report."""
    total = hashlib.sha256()
    with path.open("rb") as handle:
        read: Callable[[], bytes] = lambda: handle.read(1 << 20)  # noqa: E731
        for chunk in iter(read, b""):
            total.update(chunk)
    return InputFile(role, path.name, f"sha256:{total.hexdigest()}", path.stat().st_size)
