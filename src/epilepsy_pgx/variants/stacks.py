"""Decode records that are alike together, as if they were the samples of one record.

An operation on an array costs as much for one sample as for some hundred, so that a file of one
sample, most of whose records are blocks of reference, is read several times as fast.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.variants.record import PASSING_FILTERS, Record, further_copies
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS, is_bases
from epilepsy_pgx.variants.values import values_of

ROWS = 2048
"""Rows of samples that are decoded together; as many are held in memory."""

_ALONE = frozenset({"CN", "LEN"})
"""FORMAT fields whose meaning hangs on the chromosome or the span of their record."""


class Pending(NamedTuple):
    """A record that is to be decoded."""

    raw: Any
    chrom: str
    end: int
    spoken: NDArray[np.bool_] | None
    """The samples for which the end holds; None for all."""


Decode = Callable[[Any, str, int, int], Record]
"""Takes a record of the reader, its chromosome, its last base and the number of its samples."""


class _UnevenError(Exception):
    """Records whose values do not fit into one array; `groups` holds those that fit together."""

    def __init__(self, groups: Iterable[list[int]]) -> None:
        super().__init__("values of different shapes")
        self.groups = tuple(groups)


class _Silence:
    """INFO without a field; it keeps what was asked of it, for other records may have that."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.all_asked = False

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        self.all_asked = True
        return iter(())

    def holds_for(self, keys: set[str]) -> bool:
        """Say whether a record with these fields would have answered the same."""
        return not (self.all_asked and keys) and self.asked.isdisjoint(keys)


class _Stack:
    """Some records as the reader gives one, with the samples of each below those of the last."""

    FILTERS = ()

    def __init__(self, raws: Sequence[Any], count: int, silence: _Silence) -> None:
        self._raws = raws
        first = raws[0]
        self.INFO = silence
        self.POS, self.REF, self.ALT = first.POS, first.REF, first.ALT
        self.FORMAT = first.FORMAT
        self.QUAL = None
        if first.QUAL is not None:
            self.QUAL = np.repeat(np.array([raw.QUAL for raw in raws]), count)

    @property
    def genotype(self) -> "_Stack":
        return self

    def array(self) -> NDArray[Any]:
        """Return the genotypes."""
        return _joined([raw.genotype.array() for raw in self._raws])

    def format(self, field: str) -> NDArray[Any] | None:
        """Return the values of a FORMAT field."""
        given = [values_of(raw, field) for raw in self._raws]
        return None if all(values is None for values in given) else _joined(given)


