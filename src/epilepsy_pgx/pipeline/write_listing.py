"""Write the plain tables of `call` and `annotate`, file after file."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from epilepsy_pgx.errors import InputError, PgxError, Problem
from epilepsy_pgx.files import open_output
from epilepsy_pgx.pipeline.extract import Extraction, extract_group, load_targets
from epilepsy_pgx.pipeline.faults import as_problem, exit_code
from epilepsy_pgx.pipeline.listing import unread_lines
from epilepsy_pgx.pipeline.samples import names_in_header, repeated_samples, repetition
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.tsv import line
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.targets_coding import unread_genes
from epilepsy_pgx.vocabulary import GenomeBuild

Listing = tuple[Path, tuple[str, ...], Callable[[Extraction], Iterator[str]]]
"""File, column names, and what gives its lines."""


class _NothingReadError(PgxError):
    """No file could be read: the tables that were there stay."""


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
    say: Callable[[str], None] = lambda text: None,
) -> int:
    """Write plain tables over some files; return the exit code.

    A file that cannot be read is reported and the others go on. A sample that several files hold
    is read in none.

    Parameters
    ----------
    rare_variants
        False if no listing shows variants of genes that are read for rare ones. If True, each
        gene whose variants cannot be named has a row of its own at the end.
    say
        Takes a line about genes that could not be read.
    """
    targets = load_targets(ref, GenomeBuild(build), fasta)
    unread = unread_genes(ref, targets.coding, targets.sequences) if rare_variants else {}
    # The exons of all genes are witnesses of whether a whole genome was called.
    if not rare_variants and covers != "all":
        targets = targets.without_rare_variants()
    repeated = repeated_samples(vcfs)
    done = 0
    problems: list[Problem] = []

    def read(vcf: Path) -> Extraction:
        names = names_in_header(vcf)
        once = tuple(n for n in names if n not in repeated)
        if names and not once:
            raise InputError([repetition(vcf)])
        chosen = None if len(once) == len(names) else once
        if chosen is not None:
            problems.append(repetition(vcf))
        return extract_group([vcf], chosen, covers, targets, ref, thresholds)

    try:
        with ExitStack() as stack:
            handles = [
                io.TextIOWrapper(stack.enter_context(open_output(path)), encoding="utf-8",
                                 newline="\n", write_through=True)
                for path, _, _ in listings
            ]
            for handle in handles:
                stack.callback(handle.detach)
            for vcf in vcfs:
                try:
                    extraction = read(vcf)
                except Exception as error:
                    problems += as_problem(error, vcf).problems
                    continue
                problems += extraction.sample_problems
                for handle, (_, columns, lines) in zip(handles, listings, strict=True):
                    handle.writelines([line(columns)] if not done else [])
                    handle.writelines(lines(extraction))
                done += 1
            if not done:
                raise _NothingReadError(problems)
            if unread:
                handles[0].writelines(unread_lines(unread))
                say(f"not read for want of a sequence or transcript: {', '.join(unread)}")
    except _NothingReadError:
        pass
    report(problems)
    return exit_code(done, problems)
