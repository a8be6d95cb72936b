"""The named alleles of one gene, as a matrix ready for calling."""

from decimal import Decimal
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import UNDEFINED
from epilepsy_pgx.reference.rows import ALLELE_SITES_BY_GENE, ALLELES_BY_GENE
from epilepsy_pgx.variants.sites import UNKNOWN, SiteList

__all__ = ["UNDEFINED", "GeneDefinition", "define_gene"]


@dataclass(frozen=True, eq=False)
class GeneDefinition:
    """Named alleles of a gene over its defining sites. A set of alleles is an integer, in which
    bit i stands for `alleles[i]`.

    `permits` is bool [allele, site, code]: may this allele carry this base? Sites that an
    allele's definition does not name must carry the default base.
    """

    gene: str
    rows: tuple[int, ...]
    """Rows of the gene's sites in the site list."""
    site_names: tuple[str, ...]
    alleles: tuple[str, ...]
    permits: NDArray[np.bool_]
    core_site: NDArray[np.bool_]
    """True for a site that some core allele needs; a missing one widens the call."""
    wild_type_code: NDArray[np.int8]
    """Code of the usual allele at each site."""
    reported_as: dict[str, str]
    functions: dict[str, str | None]
    activity: dict[str, Decimal | None]
    wild_type: str
    structural: tuple[str, ...]
    """Core alleles with a deletion, a duplication or a hybrid, which small variants cannot show.

    Rare ones are a limit of the gene: with them no result of anybody would be complete."""
    code_count: tuple[int, ...]
    """Number of listed bases at each site."""

    @cached_property
    def _carriers(self) -> NDArray[np.uint8]:
        """`permits` as sets of alleles, [site, code, byte], with two more codes: a base that no
        table lists, which fits no allele, and, where UNKNOWN points as an index, any base."""
        alleles, sites, width = self.permits.shape
        table = np.zeros((sites, width + 2, alleles), bool)
        table[:, :width] = self.permits.transpose(1, 2, 0)
        table[:, UNKNOWN] = True
        return np.packbits(table, axis=2, bitorder="little")

    def carriers_of(self, sites: NDArray[np.intp] | int, codes: NDArray[np.int8] | int) -> int:
        """Return the set of the alleles that may carry these bases at these sites."""
        sets = self._carriers[sites, np.minimum(codes, self.permits.shape[2])]
        both = np.bitwise_and.reduce(sets.reshape(-1, sets.shape[-1]), axis=0)
        return int.from_bytes(both.tobytes(), "little") & ((1 << len(self.alleles)) - 1)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Under which name each allele is reported."""
        return tuple(self.reported_as[a] for a in self.alleles)


@lru_cache(maxsize=256)
def define_gene(ref: Reference, sites: SiteList, gene: str) -> GeneDefinition:
    """Build the matrix of a gene from the alleles tables; once for all files of a run."""
    every = ref.grouped(ALLELES_BY_GENE).get(gene, ())
    listed = [r for r in every if not r.structural]
    rows = tuple(i for i in sites.by_gene.get(gene, ()) if sites.sites[i].use == "allele")
    column = {sites.sites[row].name: j for j, row in enumerate(rows)}
    counts = tuple(len(sites.sites[row].alleles) for row in rows)
    width = max(counts, default=1)
    permits = np.zeros((len(listed), len(rows), width), bool)
    # Code 0 is the site's default base, which an allele carries unless its definition says else.
    permits[:, :, 0] = True
    named: dict[tuple[str, str], set[str]] = {}
    order = {r.allele: i for i, r in enumerate(listed)}
    for row in ref.grouped(ALLELE_SITES_BY_GENE).get(gene, ()):
        if row.allele not in order:
            continue
        a, j = order[row.allele], column[row.site]
        if (row.allele, row.site) not in named:
            # Named for the first time: the default base no longer fits by itself.
            permits[a, j, :] = False
        bases = named.setdefault((row.allele, row.site), set())
        bases.add(row.base)
        permits[a, j, sites.sites[rows[j]].alleles.index(row.base)] = True
    # The wild type need not be the reference genome's allele (CYP2C19*38, CYP3A5*3).
    usual = next((r.allele for r in listed if r.usual), listed[0].allele)
    wild_type_code = permits[order[usual]].argmax(axis=1).astype(np.int8)
    core = np.array([r.tier == "core" for r in listed], bool)
    # A site where an allele allows several bases does not tell it from another.
    fixed = permits.sum(axis=2) == 1
    differs = ~permits[:, np.arange(len(rows)), wild_type_code] & fixed
    return GeneDefinition(
        gene=gene,
        rows=rows,
        site_names=tuple(sites.sites[r].name for r in rows),
        alleles=tuple(r.allele for r in listed),
        permits=permits,
        core_site=(differs & core[:, None]).any(axis=0),
        wild_type_code=wild_type_code,
        reported_as={r.allele: r.reported_as for r in listed},
        functions={r.allele: r.function for r in listed},
        activity={r.allele: r.activity_value for r in listed},
        wild_type=usual,
        structural=tuple(r.allele for r in every if r.structural and r.tier == "core"),
        code_count=counts,
    )
