"""Collect rare variants and callable bases from the records over coding exons."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.intervals import Interval, Overlaps
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.csq import representations
from epilepsy_pgx.variants.documented import CuratedRepresentations, unreadable_alleles
from epilepsy_pgx.variants.observed import ObservedVariant, normalise_key
from epilepsy_pgx.variants.record import (
    REASON_NO_CALL,
    REASON_REF,
    Record,
    changed_copies,
    some,
    unsized_carriers,
)
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS, is_bases
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.store import GLOBAL_PHASE, UNPHASED
from epilepsy_pgx.variants.targets_coding import CodingTarget
from epilepsy_pgx.vocabulary import SiteStatus


@dataclass(frozen=True, slots=True)
class Carriers:
    """A variant in a coding exon, and the samples (columns) that carry it."""

    gene: str
    key: VariantKey
    columns: tuple[int, ...]
    doubtful: bool = False
    """True if the genotypes miss the quality thresholds."""


_LONGEST_SMALL = 50
"""Bases of REF above which an explicit variant is structural: only its ends are genotyped."""
WHOLE_CHROMOSOME = "all"
"""Name of the phase set of `|` without a set."""
_HAPLOID = frozenset({"X", "Y", "MT"})
"""Chromosomes of which one copy may be all there is."""


class CodingReader:
    """Takes in records; gives variants per sample and callable bases per exon."""

    def __init__(
        self,
        targets: tuple[CodingTarget, ...],
        rare_genes: frozenset[str],
        curated: CuratedRepresentations,
        samples: int,
        sequences: SequenceSource,
    ) -> None:
        """Begin empty.

        Parameters
        ----------
        rare_genes
            Genes whose variants are wanted one by one. In the others only the carriers of
            variants away from curated positions are kept.
        curated
            The alleles that the tables list.
        """
        self.observed: list[ObservedVariant] = []
        self.undocumented: list[Carriers] = []
        self.callable = np.zeros((len(targets), samples), np.int32)
        """Callable coding bases by target and sample."""
        self._failed = np.zeros((len(targets), samples), np.int32)
        """Coding bases that the file reports as not called."""
        self._altered = np.zeros((len(targets), samples), bool)
        """Targets in a segment with an altered copy number: none of their bases counts."""
        self._found: dict[VariantKey, tuple[dict[int, int], frozenset[int]]] = {}
        """By variant: the samples that carry it, and the place of each in `observed`; and the
        samples of which the first record that lists it says nothing."""
        self._targets = targets
        self._rare = rare_genes
        self._curated = curated
        self._sequences = sequences
        self._samples = samples
        self._reached: dict[str, NDArray[np.int64]] = {}
        self._rows = Overlaps(self.spans())

    def spans(self) -> list[Interval]:
        """Return what has to be read."""
        return [(t.chrom, t.start0, t.end0) for t in self._targets]

    def add(self, record: Record) -> None:
        """Take in one record."""
        if record.chrom not in self._rows:
            return
        if record.unsized:
            self._take_unsized(record)
            return
        if record.counts_copies:
            self._take_copies(record)
            return
        found = self._rows.meeting(record.chrom, record.pos - 1, record.end)
        if not found:
            return
        if record.chrom not in self._reached:
            self._reached[record.chrom] = np.zeros(self._samples, np.int64)
        reached = self._reached[record.chrom]
        if unread := unreadable_alleles(record):
            lost = np.isin(record.first, unread) | np.isin(record.second, unread)
            bad = np.where(lost & (record.bad == 0), np.uint8(REASON_NO_CALL), record.bad)
            record = replace(record, bad=bad)
        hit = [self._targets[row] for row in found]
        read = record
        if self._differs(record, hit):
            read = replace(record, bad=np.maximum(record.bad, np.uint8(REASON_REF)))
        last, good = _last_read(read), _is_read(read)
        unsure = ~good
        failed = unsure if some(unsure) else None
        for row, target in zip(found, hit, strict=True):
            self._count(row, target, read, last, failed, reached)
        # Blocks and records of a gVCF may overlap: each base is counted once, up to `reached`. A
        # base that a failed record covers is not redeemed by a later block over it.
        if failed is None or not record.is_block:
            np.maximum(reached, last, out=reached)
        else:
            reached[good] = np.maximum(reached[good], last)
        if not record.is_block:
            self._collect(record, hit, unread)

    def _take_copies(self, record: Record) -> None:
        """Note the bases of a segment whose stated copy number is altered."""
        changed = changed_copies(record)
        if changed.any():
            for row, target in enumerate(self._targets):
                first = max(record.pos, target.coding_start0 + 1)
                if target.chrom == record.chrom and first <= min(record.end, target.coding_end0):
                    self._altered[row] |= changed

    def _take_unsized(self, record: Record) -> None:
        """Note the genes that a segment of unknown size may reach: no base of them counts."""
        changed = unsized_carriers(record)
        reach = record.chrom, record.pos - 1, record.end
        if changed.any():
            genes = {self._targets[row].gene for row in self._rows.meeting(*reach)}
            for row, target in enumerate(self._targets):
                if target.gene in genes:
                    self._altered[row] |= changed

    def _differs(self, record: Record, hit: list[CodingTarget]) -> bool:
        """Say whether REF contradicts what is known of a gene read for rare variants.

        Such a record is about another place or build: it reads no base of the gene.
        """
        if not any(t.gene in self._rare for t in hit):
            return False
        return self._sequences.contradicts(record.chrom, record.pos - 1, record.ref)

    def _count(
        self,
        row: int,
        target: CodingTarget,
        record: Record,
        last: int,
        lost: NDArray[np.bool_] | None,
        reached: NDArray[np.int64],
    ) -> None:
        """Add the newly covered callable bases; subtract bases that this record failed to call.

        `lost` are the samples that it does not read; None if it reads all.
        """
        start, stop = max(record.pos, target.coding_start0 + 1), min(last, target.coding_end0)
        if stop < start:
            return
        fresh = np.maximum(stop - np.maximum(start, reached + 1) + 1, 0)
        here = self.callable[row]
        good = True if lost is None else ~lost
        np.add(here, fresh, out=here, where=good, casting="same_kind")
        if lost is None:
            return
        size = stop - start + 1
        failed = record.spoken & lost
        self._failed[row][failed] += size
        # Only bases up to `reached` were counted before; `fresh` ones cannot be taken back.
        again = np.minimum(self.callable[row], np.maximum(size - fresh, 0)).astype(np.int32)
        self.callable[row] -= np.where(failed, again, 0).astype(np.int32)

    def _collect(self, record: Record, hit: list[CodingTarget], unread: tuple[int, ...]) -> None:
        genes = {t.gene for t in hit}
        wanted = genes & self._rare
        if record.file_annotations and all(self._sequences.covers(g) for g in wanted):
            record = replace(record, file_annotations=())
        for number, alt in enumerate(record.alts, 1):
            if alt in REF_BLOCK_ALTS or alt == "*" or number in unread:
                continue
            symbolic = not is_bases(alt)
            carries = record.carries(number)
            if symbolic and record.copy_number is not None:
                carries |= changed_copies(record) & (record.first == -1)
            carriers = np.flatnonzero(carries)
            raw = VariantKey(record.chrom, record.pos, record.ref, alt)
            plain = None if symbolic else normalise_key(raw, self._sequences)
            if wanted:
                self._observe_all(record, number, carriers, raw, plain)
            if not carriers.size:
                continue
            for gene, key, sharing in (
                (g, k, s)
                for g in sorted(genes - self._rare)
                for k, s in self._keys(record, carriers, raw, plain)
            ):
                # An indel in a repeat may touch the exon only in its rightmost representation.
                last = key if plain is None else representations(key, self._sequences)[-1]
                # Two bases beyond either end of the exon: the canonical splice sites.
                inside = any(
                    t.gene == gene
                    and last.pos + len(last.ref) > t.coding_start0 - 1
                    and key.pos <= t.coding_end0 + 2
                    for t in hit
                )
                if inside and not self._curated.explains(record, number):
                    failed = record.bad[sharing] != 0
                    for doubtful, some in ((False, sharing[~failed]), (True, sharing[failed])):
                        if some.size:
                            self.undocumented.append(
                                Carriers(gene, key, tuple(some.tolist()), doubtful)
                            )

    def _keys(
        self, record: Record, carriers: NDArray[np.intp], raw: VariantKey, plain: VariantKey | None
    ) -> Iterator[tuple[VariantKey, NDArray[np.intp]]]:
        """Yield what some samples carry; symbolic alleles differ by the number of copies."""
        if plain is not None:
            yield plain, carriers
            return
        copies = np.full(len(carriers), -1)
        if record.copy_number is not None:
            copies = record.copy_number[carriers]
        for value in np.unique(copies).tolist():
            yield (
                normalise_key(
                    raw,
                    self._sequences,
                    end=record.end,
                    sv_type=record.sv_type,
                    copy_number=value if value >= 0 else None,
                ),
                carriers[copies == value],
            )

    def _observe_all(
        self,
        record: Record,
        number: int,
        carriers: NDArray[np.intp],
        raw: VariantKey,
        plain: VariantKey | None,
    ) -> None:
        """Note who carries a variant: once each, as a conflict if two records disagree."""
        if plain is None:
            for column in carriers.tolist():
                self.observed.append(self._observe(record, number, column, raw, plain))
            return
        if plain not in self._found:
            places = range(len(self.observed), len(self.observed) + len(carriers))
            # Where this record has no call, a later record of the allele is no contradiction.
            silent = np.flatnonzero((record.first == -1) | (record.second == -1))
            self._found[plain] = (
                dict(zip(carriers.tolist(), places, strict=True)),
                frozenset(silent.tolist()),
            )
            for column in carriers.tolist():
                self.observed.append(self._observe(record, number, column, raw, plain))
            return
        known, silent_before = self._found[plain]
        for column in {*known, *carriers.tolist()}:
            seen = self._observe(record, number, column, raw, plain)
            here = int(record.first[column] == number) + int(record.second[column] == number)
            if column not in known:
                known[column] = len(self.observed)
                told = column not in silent_before
                self.observed.append(replace(seen, status=SiteStatus.CONFLICT) if told else seen)
                continue
            place = known[column]
            self.observed[place] = _joined(self.observed[place], seen)
            if here != self.observed[place].copies:
                self.observed[place] = replace(self.observed[place], status=SiteStatus.CONFLICT)

    def _observe(
        self, record: Record, number: int, column: int, raw: VariantKey, plain: VariantKey | None
    ) -> ObservedVariant:
        first, second = int(record.first[column]), int(record.second[column])
        ploidy = 1 if second == -2 else 2
        # A carrier by copy number alone has no allele index, and counts as one copy.
        copies = max(1, (first == number) + (second == number))
        phase = int(record.phase[column])
        sides = tuple(h for h, a in enumerate((first, second)) if a == number)
        number_of = None if record.copy_number is None else int(record.copy_number[column])
        key = plain or normalise_key(
            raw,
            self._sequences,
            end=record.end,
            sv_type=record.sv_type,
            copy_number=None if number_of is None or number_of < 0 else number_of,
            ploidy=ploidy,
        )
        stated = record.info_classes[number - 1] if record.info_classes else None
        status = SiteStatus.LOW_QUALITY if record.bad[column] else SiteStatus.CALLED
        counted = number_of is not None and number_of >= 0
        if status is SiteStatus.CALLED and not counted and (first == -1 or second == -1):
            status = SiteStatus.PARTIAL

        def known(value: int) -> int | None:
            return None if value < 0 else value

        return ObservedVariant(
            sample=column,
            key=key,
            copies=copies,
            ploidy=ploidy,
            phase_sets=_phase_sets(record.chrom, phase, sides),
            haplotypes=sides,
            depth=known(int(record.depth[column])),
            quality=known(int(record.quality[column])),
            ref_reads=known(int(record.ref_reads[column])),
            alt_reads=known(int(record.alt_reads[column])),
            status=status,
            marked=record.barred is not None and bool(record.barred[column]),
            filters=record.filters,
            info_class=None if stated is None else stated.text,
            info_field="INFO" if stated is None else stated.field,
            info_coding="open" if stated is None else stated.coding,
            info_fits=stated is None or stated.fits,
            info_frequencies=(
                record.info_frequencies[number - 1] if record.info_frequencies else ()
            ),
            end=record.end if plain is None else None,
            sv_type=record.sv_type,
            copy_number=None if number_of is None or number_of < 0 else number_of,
            file_annotations=record.file_annotations[number - 1] if record.file_annotations else (),
        )

    def finish(self, locally_phased: NDArray[np.bool_]) -> None:
        """Settle what only the whole file shows: lost copies, and where `|` is not phase."""
        self.callable[self._altered] = 0
        self.observed = [
            replace(v, phase_sets=(), marked=True)
            if locally_phased[v.sample] and any(p.name == WHOLE_CHROMOSOME for p in v.phase_sets)
            else v
            for v in self.observed
        ]

    def declare(self, bases: NDArray[np.int32]) -> None:
        """Take declared callable bases by target where they exceed what was measured.

        What the file says it could not call is not callable, whatever is declared.
        """
        self.callable = np.maximum(self.callable, bases[:, None] - self._failed)
        self.callable[self._altered] = 0


def _joined(variant: ObservedVariant, again: ObservedVariant) -> ObservedVariant:
    """Add the class that a second record gives, and keep phase only if both agree on it.

    Of two classes of no known allele one is enough.
    """
    if (variant.phase_sets, variant.haplotypes) != (again.phase_sets, again.haplotypes):
        variant = replace(variant, phase_sets=())
    both = dict.fromkeys((*variant.file_annotations, *again.file_annotations))
    variant = replace(variant, file_annotations=tuple(both))
    both_said = dict.fromkeys((*variant.info_frequencies, *again.info_frequencies))
    variant = replace(variant, info_frequencies=tuple(both_said))
    if again.info_class is None or again.info_class == variant.info_class:
        return variant
    if variant.info_class is None or (again.info_fits and not variant.info_fits):
        joined = again.info_class
    elif variant.info_fits and again.info_fits:
        joined = f"{variant.info_class}|{again.info_class}"
    else:
        return variant
    return replace(
        variant,
        info_class=joined,
        info_field=again.info_field,
        info_coding=again.info_coding,
        info_fits=again.info_fits,
    )


def _phase_sets(chrom: str, phase: int, sides: tuple[int, ...]) -> tuple[PhaseSet, ...]:
    if phase == UNPHASED:
        return ()
    name = WHOLE_CHROMOSOME if phase == GLOBAL_PHASE else str(phase)
    return tuple(PhaseSet(chrom, name, side) for side in sides)


def _is_read(record: Record) -> NDArray[np.bool_]:
    """Return a mask of the samples whose two alleles were both genotyped (one on X, Y, MT)."""
    both = record.second >= 0
    if record.chrom in _HAPLOID:
        both |= record.second == -2
    read: NDArray[np.bool_] = (record.first >= 0) & both & (record.bad == 0)
    return read if record.judged is None else read & record.judged


def _last_read(record: Record) -> int:
    """Return the last base that a record genotypes; before POS if it genotypes none.

    A homozygous-reference structural variant does not genotype the bases it would span.
    """
    spelled = [a for a in record.alts if a not in REF_BLOCK_ALTS]
    if any(not is_bases(a) and a != "*" for a in spelled):
        return record.pos - 1
    if spelled and len(record.ref) > _LONGEST_SMALL:
        return record.pos
    return record.end