def _joined(given: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    groups: dict[Hashable, list[int]] = {}
    for place, values in enumerate(given):
        form = None if values is None else (values.dtype.kind, values.shape[1:])
        groups.setdefault(form, []).append(place)
    if len(groups) > 1:
        raise _UnevenError(groups.values())
    return np.concatenate([values for values in given if values is not None])


def decode_each(
    pending: Iterable[Pending],
    count: int,
    decode: Decode,
    by_base: Callable[[Sequence[str]], bool] = lambda _: True,
) -> Iterator[tuple[Record, NDArray[np.bool_] | None]]:
    """Yield each record, decoded, and the samples that it speaks of, in the order given.

    Parameters
    ----------
    count
        Number of the samples of each.
    decode
        Decodes one record. Each sample is decoded for itself: what it finds of one must not hang
        on the others, nor on which bases an allele has but where `by_base` says so.
    by_base
        Says of FORMAT keys whether what they give is looked up by the bases of the alleles.
    """
    coming = iter(pending)
    silence = _Silence()
    while held := list(islice(coming, max(1, ROWS // max(1, count)))):
        made: dict[int, Record] = {}
        if len(held) > 1:
            together = _Together(held, count, decode, silence)
            for places in together.alike(by_base):
                together.decode(places, made)
        for place, one in enumerate(held):
            record = made.pop(place, None)
            if record is None:
                record = decode(one.raw, one.chrom, one.end, count)
                record = replace(record, plain=_plain(record, 1)[0])
            yield record, one.spoken


class _Together:
    """Decodes at once those of some records that are alike."""

    def __init__(
        self, held: Sequence[Pending], count: int, decode: Decode, silence: _Silence
    ) -> None:
        self._held = held
        self._count = count
        self._decode = decode
        self._silence = silence
        self._info: dict[int, set[str]] = {}

    def alike(self, by_base: Callable[[Sequence[str]], bool]) -> Iterator[list[int]]:
        """Yield the places of records that differ in nothing that decoding one looks at.

        They differ in position, genotypes and FORMAT values, in the bases of alleles that are
        spelled, and in fields of INFO that nobody asks for.
        """
        groups: dict[Hashable, list[int]] = {}
        exact: dict[tuple[str, ...], bool] = {}
        for place, (raw, _, _, spoken) in enumerate(self._held):
            keys = tuple(raw.FORMAT)
            if spoken is not None or not _ALONE.isdisjoint(keys):
                continue
            if not PASSING_FILTERS.issuperset(raw.FILTERS):
                continue
            info = _info_keys(raw)
            if info is None:
                continue
            if keys not in exact:
                exact[keys] = by_base(keys)
            ref, alts = raw.REF, tuple(raw.ALT)
            form, usual = _form_of(ref, alts)
            if usual:
                # How far a block goes was read before; of a segment it is asked once more.
                info.discard("END")
            self._info[place] = info
            alike = (ref, *alts) if exact[keys] else form
            groups.setdefault((keys, alike, raw.QUAL is None), []).append(place)
        yield from groups.values()

    def decode(self, places: Sequence[int], made: dict[int, Record]) -> None:
        """Decode records that are alike; what does not fit together is left, or done by itself."""
        places = self._silent(places)
        if len(places) < 2:
            return
        held, count = self._held, self._count
        one = held[places[0]]
        stack = _Stack([held[place].raw for place in places], count, self._silence)
        try:
            whole = self._decode(stack, one.chrom, one.end, count * len(places))
        except _UnevenError as uneven:
            for group in uneven.groups:
                self.decode([places[i] for i in group], made)
            return
        # Whoever has a field that was asked for is decoded alone.
        silent = frozenset(self._silent(places))
        plain = _plain(whole, len(places))
        for number, place in enumerate(places):
            if place in silent:
                rows = slice(number * count, (number + 1) * count)
                made[place] = _part(whole, held[place], rows, plain[number])

    def _silent(self, places: Sequence[int]) -> list[int]:
        """Return the places of records that have no field of INFO which decoding asks for."""
        return [place for place in places if self._silence.holds_for(self._info[place])]


@lru_cache(maxsize=1024)
def _form_of(ref: str, alts: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the alleles of a record, those that are alike in one form; and if all are such."""
    forms = tuple("" if is_bases(alt.upper()) else alt for alt in alts)
    usual = all(not form or form in REF_BLOCK_ALTS for form in forms)
    # Of a segment it matters how many bases REF has.
    return ("" if usual else ref, *forms), usual


def _info_keys(raw: Any) -> set[str] | None:
    """Return the fields of INFO; None if they cannot be read."""
    try:
        return {key for key, _ in raw.INFO}
    except UnicodeDecodeError:
        return None


def alleles_of(raw: Any) -> tuple[str, tuple[str, ...]]:
    """Return REF and ALT of a record in upper case.

    Soft-masked bases are lower case; symbols such as `<NON_REF>` stay as they are.
    """
    return raw.REF.upper(), tuple(a.upper() if a.isalpha() else a for a in raw.ALT)


def _plain(whole: Record, records: int) -> list[bool]:
    """Say of each of some records that were decoded together whether it is plain."""
    if whole.beyond is not None:
        return [False] * records
    first, second = whole.first, whole.second
    other = (first > 0) | (second > 0) | (first < -2) | (second < -2)
    plain: list[bool] = (np.count_nonzero(other.reshape(records, -1), axis=1) == 0).tolist()
    return plain


def _part(whole: Record, one: Pending, rows: slice, plain: bool) -> Record:
    """Return one of the records that were decoded together."""
    barred = None if whole.barred is None else whole.barred[rows]
    ref, alts = alleles_of(one.raw)
    return replace(
        whole,
        chrom=one.chrom,
        pos=one.raw.POS,
        end=one.end,
        ref=ref,
        alts=alts,
        first=whole.first[rows],
        second=whole.second[rows],
        phase=whole.phase[rows],
        bad=whole.bad[rows],
        depth=whole.depth[rows],
        quality=whole.quality[rows],
        ref_reads=whole.ref_reads[rows],
        alt_reads=whole.alt_reads[rows],
        judged=None if whole.judged is None else whole.judged[rows],
        barred=None if barred is None or not barred.any() else barred,
        beyond=None if whole.beyond is None else further_copies(whole.beyond[rows]),
        plain=plain,
    )
