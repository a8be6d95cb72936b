"""Turn decoded records into genotypes at curated sites."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intervals import Interval, Overlaps
from epilepsy_pgx.trimming import trim
from epilepsy_pgx.variants.record import (
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
    changed_copies,
    some,
    unsized_carriers,
)
from epilepsy_pgx.variants.records import phase_set_number, read_called, read_records
from epilepsy_pgx.variants.representation import (
    REF_BLOCK_ALTS,
    changes_elsewhere,
    read_codes,
    symbol_word,
)
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, Site, SiteList
from epilepsy_pgx.variants.store import GLOBAL_PHASE, NOT_JUDGED, STATUS_OF, UNPHASED, GenotypeStore
from epilepsy_pgx.vocabulary import SiteStatus


class SiteReader:
    """Collects, record by record, what a file says about the curated sites."""

    def __init__(self, sites: SiteList, samples: tuple[str, ...]) -> None:
        """Begin with nothing assessed."""
        self.store = GenotypeStore.empty(sites, samples)
        self.store.reason[:] = 1
        # 0: nothing read; 1: a reference block; 2: a record of its own, which outweighs a block.
        self._rank = np.zeros(self.store.status.shape, np.uint8)
        # Reason code of the worst failure so far; 0 where every test was passed.
        self._bad = np.zeros(self.store.status.shape, np.uint8)
        self._unsure = np.zeros(self.store.status.shape, bool)
        """Genotypes that could not be judged in all respects."""
        self._based = np.zeros(self.store.status.shape, bool)
        """Genotypes for which a record states the bases, and not only the copy number."""
        self._altered = np.zeros(self.store.status.shape, bool)
        """Positions in a segment with an altered copy number: not two reference bases."""
        self.arrays = False
        """True if a record's genotypes come from an array."""
        self._mismatch: set[int] = set()
        self.covered: set[int] = set()
        """Sites that at least one record covers with the bases of the build."""
        self.told = np.zeros(self.store.status.shape, bool)
        """By site and sample: some record is informative about the site."""
        self.proved: set[int] = set()
        """Sites at which a record gives the reference bases of the build."""
        self.no_call: dict[int, NDArray[np.bool_]] = {}
        """By site: samples that a record reports as not called there."""
        self._told: dict[int, list[tuple[int, str, tuple[str, ...]]]] = {}
        """By site: POS, REF and ALT of the records that spell its alleles."""
        self._read_to: dict[int, NDArray[np.int32]] = {
            i: np.full(len(samples), site.pos - 1, np.int32)
            for i, site in enumerate(sites.sites)
            if site.is_indel and site.end > site.pos
        }
        """By site of several bases: the last base up to which reads cover it, by sample."""
        self._rows = Overlaps(self.spans())

    def spans(self) -> list[Interval]:
        """Return what has to be read."""
        return [(s.chrom, s.first - 1, s.last) for s in self.store.sites.sites]

    def add(self, record: Record) -> None:
        """Take in one record."""
        if record.chrom not in self._rows:
            return
        if record.unsized or record.counts_copies:
            self._take_copies(record)
            return
        hit = self._rows.meeting(record.chrom, record.pos - 1, record.end)
        self.arrays |= record.array
        if not hit:
            return
        several = len(hit) > 1 and not record.is_block
        if several and sum(self._spans(row, record) for row in hit) > 1:
            # What one record changes stands on one chromosome.
            own = phase_set_number(f"{record.chrom}:{record.pos}:{record.ref}")
            shared = np.where(record.phase == UNPHASED, np.int32(own), record.phase)
            # Below UNPHASED: the whole chromosome, or this record's own set if it is not phased.
            shared[shared == GLOBAL_PHASE] = UNPHASED - own
            record = replace(record, phase=shared)
        lost = (record.first == -1) & record.spoken
        no_call = lost if some(lost) else None
        for row in hit:
            self._add_site(row, self.store.sites.sites[row], record, no_call)

    def _take_copies(self, record: Record) -> None:
        """Note the sites of a segment that is altered."""
        changed = unsized_carriers(record) if record.unsized else changed_copies(record)
        if changed.any():
            for row in self._rows.on(record.chrom):
                if self._spans(row, record):
                    self._altered[row] |= changed
                    failed = self.no_call.setdefault(row, np.zeros(len(changed), bool))
                    failed |= changed

    def _spans(self, row: int, record: Record) -> bool:
        site = self.store.sites.sites[row]
        return record.pos <= site.end and record.end >= site.pos

    def _add_site(
        self, row: int, site: Site, record: Record, no_call: NDArray[np.bool_] | None
    ) -> None:
        if not _same_reference(site, record):
            self._mismatch.add(row)
            return
        codes, informs = read_codes(site, record.pos, record.ref, record.alts)
        block, structural = record.is_block, record.is_structural
        if structural and not site.is_indel and site.end <= record.pos:
            # What is lost, gained or inserted begins after POS.
            return
        # What is kept by record must not rest on who carries what.
        if self._spans(row, record):
            self.covered.add(row)
            if "N" not in record.ref:
                self.proved.add(row)
        if row in self._read_to and not structural:
            self._extend(row, record)
        if no_call is not None and self._spans(row, record):
            failed = self.no_call.setdefault(row, np.zeros(len(no_call), bool))
            failed |= no_call
        if block and not record.pos <= site.pos <= record.end:
            return
        table = np.array([*codes, UNKNOWN, UNKNOWN], np.int8)  # by allele; -1 missing, -2 haploid
        new = np.empty((len(record.first), 2), np.int8)
        new[:, 0], new[:, 1] = table[record.first], table[record.second]
        lost = _lost_copies(record)
        if lost is not None:
            new[lost == 1] = (UNKNOWN, OTHER)
            new[lost == 2] = (OTHER, OTHER)
        changed = (new != UNKNOWN) & (new != site.ref_code)
        told = (changed[:, 0] | changed[:, 1] | informs | _loses(site, record)) & record.spoken
        twice = () if block else self._listed_twice(row, record, codes)
        if not block:
            self._told.setdefault(row, []).append((record.pos, record.ref, record.alts))
        if not some(told):
            return
        self.told[row] |= told
        rank = 1 if block else 2
        if not structural:
            self._based[row] |= (
                told & (record.first >= 0) & ((record.bad == 0) if block else (record.second != -1))
            )
        old_rank = self._rank[row]
        fresh = told & (old_rank < rank)
        store = self.store
        for side in (0, 1):
            store.alleles[row, :, side][fresh] = new[fresh, side]
        self._bad[row][fresh] = record.bad[fresh]
        if record.judged is not None and not structural:
            self._unsure[row] |= told & ~record.judged
        store.phase[row][fresh] = record.phase[fresh]
        store.depth[row][fresh] = record.depth[fresh]
        store.quality[row][fresh] = record.quality[fresh]
        again = np.flatnonzero(told & (old_rank == rank) & ~fresh)
        if again.size and twice:
            again = self._compare(row, record, new, again, twice)
        if again.size:
            self._merge(row, site, record, new, again)
        self._rank[row][fresh] = rank

    def _extend(self, row: int, record: Record) -> None:
        """Note how far reads cover a site of several bases without a gap."""
        read_to = self._read_to[row]
        # This asks for coverage only; the genotype's quality is judged elsewhere.
        deep = (record.first >= 0) & ((record.bad == 0) | (record.bad == REASON_QUALITY))
        # Records come in order of position, so a gap here can never be closed later.
        deep &= record.pos <= read_to + 1
        read_to[deep] = np.maximum(read_to[deep], record.end)

    def _listed_twice(self, row: int, record: Record, codes: list[int]) -> tuple[int, ...]:
        """Return the codes of alternative alleles that an earlier record of the site has too."""
        told = {
            trim(pos, ref, alt, keep=1)
            for pos, ref, alts in self._told.get(row, ())
            for alt in alts
        }
        return tuple(
            code
            for alt, code in zip(record.alts, codes[1:], strict=True)
            if alt not in REF_BLOCK_ALTS
            and alt != "*"
            and trim(record.pos, record.ref, alt, keep=1) in told
        )

    def _compare(
        self,
        row: int,
        record: Record,
        new: NDArray[np.int8],
        again: NDArray[np.intp],
        twice: tuple[int, ...],
    ) -> NDArray[np.intp]:
        """Compare records that list the same allele; return the samples left to be joined."""
        store = self.store
        old, fresh = store.alleles[row][again], new[again]
        differs = np.zeros(len(again), bool)
        for code in set(twice):
            # Copies are compared, not order: `0/1` and `1/0` agree.
            differs |= (old == code).sum(axis=1) != (fresh == code).sum(axis=1)
        turned = (old != fresh).any(axis=1) & (np.sort(old) == np.sort(fresh)).all(axis=1)
        store.phase[row][again[turned]] = UNPHASED
        known = np.isin(fresh, (*twice, store.sites.sites[row].ref_code)).all(axis=1)
        done = differs | known
        self._bad[row][again] = np.maximum(self._bad[row][again], record.bad[again])
        self._bad[row][again[differs]] = REASON_CONFLICT
        return again[~done]

    def _merge(
        self, row: int, site: Site, record: Record, new: NDArray[np.int8], again: NDArray[np.intp]
    ) -> None:
        """Join a second record for a site: rows of a split multiallelic, or a repetition."""
        store, plain = self.store, site.ref_code
        old, fresh = store.alleles[row][again], new[again]
        quiet = (fresh == plain).all(axis=1)
        # Rows of a split multiallelic write the other row's allele as reference.
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

    def finish(self, locally_phased: NDArray[np.bool_] | None = None) -> GenotypeStore:
        """Settle phase and status of every site and sample.

        Parameters
        ----------
        locally_phased
            True for each sample in which `|` does not hold over a chromosome.
        """
        store = self.store
        local = np.zeros(len(store.samples), bool) if locally_phased is None else locally_phased
        store.phase[(store.phase == GLOBAL_PHASE) & local] = UNPHASED
        # Undo the numbers below UNPHASED that `add` gave to records over several sites.
        own = store.phase < UNPHASED
        store.phase[own] = np.where(local, UNPHASED - store.phase, GLOBAL_PHASE)[own]
        for row, read_to in self._read_to.items():
            # A block over the anchor base alone does not show that a deletion is absent.
            open_ended = (self._rank[row] == 1) & (read_to < store.sites.sites[row].end)
            self._rank[row][open_ended] = 0
            store.alleles[row][open_ended] = UNKNOWN
        self._open_other_copies()
        seen = self._rank > 0
        first, second = store.alleles[:, :, 0], store.alleles[:, :, 1]
        known = (first >= 0).astype(np.int8) + (second >= 0)
        ref_codes = np.array([s.ref_code for s in store.sites.sites], np.int8)[:, None]
        plain = (first == ref_codes) & (second == ref_codes)

        def settle(mask: NDArray[np.bool_], status: SiteStatus, reason: int) -> None:
            store.status[mask] = STATUS_OF[status]
            store.reason[mask] = reason

        # Later lines override earlier ones: from what is usable to what is not.
        settle(seen & (known == 2), SiteStatus.CALLED, 0)
        settle(seen & plain, SiteStatus.REFERENCE, 0)
        settle(seen & (known == 1), SiteStatus.PARTIAL, REASON_HALF)
        settle(seen & (known == 0), SiteStatus.NO_CALL, REASON_NO_CALL)
        store.reason[self._unsure & seen & (known > 0)] = NOT_JUDGED
        for reason in (
            REASON_QUALITY,
            REASON_DEPTH,
            REASON_BALANCE,
            REASON_FILTER,
            REASON_IMPUTED,
            REASON_UNJUDGED,
        ):
            settle(seen & (known > 0) & (self._bad == reason), SiteStatus.LOW_QUALITY, reason)
        settle(seen & self._altered & plain, SiteStatus.NO_CALL, REASON_PLOIDY)
        settle(seen & (self._bad == REASON_PLOIDY), SiteStatus.NO_CALL, REASON_PLOIDY)
        settle(seen & (self._bad == REASON_CONFLICT), SiteStatus.CONFLICT, REASON_CONFLICT)
        for row in self._mismatch:
            settle_row = np.zeros_like(seen)
            settle_row[row] = True
            settle(settle_row, SiteStatus.REF_MISMATCH, REASON_REF)
        return store

    def _open_other_copies(self) -> None:
        """Reopen the remaining copy's base where only the loss of the other copy is stated."""
        alone = (self.store.alleles == OTHER).any(axis=2) & ~self._based
        for side in (0, 1):
            plain = np.array([s.ref_code for s in self.store.sites.sites], np.int8)[:, None]
            opened = alone & (self.store.alleles[:, :, side] == plain)
            self.store.alleles[:, :, side][opened] = UNKNOWN

    @property
    def mismatches(self) -> int:
        """Number of curated sites whose REF is not that of the stated build."""
        return len(self._mismatch)


