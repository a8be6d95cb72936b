"""Depth, quality and reportable range, gene by gene."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.model import GeneQuality, GeneResult
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Allele, AlleleSite, Gene, ReportableTier
from epilepsy_pgx.variants.store import STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import Basis, CallMethod, GeneStatus, SiteStatus


class GeneMeasurer:
    """Knows what each gene needs; measures sample after sample."""

    def __init__(self, ref: Reference, store: GenotypeStore) -> None:
        """Find the positions that each recommended allele needs."""
        self._store = store
        named = {r.gene for r in ref.rows(Gene) if r.call_method is CallMethod.DIPLOTYPE}
        self._rows = {g: np.array(rows) for g, rows in store.sites.by_gene.items() if g in named}
        needed: dict[tuple[str, str], list[int]] = {}
        for row in ref.rows(AlleleSite):
            if row.requirement == "required" and row.site in store.sites.index:
                needed.setdefault((row.gene, row.allele), []).append(store.sites.index[row.site])
        self._tiers: dict[str, list[tuple[int, str, NDArray[np.intp] | None]]] = {}
        structural = {(r.gene, r.allele) for r in ref.rows(Allele) if r.structural}
        for tier in ref.rows(ReportableTier):
            named_allele = tier.gene, tier.allele
            rows = needed.get(named_allele)
            known = rows is not None and named_allele not in structural
            self._tiers.setdefault(tier.gene, []).append(
                (tier.tier, tier.allele, np.array(rows) if known else None)
            )
        usable = [STATUS_OF[SiteStatus.CALLED], STATUS_OF[SiteStatus.REFERENCE]]
        self._good = np.isin(store.status, usable)
        self._absent = store.status == STATUS_OF[SiteStatus.NOT_ASSESSED]

    def measure(self, results: Mapping[str, GeneResult], sample: int) -> tuple[GeneQuality, ...]:
        """Return the quality of each gene that has star alleles."""
        return tuple(self._measure(gene, results.get(gene), sample) for gene in sorted(self._rows))

    def _measure(self, gene: str, result: GeneResult | None, sample: int) -> GeneQuality:
        rows = self._rows[gene]
        good, absent = self._good[rows, sample], self._absent[rows, sample]
        depths = self._store.depth[rows, sample][~absent]
        qualities = self._store.quality[rows, sample][~absent]
        tested: dict[int, list[str]] = {1: [], 2: []}
        missed: dict[int, list[str]] = {1: [], 2: []}
        elsewhere = (
            result is not None
            and result.basis == Basis.OUTSIDE_CALL
            and result.status is GeneStatus.COMPLETE
        )
        for tier, allele, needed in self._tiers.get(gene, ()):
            seen = elsewhere or (needed is not None and bool(self._good[needed, sample].all()))
            (tested if seen else missed)[tier].append(allele)
        return GeneQuality(
            gene=gene,
            positions=len(rows),
            usable=int(good.sum()),
            below_threshold=int((~good & ~absent).sum()),
            depth_minimum=_least(depths),
            depth_median=_middle(depths),
            quality_minimum=_least(qualities),
            quality_median=_middle(qualities),
            tier1_tested=len(tested[1]),
            tier1_not_tested=tuple(missed[1]),
            tier2_tested=len(tested[2]),
            tier2_not_tested=tuple(missed[2]),
        )


def _least(values: NDArray[np.int32]) -> int | None:
    known = values[values >= 0]
    return int(known.min()) if known.size else None


def _middle(values: NDArray[np.int32]) -> int | None:
    """Return the median; of an even number the lower of the middle two."""
    known = np.sort(values[values >= 0])
    return int(known[(len(known) - 1) // 2]) if known.size else None
