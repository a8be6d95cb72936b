"""Turn decoded records into genotypes at curated sites."""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.records import (
    REASON_BALANCE,
    REASON_CONFLICT,
    REASON_DECLARED,
    REASON_DEPTH,
    REASON_FILTER,
    REASON_HALF,
    REASON_IMPUTED,
    REASON_NO_CALL,
    REASON_PLOIDY,
    REASON_QUALITY,
    REASON_REF,
    REASON_UNJUDGED,
    Record,
    Thresholds,
    WantedRegions,
    read_positions,
    read_records,
)
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, Site, SiteList
from epilepsy_pgx.variants.spelling import read_codes
from epilepsy_pgx.variants.store import GLOBAL_PHASE, STATUS_OF, UNPHASED, GenotypeStore
from epilepsy_pgx.vocabulary import SiteStatus


class SiteReader:
    """Collects, record by record, what a file says about the curated sites."""

    def __init__(self, sites: SiteList, samples: tuple[str, ...]) -> None:
        """Begin with nothing assessed."""
        self.store = GenotypeStore.empty(sites, samples)
        self.store.reason[:] = 1
        self._rank = np.zeros(self.store.status.shape, np.uint8)
        self._bad = np.zeros(self.store.status.shape, np.uint8)
        self._mismatch: set[int] = set()
        self.covered: set[int] = set()
        """Sites that at least one record covers."""
        self._rows: dict[str, tuple[list[int], list[int]]] = {}
        for i, site in enumerate(sites.sites):
            starts, rows = self._rows.setdefault(site.chrom, ([], []))
            starts.append(site.pos)
            rows.append(i)
        self._before = max((s.last - s.pos for s in sites.sites), default=0)
        self._after = max((s.pos - s.first for s in sites.sites), default=0)

    def spans(self) -> list[tuple[str, int, int]]:
        """Return what has to be read, 1-based and closed."""
        return [(s.chrom, s.first, s.last) for s in self.store.sites.sites]

    def add(self, record: Record) -> None:
        """Take in one record."""
        if record.chrom not in self._rows:
            return
        starts, rows = self._rows[record.chrom]
        i = bisect_left(starts, record.pos - self._before)
        while i < len(starts) and starts[i] - self._after <= record.end:
            site = self.store.sites.sites[rows[i]]
            if site.first <= record.end and site.last >= record.pos:
                self._add_site(rows[i], site, record)
            i += 1

    def _add_site(self, row: int, site: Site, record: Record) -> None:
        if not _same_reference(site, record):
            self._mismatch.add(row)
            return
        codes, informs = read_codes(site, record.pos, record.ref, record.alts)
        block = record.is_block
        if block and not record.pos <= site.pos <= record.end:
            return
        table = np.array([*codes, UNKNOWN, UNKNOWN], np.int8)
        new = np.empty((len(record.first), 2), np.int8)
        new[:, 0], new[:, 1] = table[record.first], table[record.second]
        lost = _lost_copies(record)
        if lost is not None:
            new[lost == 1] = (UNKNOWN, OTHER)
            new[lost == 2] = (OTHER, OTHER)
        changed = (new != UNKNOWN) & (new != site.ref_code)
        told = changed[:, 0] | changed[:, 1] | informs
        if not told.any():
            return
        self.covered.add(row)
        rank = 1 if block else 2
        old_rank = self._rank[row]
        fresh = told & (old_rank < rank)
        store = self.store
        for side in (0, 1):
            store.alleles[row, :, side][fresh] = new[fresh, side]
        self._bad[row][fresh] = record.bad[fresh]
        store.phase[row][fresh] = record.phase[fresh]
        store.depth[row][fresh] = record.depth[fresh]
        store.quality[row][fresh] = record.quality[fresh]
        again = np.flatnonzero(told & (old_rank == rank) & ~fresh)
        if again.size:
            self._merge(row, site, record, new, again)
        self._rank[row][fresh] = rank

    def _merge(
        self,
        row: int,
        site: Site,
        record: Record,
        new: NDArray[np.int8],
        again: NDArray[np.intp],
    ) -> None:
        """Join a second record for a site: rows of a split multiallelic, or a repetition."""
        store, plain = self.store, site.ref_code
        old, fresh = store.alleles[row][again], new[again]
        quiet = (fresh == plain).all(axis=1)
        take = (old == plain).all(axis=1) & ~quiet
        worst = np.maximum(self._bad[row][again], record.bad[again])
        self._bad[row][again] = worst
        chosen = again[take]
        store.alleles[row][chosen] = new[chosen]
        store.phase[row][chosen] = record.phase[chosen]
        store.depth[row][chosen] = record.depth[chosen]
        store.quality[row][chosen] = record.quality[chosen]
        for j in np.flatnonzero(~quiet & ~take):
            sample = again[j]
            both_phased = (
                store.phase[row, sample] != UNPHASED
                and store.phase[row, sample] == record.phase[sample]
            )
            joined = _join(old[j].tolist(), fresh[j].tolist(), plain, both_phased)
            if joined is None:
                self._bad[row, sample] = REASON_CONFLICT
            else:
                store.alleles[row, sample] = joined

    def finish(self) -> GenotypeStore:
        """Settle the status of every site and sample."""
        store = self.store
        seen = self._rank > 0
        first, second = store.alleles[:, :, 0], store.alleles[:, :, 1]
        known = (first >= 0).astype(np.int8) + (second >= 0)
        ref_codes = np.array([s.ref_code for s in store.sites.sites], np.int8)[:, None]
        plain = (first == ref_codes) & (second == ref_codes)

        def settle(mask: NDArray[np.bool_], status: SiteStatus, reason: int) -> None:
            store.status[mask] = STATUS_OF[status]
            store.reason[mask] = reason

        settle(seen & (known == 2), SiteStatus.CALLED, 0)
        settle(seen & plain, SiteStatus.REFERENCE, 0)
        settle(seen & (known == 1), SiteStatus.PARTIAL, REASON_HALF)
        settle(seen & (known == 0), SiteStatus.NO_CALL, REASON_NO_CALL)
        for reason in (
            REASON_QUALITY, REASON_DEPTH, REASON_BALANCE, REASON_FILTER, REASON_IMPUTED,
            REASON_UNJUDGED,
        ):
            settle(seen & (known > 0) & (self._bad == reason), SiteStatus.LOW_QUALITY, reason)
        settle(seen & (self._bad == REASON_PLOIDY), SiteStatus.NO_CALL, REASON_PLOIDY)
        settle(seen & (self._bad == REASON_CONFLICT), SiteStatus.CONFLICT, REASON_CONFLICT)
        for row in self._mismatch:
            settle_row = np.zeros_like(seen)
            settle_row[row] = True
            settle(settle_row, SiteStatus.REF_MISMATCH, REASON_REF)
        return store

    @property
    def mismatches(self) -> int:
        """Number of curated sites whose REF is not that of the stated build."""
        return len(self._mismatch)


