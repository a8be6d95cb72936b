"""Genes that a corrected sheet switches off, or on again, in what is stored of a patient."""

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import GeneCoverage, GeneResult
from epilepsy_pgx.pipeline.scope import OFF, OFF_COVERAGE, OFF_NOTICE, Scope
from epilepsy_pgx.recall.genes import CAVEAT, COVERAGE, Open
from epilepsy_pgx.report.build import Assessed
from epilepsy_pgx.vocabulary import GeneStatus


def apply_scope(
    known: Assessed, asked: tuple[str, ...] | None
) -> tuple[Assessed, list[Open], list[str]]:
    """Return what may be said of a patient, what is open, and which genes are taken away.

    Parameters
    ----------
    asked
        Genes that the corrected sheet switches off; None if it has no such column: then those
        that were switched off stay so, whatever a new typing says.
    """
    before = tuple(
        gene
        for notice in known.warnings
        if notice.text_id == OFF_NOTICE
        for value in notice.values
        for gene in value.items
    )
    off = before if asked is None else asked
    gone = [gene for gene in off if gene not in before and _told(known, gene)]
    again = [gene for gene in before if gene not in off]
    scope = Scope(off)
    # What is ordered again was not stored, and is not said to be left out by the order any more.
    results = {g: _open_result(r) if g in again else r for g, r in known.results.items()}
    coverage = {g: _open_coverage(c) if g in again else c for g, c in known.coverage.items()}
    others = (w for w in known.warnings if w.text_id != OFF_NOTICE)
    known = replace(
        known,
        results=scope.results(results),
        coverage=scope.coverage(coverage),
        findings=tuple(f for f in known.findings if f.gene not in off),
        quality=None if known.quality is None else scope.quality(known.quality),
        warnings=(*scope.notices(), *others),
    )
    why = "it was not ordered: what the file shows of it is not stored"
    return known, [Open(gene, why) for gene in again], gone


def _told(known: Assessed, gene: str) -> bool:
    """Say whether anything is stored of a gene."""
    result, read = known.results.get(gene), known.coverage.get(gene)
    return (
        (result is not None and result.status is not GeneStatus.NOT_ASSESSED)
        or (read is not None and read.assessed)
        or any(f.gene == gene for f in known.findings)
    )


def _open_result(result: GeneResult) -> GeneResult:
    return replace(result, caveats=tuple(CAVEAT if c == OFF else c for c in result.caveats))


def _open_coverage(read: GeneCoverage) -> GeneCoverage:
    return replace(read, reason=COVERAGE) if read.reason == OFF_COVERAGE else read