def _lost_copies(record: Record) -> NDArray[np.int32] | None:
    """Count the alleles that a record changes by a copy number and no genotype."""
    if record.copy_number is None or all(symbol_word(a) is None for a in record.alts):
        return None
    known = (record.first == -1) & (record.copy_number >= 0) & (record.copy_number != 2)
    # A copy too many is no named allele either.
    return np.where(known, np.maximum(2 - record.copy_number, 1), 0).astype(np.int32)


def _loses(site: Site, record: Record) -> NDArray[np.bool_]:
    """Say who carries a deletion that another site lists and that takes along this one's bases.

    The record was read over these bases: the other copy of such a sample has its REF there.
    """
    if not site.elsewhere:
        return np.zeros(len(record.first), bool)
    found = changes_elsewhere(site, record.pos, record.ref, record.alts)
    numbers = [
        number
        for number, (elsewhere, alt) in enumerate(zip(found, record.alts, strict=True), 1)
        if elsewhere and record.pos + len(alt) <= site.pos and site.end <= record.end
    ]
    return np.isin(record.first, numbers) | np.isin(record.second, numbers)


def _same_reference(site: Site, record: Record) -> bool:
    """Compare the bases that record and table both give."""
    first = max(site.pos, record.pos)
    last = min(site.end, record.pos + len(record.ref) - 1)
    if last < first:
        return True
    seen = record.ref[first - record.pos : last - record.pos + 1]
    wanted = site.ref[first - site.pos : last - site.pos + 1]
    return seen == wanted or all(a in (b, "N") for a, b in zip(seen, wanted, strict=True))


