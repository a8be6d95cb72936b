"""Write the plain tables of `call` and `annotate`, file after file."""

import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from epilepsy_pgx.errors import InputError, PgxError, Problem
from epilepsy_pgx.files import open_output
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.pipeline.extract import Extraction, extract_group
from epilepsy_pgx.pipeline.faults import as_problem
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.listing import unread_lines
from epilepsy_pgx.pipeline.samples import names_in_header, repeated_samples, repetition
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.progress import stage
from epilepsy_pgx.tsv import line
from epilepsy_pgx.variants.reading import not_read
from epilepsy_pgx.variants.targets_coding import unread_genes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A plain table."""

    path: Path
    columns: tuple[str, ...]
    lines: Callable[[Extraction], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """What was written."""

    files: int
    """Files that were read."""
    problems: tuple[Problem, ...]
    """What is wrong with the others, and with samples that were left out."""
    unread: tuple[str, ...]
    """Genes of which nothing could be read for want of a sequence or transcript."""


@dataclass(frozen=True, slots=True)
class ListingPlan:
    """What is read of some files."""

    targets: Targets
    unread: Mapping[str, str]
    """Genes that cannot be read for want of a sequence or transcript, with the reason."""


class _NothingReadError(PgxError):
    """No file could be read: the tables that were there stay."""


def write_listing(
    files: NamedFiles,
    method: Method,
    listings: Sequence[Listing],
    *,
    rare_variants: bool = True,
    kept: Path | None = None,
) -> Listed:
    """Write plain tables over some files.

    A file that cannot be read is reported and the others go on. A sample that several files hold
    is read in none.

    Parameters
    ----------
    rare_variants
        False if no listing shows variants of genes that are read for rare ones. If True, each
        gene whose variants cannot be named has a row of its own at the end.
    kept
        VCF to write with the records that were read, if there is one file.
    """
    plan = plan_listing(files, method, rare_variants=rare_variants)
    done = samples = 0
    problems: list[Problem] = []
    try:
        with ExitStack() as stack, stage(_log, "tables", files=len(files.vcfs)) as made:
            handles = [_open(stack, item.path) for item in listings]
            for extraction in read_each(files, method, plan.targets, problems, kept):
                samples += len(extraction.store.samples)
                for handle, item in zip(handles, listings, strict=True):
                    handle.writelines([line(item.columns)] if not done else [])
                    handle.writelines(item.lines(extraction))
                done += 1
            if not done:
                raise _NothingReadError(problems)
            if plan.unread:
                handles[0].writelines(unread_lines(plan.unread, listings[0].columns))
            made |= {"files": done, "samples": samples, "problems": len(problems)}
    except _NothingReadError:
        pass
    nothing = not_read(method.ref, plan.targets.sequences) if done and rare_variants else ()
    return Listed(done, tuple(problems), nothing)


def plan_listing(files: NamedFiles, method: Method, *, rare_variants: bool) -> ListingPlan:
    """Work out what is read of some files."""
    ref = method.ref
    targets = load_targets(ref, files.build, method.fasta)
    unread = unread_genes(ref, targets.coding, targets.sequences) if rare_variants else {}
    # The exons of all genes are witnesses of whether a whole genome was called.
    if not rare_variants and files.covers != "all":
        targets = targets.without_rare_variants()
    return ListingPlan(targets, unread)


def read_each(
    files: NamedFiles,
    method: Method,
    targets: Targets,
    problems: list[Problem],
    kept: Path | None = None,
) -> Iterator[Extraction]:
    """Yield what each file says; what is wrong with others, or with samples, joins `problems`."""
    read = _once_each(files, method, targets, problems, kept)
    for vcf in files.vcfs:
        try:
            extraction = read(vcf)
        except Exception as error:
            problems += as_problem(error, vcf).problems
            continue
        problems += extraction.sample_problems
        yield extraction


def _open(stack: ExitStack, path: Path) -> io.TextIOWrapper:
    """Open a table that gets its name when all of it is written."""
    handle = io.TextIOWrapper(
        stack.enter_context(open_output(path)), encoding="utf-8", newline="\n", write_through=True
    )
    stack.callback(handle.detach)
    return handle


def _once_each(
    files: NamedFiles, method: Method, targets: Targets, problems: list[Problem], kept: Path | None
) -> Callable[[Path], Extraction]:
    """Return what reads a file without the samples that other files hold too.

    Of a file that is read in part, a line is added to `problems`.
    """
    repeated = repeated_samples(files.vcfs)

    def read(vcf: Path) -> Extraction:
        names = names_in_header(vcf)
        once = tuple(n for n in names if n not in repeated)
        if names and not once:
            raise InputError([repetition(vcf)])
        chosen = None if len(once) == len(names) else once
        if chosen is not None:
            problems.append(repetition(vcf))
        return extract_group(
            [vcf], chosen, files.covers, targets, method.ref, method.thresholds, kept
        )

    return read
