"""How often each curated position could be read in a run, and which alleles were carried."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from pathlib import Path

import numpy as np

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.tsv import line, read_table
from epilepsy_pgx.variants.store import STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import SiteStatus

COLUMNS = ("site", "gene", "samples", "called", "not_counted", "not_assessed", "alleles")
"""Samples looked at; those with a genotype that counts; covered without one; not covered; carried
alleles as `base:count`, joined by `|`."""


@dataclass(slots=True)
class SiteCount:
    """Counts of one position."""

    gene: str
    samples: int = 0
    called: int = 0
    not_counted: int = 0
    not_assessed: int = 0
    alleles: dict[str, int] = field(default_factory=dict)


class SiteTally:
    """Adds up the positions of one group of samples after another."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.counts: dict[str, SiteCount] = {}

    def add(self, store: GenotypeStore, columns: Sequence[int]) -> None:
        """Take the samples of a store in these columns."""
        chosen = np.array(columns, np.intp)
        status = store.status[:, chosen]
        absent = (status == STATUS_OF[SiteStatus.NOT_ASSESSED]).sum(axis=1)
        good = np.isin(status, [STATUS_OF[SiteStatus.CALLED], STATUS_OF[SiteStatus.REFERENCE]])
        called = good.sum(axis=1)
        alleles = np.where(good[:, :, None], store.alleles[:, chosen], np.int8(-1))
        for row, site in enumerate(store.sites.sites):
            count = self.counts.setdefault(site.name, SiteCount(site.gene))
            count.samples += len(chosen)
            count.called += int(called[row])
            count.not_assessed += int(absent[row])
            count.not_counted += len(chosen) - int(called[row]) - int(absent[row])
            codes, numbers = np.unique(alleles[row], return_counts=True)
            for code, number in zip(codes.tolist(), numbers.tolist(), strict=True):
                if code >= 0:
                    name = site.alleles[code] if code < len(site.alleles) else "other"
                    count.alleles[name] = count.alleles.get(name, 0) + number

    def add_table(self, path: Path) -> None:
        """Take what `write` wrote for another batch."""
        for row in read_table(path):
            count = self.counts.setdefault(row["site"], SiteCount(row["gene"]))
            for name in ("samples", "called", "not_counted", "not_assessed"):
                setattr(count, name, getattr(count, name) + int(row[name]))
            for allele, number in allele_counts(row):
                count.alleles[allele] = count.alleles.get(allele, 0) + number

    def lines(self) -> Iterator[str]:
        """Yield the table, header first."""
        yield line(COLUMNS)
        for name, c in sorted(self.counts.items(), key=lambda i: (i[1].gene, i[0])):
            carried = "|".join(f"{a}:{n}" for a, n in sorted(c.alleles.items())) or "."
            numbers = (c.samples, c.called, c.not_counted, c.not_assessed)
            yield line([name, c.gene, *map(str, numbers), carried])


def allele_counts(row: dict[str, str]) -> list[tuple[str, int]]:
    """Return the carried alleles of a row."""
    if row["alleles"] == ".":
        return []
    parts = (part.rpartition(":") for part in row["alleles"].split("|"))
    return [(allele, int(number)) for allele, _, number in parts]
