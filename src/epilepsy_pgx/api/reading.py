"""The functions of the Python interface: they read files as the commands of their names do."""

import warnings
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

from epilepsy_pgx.api.objects import Annotations, Calls, Reports
from epilepsy_pgx.errors import ConfigError, PgxError, Problem
from epilepsy_pgx.intake.clinvar import check_builds, open_clinvar
from epilepsy_pgx.model import GeneResult, VariantFinding
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.listing import find_variants, gene_results
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.run_files import predict_files
from epilepsy_pgx.pipeline.write_listing import plan_listing, read_each
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

PathLike = str | Path
Paths = PathLike | Sequence[PathLike]


def call(
    vcf: Paths,
    *,
    build: str,
    callable_regions: PathLike | None = None,
    reference_fasta: PathLike | None = None,
    tables: PathLike | None = None,
    thresholds: Thresholds | None = None,
) -> Calls:
    """Call diplotypes and phenotypes, as `epilepsy-pgx call` does.

    A position that the file does not cover is not assessed; it never counts as normal.

    Parameters
    ----------
    vcf
        A VCF, gVCF or BCF, or several.
    build
        `GRCh37` or `GRCh38`: checked against the files, never guessed.
    callable_regions
        Where a position without a record is reference: a BED, or `all` for a whole genome of
        variants only. None: nowhere.
    reference_fasta
        Indexed FASTA of the build; None for the bases that come with the tables.
    tables
        Folder of curated tables; None for those that came with the software.
    thresholds
        Limits below which a genotype counts as not seen.

    Raises
    ------
    PgxError
        If nothing can be read, with every problem. What fails beside other files is in
        `Calls.problems`, and a warning says so.

    Examples
    --------
    A patient of the folder `examples`; of the regions of `panel` the file states every variant:

    >>> calls = call(example, build="GRCh38", callable_regions=panel)
    >>> result = calls["EX01"]["CYP2C19"]
    >>> result.status.value, [str(d) for d in result.diplotypes], result.phenotypes
    ('complete', ['*1/*1'], ('Normal Metabolizer',))
    >>> calls["EX01"]["HLA-B"].status.value
    'partial'
    """
    files = _files(vcf, build, callable_regions)
    method = _method(tables, reference_fasta, thresholds)
    plan = plan_listing(files, method, rare_variants=False)
    problems: list[Problem] = []
    found: dict[str, tuple[GeneResult, ...]] = {}
    for extraction in read_each(files, method, plan.targets, problems):
        found.update(gene_results(extraction, method.ref))
    _complain(problems, found)
    return Calls(MappingProxyType(found), tuple(problems))


def annotate(
    vcf: Paths,
    *,
    build: str,
    callable_regions: PathLike | None = None,
    reference_fasta: PathLike | None = None,
    tables: PathLike | None = None,
    thresholds: Thresholds | None = None,
    clinvar: Paths = (),
) -> Annotations:
    """Annotate the variants in epilepsy genes, as `epilepsy-pgx annotate` does.

    Parameters
    ----------
    vcf, build, callable_regions, reference_fasta, tables, thresholds
        As of `call`.
    clinvar
        ClinVar's VCF of the build: its classes inform and never ask for action.

    Raises
    ------
    PgxError
        As `call` does.

    Examples
    --------
    >>> found = annotate(example, build="GRCh38", callable_regions=panel)
    >>> [(v.gene, v.hgvs_c, v.truncating) for v in found["EX01"]]
    [('SCN1A', 'NM_001165963.4:c.664C>T', True)]
    """
    files = _files(vcf, build, callable_regions)
    method = _method(tables, reference_fasta, thresholds)
    copies = tuple(open_clinvar(path, date.today().isoformat()) for path in _paths(clinvar))
    check_builds(copies, [files.build])
    plan = plan_listing(files, method, rare_variants=True)
    problems: list[Problem] = []
    found: dict[str, tuple[VariantFinding, ...]] = {}
    for extraction in read_each(files, method, plan.targets, problems):
        refused = {p.sample for p in extraction.sample_problems}
        mine: dict[str, list[VariantFinding]] = {
            name: [] for name in extraction.store.samples if name not in refused
        }
        for name, finding in find_variants(extraction, method.ref, clinvar=copies):
            mine[name].append(finding)
        found.update((name, tuple(variants)) for name, variants in mine.items())
    _complain(problems, found)
    return Annotations(MappingProxyType(found), MappingProxyType(plan.unread), tuple(problems))


def report(
    vcf: Paths,
    *,
    build: str,
    sheet: PathLike | None = None,
    callable_regions: PathLike | None = None,
    reference_fasta: PathLike | None = None,
    tables: PathLike | None = None,
    thresholds: Thresholds | None = None,
    settings: RunSettings | None = None,
) -> Reports:
    """Make the reports of patients, as `epilepsy-pgx run` does; nothing is written.

    Parameters
    ----------
    vcf, build, callable_regions, reference_fasta, tables, thresholds
        As of `call`.
    sheet
        Sample sheet with what is known of each patient; its rows choose the samples.
    settings
        Date, language and copies of ClinVar; None for a report of today in English.

    Raises
    ------
    PgxError
        If nothing can be read. Patients without a report are in `Reports.failures`, and a warning
        says so.

    Examples
    --------
    >>> reports = report(example, build="GRCh38", callable_regions=panel)
    >>> [d.drug for d in reports["EX01"].interpretation.drugs if d.tier == "act"]
    []
    """
    named = _files(vcf, build, callable_regions, Path(sheet) if sheet is not None else None)
    method = _method(tables, reference_fasta, thresholds)
    settings = settings or RunSettings(date.today().isoformat())
    results = predict_files(named, method, settings)
    failures = tuple(r for r in results if isinstance(r, Failure))
    made = {r.patient.sample_id: r for r in results if not isinstance(r, Failure)}
    _complain([p for f in failures for p in f.problems], made)
    return Reports(MappingProxyType(made), failures, method.ref)


def _paths(given: Paths) -> tuple[Path, ...]:
    one = [given] if isinstance(given, str | Path) else given
    return tuple(Path(path) for path in one)


def _files(
    vcf: Paths, build: str, covers: PathLike | None, sheet: Path | None = None
) -> NamedFiles:
    try:
        known = GenomeBuild(build)
    except ValueError:
        raise ConfigError.one(
            "build", column="build", found=repr(build), expected=" or ".join(GenomeBuild)
        ) from None
    paths = _paths(vcf)
    if not paths:
        raise ConfigError.one("vcf", column="vcf", found="no file", expected="one or more VCFs")
    return NamedFiles(paths, known, str(covers) if covers is not None else None, sheet=sheet)


def _method(
    tables: PathLike | None, fasta: PathLike | None, thresholds: Thresholds | None
) -> Method:
    ref = load_reference(tables)
    return Method(ref, Path(fasta) if fasta is not None else None, thresholds or Thresholds())


def _complain(problems: Sequence[Problem], found: Iterable[str]) -> None:
    """Raise what is wrong if nothing was found, else warn of it."""
    if problems and not list(found):
        raise PgxError(problems)
    if problems:
        warnings.warn(
            f"{len(problems)} problems: files or samples are left out, see the result's "
            "`problems` or `failures`",
            stacklevel=3,
        )
