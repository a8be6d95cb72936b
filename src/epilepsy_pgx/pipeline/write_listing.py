"""Write the plain tables of `call` and `annotate`, file after file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.pipeline.extract import Extraction, extract_group, load_targets
from epilepsy_pgx.pipeline.faults import as_problem, exit_code
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

Listing = tuple[Path, tuple[str, ...], Callable[[Extraction], Iterator[str]]]
"""File, column names, and what gives its lines."""


def write_listing(
    vcfs: Sequence[Path],
    build: str,
    covers: str | None,
    fasta: Path | None,
    ref: Reference,
    thresholds: Thresholds,
    listings: Sequence[Listing],
    report: Callable[[Iterable[Problem]], None],
    *,
    rare_variants: bool = True,
) -> int:
    """Write plain tables over some files; return the exit code.

    A file that cannot be read is reported and the others go on. A sample that two files hold
    is read in the first alone.

    Parameters
    ----------
    rare_variants
        False if no listing shows variants of genes that are read for rare ones.
    """
    targets = load_targets(ref, GenomeBuild(build), fasta)
    # The exons of all genes are witnesses of whether a whole genome was called.
    if not rare_variants and covers != "all":
        targets = targets.without_rare_variants()
    handles = []
    for path, columns, _ in listings:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.with_name(f".{path.name}").open("w", encoding="utf-8")
        handle.write("\t".join(columns) + "\n")
        handles.append(handle)
    seen: set[str] = set()
    done = 0
    problems: list[Problem] = []
    for vcf in vcfs:
        try:
            extraction = extract_group([vcf], None, covers, targets, ref, thresholds)
            _check_new(vcf, extraction.store.samples, seen)
        except Exception as error:
            found = as_problem(error, vcf).problems
            report(found)
            problems += found
            continue
        done += 1
        for handle, (_, _, lines) in zip(handles, listings, strict=True):
            handle.writelines(lines(extraction))
    for handle, (path, _, _) in zip(handles, listings, strict=True):
        handle.close()
        temporary = path.with_name(f".{path.name}")
        if done:
            temporary.replace(path)
        else:
            temporary.unlink()
    return exit_code(done, problems)


def _check_new(vcf: Path, samples: Sequence[str], seen: set[str]) -> None:
    twice = [s for s in samples if s in seen]
    if twice:
        raise InputError.one(
            "sample-once", file=str(vcf), found=f"{len(twice)} sample(s) of an earlier file",
            expected="each sample in one file",
            fix="Join region files of one sample with 'bcftools concat', or use a sample sheet.",
        )
    seen.update(samples)
