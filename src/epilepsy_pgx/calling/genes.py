"""Call every curated gene of every sample of a store."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.calling.diplotypes import call_pairs, distinct_genotypes
from epilepsy_pgx.calling.phenotypes import result_of
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import SiteGenotype
from epilepsy_pgx.model import GeneResult, SiteCall
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import load_phenotypes
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN
from epilepsy_pgx.variants.store import (
    NOT_JUDGED,
    REASONS,
    STATUS_CODES,
    STATUS_OF,
    UNPHASED,
    GenotypeStore,
)
from epilepsy_pgx.vocabulary import Basis, CallMethod, GeneStatus, SiteStatus


@dataclass(frozen=True)
class GeneCalls:
    """Results of one gene: each distinct one once, and which sample has which."""

    gene: str
    results: tuple[GeneResult, ...]
    member: NDArray[np.intp]


def call_genes(
    store: GenotypeStore, ref: Reference, genes: Sequence[str] | None = None
) -> dict[str, GeneCalls]:
    """Call the star-allele and single-variant genes of all samples.

    Parameters
    ----------
    genes
        Genes to call; None for all that the tables define.

    Returns
    -------
    dict
        By gene, in table order.
    """
    usable, evidence = store.usable(), store.evidence()
    calls: dict[str, GeneCalls] = {}
    for row in ref.rows(Gene):
        gene, method = row.gene, row.call_method
        if genes is not None and gene not in genes:
            continue
        if method == CallMethod.DIPLOTYPE:
            definition = define_gene(ref, store.sites, gene)
            rows = list(definition.rows)
            # A hundred thousand people have a few thousand genotypes here: each is called once.
            distinct = distinct_genotypes(evidence[rows], store.phase[rows])
            table = load_phenotypes(ref, row)
            results = tuple(
                result_of(
                    call_pairs(definition, distinct.codes[i], distinct.phase[i]), definition, table
                )
                for i in range(len(distinct.codes))
            )
            called = GeneCalls(gene, results, distinct.member)
            calls[gene] = _hedge_unjudged(called, store, definition.rows)
        elif gene in store.sites.by_gene:
            rare = method != CallMethod.SINGLE_VARIANT
            called = _read_variants(store, usable, gene, known_only=rare)
            calls[gene] = _hedge_unjudged(called, store, store.sites.by_gene[gene])
    return calls


def _hedge_unjudged(calls: GeneCalls, store: GenotypeStore, rows: Sequence[int]) -> GeneCalls:
    """Take "complete" from the results that rest on a genotype of unstated quality.

    What such a genotype does not show is not ruled out.
    """
    unjudged = (store.reason[list(rows)] == NOT_JUDGED).any(axis=0)
    if not unjudged.any():
        return calls
    hedged = tuple(
        replace(
            r,
            caveats=(*r.caveats, "caveat-quality-not-judged"),
            status=GeneStatus.PARTIAL if r.status is GeneStatus.COMPLETE else r.status,
        )
        if r.status is not GeneStatus.NOT_ASSESSED
        else r
        for r in calls.results
    )
    # Both forms of every result are kept: other samples with the same genotype stay unhedged.
    count = len(calls.results)
    member = np.where(unjudged, calls.member + count, calls.member)
    return GeneCalls(calls.gene, (*calls.results, *hedged), member)


def _read_variants(
    store: GenotypeStore, usable: NDArray[np.int8], gene: str, *, known_only: bool
) -> GeneCalls:
    """Name the genotype at each curated variant of a gene that has no star alleles.

    With `known_only` the gene has more to it than these variants, and is never complete here.
    """
    rows = list(store.sites.by_gene[gene])
    # Each variant is read by itself, so that its phase would only split equal genotypes.
    phase = np.full((len(rows), usable.shape[1]), UNPHASED, np.int32)
    distinct = distinct_genotypes(usable[rows], phase)
    results = []
    for codes in distinct.codes:
        shown: list[SiteGenotype] = []
        missing: list[str] = []
        for row, (first, second) in zip(rows, codes.tolist(), strict=True):
            site = store.sites.sites[row]
            if UNKNOWN in (first, second):
                missing.append(site.name)
                continue
            bases = tuple(base_text(site.alleles, c) for c in (first, second))
            shown.append(SiteGenotype(site.name, bases))
        status = (
            GeneStatus.NOT_ASSESSED
            if not shown
            else GeneStatus.PARTIAL
            if missing or known_only
            else GeneStatus.COMPLETE
        )
        results.append(
            GeneResult(
                gene=gene,
                status=status,
                basis=Basis.GENOTYPE if shown else Basis.NONE,
                diplotypes=(),
                candidate_count=1 if shown else 0,
                genotypes=tuple(shown),
                phenotypes=(),
                activity_scores=(),
                missing_sites=tuple(missing),
                caveats=("caveat-common-variants-only",) if known_only and shown else (),
                sites_assessed=len(rows) - len(missing),
                sites_total=len(rows),
            )
        )
    return GeneCalls(gene, tuple(results), distinct.member)


def base_text(alleles: Sequence[str], code: int) -> str:
    """Write an allele code as bases."""
    if code == UNKNOWN:
        return "?"
    return "other" if code == OTHER else alleles[code]


def sample_results(
    calls: dict[str, GeneCalls], store: GenotypeStore, sample: int
) -> dict[str, GeneResult]:
    """Return one sample's gene results with the sites that drove them."""
    absent = STATUS_OF[SiteStatus.NOT_ASSESSED]
    results = {}
    for gene, call in calls.items():
        result = call.results[call.member[sample]]
        rows = np.array(store.sites.by_gene[gene])
        seen = store.status[rows, sample] != absent
        driving = rows[seen & _not_default(store, rows, sample)]
        results[gene] = replace(
            result, sites=tuple(site_call(store, int(r), sample) for r in driving)
        )
    return results


def _not_default(store: GenotypeStore, rows: NDArray[np.intp], sample: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (store.alleles[rows, sample] != 0).any(axis=1)
    return found


def site_call(store: GenotypeStore, row: int, sample: int) -> SiteCall:
    """Return what the store holds for one site of one sample."""
    site = store.sites.sites[row]
    status = STATUS_CODES[store.status[row, sample]]
    first, second = store.alleles[row, sample].tolist()
    seen = status is not SiteStatus.NOT_ASSESSED
    depth, quality = int(store.depth[row, sample]), int(store.quality[row, sample])
    return SiteCall(
        site=site.name,
        gene=site.gene,
        chrom=site.chrom,
        pos=site.pos,
        status=status,
        alleles=tuple(base_text(site.alleles, c) for c in (first, second)) if seen else (),
        phased=int(store.phase[row, sample]) != UNPHASED,
        depth=None if depth < 0 else depth,
        quality=None if quality < 0 else quality,
        reason=REASONS[store.reason[row, sample]],
    )
