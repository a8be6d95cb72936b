"""How common the variants of a sample are in populations.

A frequency is shown beside a finding. It takes nothing away: no finding, no class, no warning. A
variant of which no frequency is known is not rare for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import PopulationFrequency
from epilepsy_pgx.model import VariantFinding, VariantKey
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import VariantFrequency
from epilepsy_pgx.variants.infofrequency import Frequencies, read_frequency
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import GenomeBuild

COMMON = "common-variant-frequency"
"""The limit from which a variant is called common."""
_DIGITS = 3
_Place = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class KnownFrequencies:
    """The table of one build, and the limit; an empty one for a package without them."""

    rows: Mapping[_Place, VariantFrequency]
    common: Decimal | None


@lru_cache(maxsize=8)
def load_frequencies(ref: Reference, build: GenomeBuild) -> KnownFrequencies:
    """Return the frequencies of a build by the variant."""
    rows = ref.rows(VariantFrequency) if ref.has(VariantFrequency) else ()
    limit = read_limits(ref).get(COMMON)
    return KnownFrequencies(
        {(r.chrom, *r.place(build)): r for r in rows},
        None if limit is None else Decimal(str(limit)),
    )


def add_frequencies(
    findings: Sequence[VariantFinding],
    observed: Iterable[ObservedVariant],
    ref: Reference,
    build: GenomeBuild,
) -> tuple[VariantFinding, ...]:
    """Return the findings with what the table and the INFO of the file say of each variant.

    Parameters
    ----------
    findings
        Of one sample.
    observed
        The variants of that sample.
    """
    if not findings:
        return ()
    known = load_frequencies(ref, build)
    stated = {v.key: v.info_frequencies for v in observed if v.info_frequencies}
    return tuple(
        replace(f, frequencies=_frequencies(f.key, known, stated.get(f.key, ()))) for f in findings
    )


def _frequencies(
    key: VariantKey, known: KnownFrequencies, stated: Frequencies
) -> tuple[PopulationFrequency, ...]:
    found = []
    row = known.rows.get((key.chrom, key.pos, key.ref, key.alt))
    if row is not None:
        # One population in which a variant is common is enough: the mean over all may hide it.
        highest = max(row.frequency, row.max_frequency or row.frequency)
        found.append(
            PopulationFrequency(
                _shown(highest),
                _is_common(highest, known.common),
                version=row.version,
                date=row.dataset_date,
                citations=row.citations,
            )
        )
    for field, text in stated:
        value = read_frequency(text)
        if value is not None:
            found.append(
                PopulationFrequency(_shown(value), _is_common(value, known.common), field=field)
            )
    return tuple(found)


def _is_common(value: Decimal, limit: Decimal | None) -> bool:
    return limit is not None and value >= limit


def _shown(value: Decimal) -> Decimal:
    """Round to three digits that count: htslib keeps no more than seven, and adds noise."""
    rounded = Decimal(f"{value:.{_DIGITS}g}").normalize()
    return Decimal(f"{rounded:f}")
