"""Counts of positions add up, whatever the batches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.quality.sites import SiteTally, allele_counts
from epilepsy_pgx.tsv import read_table
from epilepsy_pgx.variants.sites import Site, SiteList
from epilepsy_pgx.variants.store import STATUS_CODES, GenotypeStore
from epilepsy_pgx.vocabulary import GenomeBuild, SiteStatus

SITES = SiteList(
    GenomeBuild.GRCH38,
    tuple(
        Site(name, "TOY1", "allele", "10", pos, "A", ("A", "G"), "", "")
        for name, pos in (("rsA", 5), ("rsB", 9))
    ),
)
GOOD = (SiteStatus.CALLED, SiteStatus.REFERENCE)


def store_of(seed, samples):
    random = np.random.default_rng(seed)
    shape = (2, samples)
    return GenotypeStore(
        SITES,
        tuple(f"S{i}" for i in range(samples)),
        random.choice([0, 1, 100], (*shape, 2)).astype(np.int8),
        random.integers(0, len(STATUS_CODES), shape).astype(np.uint8),
        *(np.zeros(shape, t) for t in (np.uint8, np.int32, np.int32, np.int32)),
    )


@given(st.integers(0, 999), st.integers(1, 12), st.data())
def test_batches_add_up_to_the_whole(tmp_path_factory, seed, samples, data):
    store = store_of(seed, samples)
    cut = data.draw(st.integers(0, samples))
    whole, joined = SiteTally(), SiteTally()
    whole.add(store, range(samples))
    folder = tmp_path_factory.mktemp("tally")
    for number, columns in enumerate((range(cut), range(cut, samples))):
        part = SiteTally()
        part.add(store, columns)
        path = folder / f"{number}.sites.tsv"
        path.write_text("".join(part.lines()))
        joined.add_table(path)
    assert list(joined.lines()) == list(whole.lines())
    path = folder / "whole.tsv"
    path.write_text("".join(whole.lines()))
    for row, (name, index) in zip(read_table(path), (("rsA", 0), ("rsB", 1)), strict=True):
        status = [STATUS_CODES[c] for c in store.status[index]]
        assert row["site"] == name
        assert int(row["called"]) == sum(s in GOOD for s in status)
        assert int(row["not_assessed"]) == status.count(SiteStatus.NOT_ASSESSED)
        assert sum(int(row[c]) for c in ("called", "not_counted", "not_assessed")) == samples
        assert sum(n for _, n in allele_counts(row)) == 2 * int(row["called"])