def _lost_copies(record: Record) -> NDArray[np.int32] | None:
    """Count the copies lost where a deletion gives a copy number and no genotype."""
    if record.copy_number is None or not any(a.startswith("<") for a in record.alts):
        return None
    known = (record.first == -1) & (record.copy_number >= 0) & (record.copy_number < 2)
    return np.where(known, 2 - record.copy_number, 0).astype(np.int32)


def _same_reference(site: Site, record: Record) -> bool:
    """Compare the bases that record and table both give."""
    first = max(site.pos, record.pos)
    last = min(site.end, record.pos + len(record.ref) - 1)
    if last < first:
        return True
    seen = record.ref[first - record.pos : last - record.pos + 1]
    return seen == site.ref[first - site.pos : last - site.pos + 1]


def _join(
    old: list[int], new: list[int], plain: int, phased: bool
) -> tuple[int, int] | None:
    """Join two views of one genotype; None if they contradict each other."""
    if old == new or (not phased and sorted(old) == sorted(new)):
        return old[0], old[1]
    if UNKNOWN in new or UNKNOWN in old:
        if all(c in (UNKNOWN, plain) for c in (*old, *new)):
            return UNKNOWN, UNKNOWN
        return None
    if phased:
        pair = []
        for a, b in zip(old, new, strict=True):
            if a != plain and b != plain and a != b:
                return None
            pair.append(a if a != plain else b)
        return pair[0], pair[1]
    changed = [c for c in (*old, *new) if c != plain]
    if len(changed) > 2 or len(set(changed)) < len(changed):
        return None
    changed += [plain] * (2 - len(changed))
    return changed[0], changed[1]


def declare_callable(
    store: GenotypeStore, covers: "NDArray[np.bool_]", covered: set[int]
) -> None:
    """Read uncovered sites inside declared callable regions as reference.

    Parameters
    ----------
    covers
        True for each site whose whole span is declared callable.
    covered
        Sites that the file covers: a missing call there stays missing.
    """
    for row in np.flatnonzero(covers):
        if row in covered:
            continue
        code = store.sites.sites[row].ref_code
        empty = store.status[row] == STATUS_OF[SiteStatus.NOT_ASSESSED]
        store.alleles[row][empty] = code
        store.status[row][empty] = STATUS_OF[SiteStatus.REFERENCE]
        store.reason[row][empty] = REASON_DECLARED
        store.phase[row][empty] = GLOBAL_PHASE


__all__ = ["OTHER", "Record", "SiteReader", "Thresholds", "WantedRegions",
           "declare_callable", "read_positions", "read_records"]
