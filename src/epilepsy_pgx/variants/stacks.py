"""Decode records that are alike together, as if they were the samples of one record.

An operation on an array costs as much for one sample as for some hundred, so that a file of one
sample, most of whose records are blocks of reference, is read several times as fast.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.variants.record import PASSING_FILTERS, Record, further_copies
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


class _Nothing:
    """INFO without a field."""

    def get(self, _: str, default: Any = None) -> Any:
        return default


class _Stack:
    """Some records as the reader gives one, with the samples of each below those of the last."""

    INFO = _Nothing()
    FILTERS = ()

    def __init__(self, raws: Sequence[Any]) -> None:
        self._raws = raws
        first = raws[0]
        self.POS, self.REF, self.ALT = first.POS, first.REF, first.ALT
        self.QUAL, self.FORMAT = first.QUAL, first.FORMAT

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
    pending: Iterable[Pending], count: int, decode: Decode
) -> Iterator[tuple[Record, NDArray[np.bool_] | None]]:
    """Yield each record, decoded, and the samples that it speaks of, in the order given.

    Parameters
    ----------
    count
        Number of the samples of each.
    decode
        Decodes one record. Each sample is decoded for itself: what it finds of one must not hang
        on the others.
    """
    coming = iter(pending)
    while held := list(islice(coming, max(1, ROWS // max(1, count)))):
        made: dict[int, Record] = {}
        for places in _alike(held) if len(held) > 1 else ():
            _decode_together(held, places, count, decode, made)
        for place, one in enumerate(held):
            record = made.pop(place, None)
            yield record or decode(one.raw, one.chrom, one.end, count), one.spoken


def _alike(held: Sequence[Pending]) -> Iterator[list[int]]:
    """Yield the places of records that differ only in position, genotypes and FORMAT values."""
    groups: dict[Hashable, list[int]] = {}
    for place, (raw, _, _, spoken) in enumerate(held):
        keys = tuple(raw.FORMAT)
        if spoken is None and _ALONE.isdisjoint(keys) and _is_bare(raw):
            groups.setdefault((keys, raw.REF, tuple(raw.ALT), raw.QUAL), []).append(place)
    yield from groups.values()


def _is_bare(raw: Any) -> bool:
    """Say whether a record has no filter, and nothing in INFO but its end."""
    if not PASSING_FILTERS.issuperset(raw.FILTERS):
        return False
    try:
        return all(key == "END" for key, _ in raw.INFO)
    except UnicodeDecodeError:
        return False


def _decode_together(
    held: Sequence[Pending],
    places: Sequence[int],
    count: int,
    decode: Decode,
    made: dict[int, Record],
) -> None:
    """Decode records that are alike; what does not fit together is left, or done by itself."""
    if len(places) < 2:
        return
    one = held[places[0]]
    try:
        whole = decode(
            _Stack([held[place].raw for place in places]), one.chrom, one.end, count * len(places)
        )
    except _UnevenError as uneven:
        for group in uneven.groups:
            _decode_together(held, [places[i] for i in group], count, decode, made)
        return
    for number, place in enumerate(places):
        made[place] = _part(whole, held[place], slice(number * count, (number + 1) * count))


def _part(whole: Record, one: Pending, rows: slice) -> Record:
    """Return one of the records that were decoded together."""
    barred = None if whole.barred is None else whole.barred[rows]
    return replace(
        whole,
        chrom=one.chrom,
        pos=one.raw.POS,
        end=one.end,
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
    )