def _join(old: list[int], new: list[int], plain: int, phased: bool) -> tuple[int, int] | None:
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
    store: GenotypeStore,
    covers: "NDArray[np.bool_]",
    told: "NDArray[np.bool_]",
    no_call: Mapping[int, NDArray[np.bool_]],
) -> None:
    """Read uncovered sites inside declared callable regions as reference.

    Parameters
    ----------
    covers
        By site, or by site and sample: whether the whole span is declared callable.
    told
        By site and sample: whether the file says something; a missing call there stays missing.
    no_call
        By site, the samples of which the file says that they could not be called.
    """
    declared = covers if covers.ndim == 2 else covers[:, None]
    for row in np.flatnonzero(declared.any(axis=1)).tolist():
        code = store.sites.sites[row].ref_code
        empty = store.status[row] == STATUS_OF[SiteStatus.NOT_ASSESSED]
        empty &= ~told[row] & declared[row]
        if row in no_call:
            empty &= ~no_call[row]
        store.alleles[row][empty] = code
        store.status[row][empty] = STATUS_OF[SiteStatus.REFERENCE]
        store.reason[row][empty] = REASON_DECLARED
        # A homozygous reference genotype fits any phase.
        store.phase[row][empty] = GLOBAL_PHASE


__all__ = [
    "OTHER",
    "Record",
    "SiteReader",
    "Thresholds",
    "declare_callable",
    "read_called",
    "read_records",
]
