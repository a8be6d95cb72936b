"""Hold the genotypes of a record against the thresholds, by what the record states of them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.field_rules import DEPTH, QUALITY, READS, FieldReader, Floats
from epilepsy_pgx.variants.record import (
    REASON_BALANCE,
    REASON_DEPTH,
    REASON_IMPUTED,
    REASON_QUALITY,
    REASON_UNJUDGED,
    Record,
    Thresholds,
)
from epilepsy_pgx.variants.stated import Stated
from epilepsy_pgx.variants.values import read_real

QualityOfRecord = float | NDArray[np.float64] | None
"""QUAL: of one record, or by sample where several are assessed together."""


def assess_quality(
    record: Record, stated: Stated, reader: FieldReader, limits: Thresholds, qual: QualityOfRecord
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Compare what is stated with the thresholds.

    Returns
    -------
    bad, judged
        Reason code where a genotype fails; and where all that a genotype needs is stated.
    """
    first, second, bad = record.first, record.second, record.bad.copy()
    called = (first >= 0) | (second >= 0)
    carried = (first > 0) | (second > 0)
    known: NDArray[np.bool_] = np.zeros(len(first), bool)
    if READS in stated.has:
        known |= ~np.isnan(stated.parts).any(axis=1)
        known &= stated.parts.sum(axis=1) > 0
        against = _contradicted(stated.parts, first, second, limits)
        bad[against & known & (bad == 0)] = REASON_BALANCE
    missing: NDArray[np.bool_] = np.zeros(len(first), bool)
    quality = stated.quality if stated.score is None else stated.score
    if QUALITY in stated.has:
        missing |= np.isnan(quality) & (stated.form != "probability_list")
    if DEPTH in stated.has:
        missing |= np.isnan(stated.depth)
    if READS in stated.has:
        missing |= (first >= 0) & (second >= 0) & (first != second) & ~known & ~stated.unlike
    bad[called & missing & (bad == 0)] = REASON_UNJUDGED
    if stated.score is not None:
        bad[stated.score < limits.gencall_score] = REASON_QUALITY
    elif QUALITY not in stated.has:
        if reader.one_sample and qual is not None:
            # QUAL speaks for the variant alone, and never for a genotype.
            bad[carried & (qual < limits.quality)] = REASON_QUALITY
    elif stated.form != "probability_list":
        bad[stated.quality < limits.quality] = REASON_QUALITY
    bad[stated.depth < limits.depth] = REASON_DEPTH
    judged = np.full(len(first), {QUALITY, DEPTH} <= stated.has and not stated.array)
    if not record.is_block:
        judged &= known
    return bad, judged


def _contradicted(
    parts: Floats, first: NDArray[np.int16], second: NDArray[np.int16], limits: Thresholds
) -> NDArray[np.bool_]:
    """Say which genotypes their reads contradict: one allele too rare, or others too frequent."""
    rows, last = np.arange(len(first)), parts.shape[1] - 1
    one = np.where(first >= 0, parts[rows, np.clip(first, 0, last)], np.nan)
    two = np.where(second >= 0, parts[rows, np.clip(second, 0, last)], np.nan)
    split = (first >= 0) & (second >= 0) & (first != second)
    own = np.where(split, one + two, one)
    other = parts.sum(axis=1) - own
    rare = split & (np.minimum(one, two) < limits.balance * np.maximum(one + two, 1e-9))
    # A call of one copy, and one of which the other half is open, may have other reads beside it.
    whole = (first >= 0) & (second != -1)
    foreign = np.where(split, 0.5, limits.other_reads) * np.maximum(own + other, 1e-9)
    contradicted: NDArray[np.bool_] = rare | (whole & (other > foreign))
    return contradicted


def assess_imputed(
    raw: Any,
    fields: frozenset[str],
    record: Record,
    stated: Stated,
    limits: Thresholds,
    bad: NDArray[np.uint8],
) -> None:
    """Fail genotypes that were estimated without certainty."""
    first, second, count = record.first, record.second, len(record.first)
    if "GP" in fields and "GQ" not in fields:
        # An imputed call whose probability is left out cannot be judged, so it fails.
        given = read_real(raw, "GP")
        chance = np.nan_to_num(np.full((count, 1), -1.0) if given is None else given, nan=-1.0)
        bad[chance.max(axis=1) < limits.imputed_probability] = REASON_IMPUTED
    if stated.form == "probability_list":
        # Another genotype is as probable as the one that is called.
        bad[(stated.quality <= 0) & (bad == 0)] = REASON_IMPUTED
    if stated.form == "probability_list" and {DEPTH, READS} & stated.has and "DS" not in fields:
        # A caller's own posterior is judged like any other quality.
        bad[(stated.quality < limits.quality) & (bad == 0)] = REASON_QUALITY
    doses = next((f for f in ("DS", "HDS") if f in fields), None)
    if doses is not None and "GQ" not in fields:
        given = read_real(raw, doses)
        given = np.full((count, 1), np.nan) if given is None else given
        dosage = np.nansum(np.maximum(given, 0), axis=1)
        called = (first > 0).astype(np.int8) + (second > 0)
        far = np.abs(dosage - called) > 1 - limits.imputed_probability + 1e-6
        bad[(far | np.isnan(given).all(axis=1)) & (first >= 0)] = REASON_IMPUTED
    # Imputation quality as Beagle (DR2, AR2), minimac (R2, Rsq) and IMPUTE (INFO) name it.
    for key in ("DR2", "AR2", "R2", "RSQ", "Rsq", "INFO", "INFO_SCORE"):
        known = info_numbers(raw.INFO.get(key))
        if known and min(known) < limits.imputed_r2 and raw.INFO.get("IMP", True):
            bad[:] = REASON_IMPUTED


def reads_of_alleles(
    stated: Stated, first: NDArray[np.int16], second: NDArray[np.int16]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the reads of REF and of the alternative allele carried; -1 where not counted."""
    if READS not in stated.has:
        nothing = np.full(len(first), -1, np.int32)
        return nothing, nothing
    high = np.maximum(first, second)
    alt = stated.parts[np.arange(len(first)), np.clip(high, 0, stated.parts.shape[1] - 1)]
    return (
        whole_numbers(np.where(stated.counted, stated.parts[:, 0], np.nan)),
        whole_numbers(np.where(stated.counted & (high > 0), alt, np.nan)),
    )


def whole_numbers(values: Floats) -> NDArray[np.int32]:
    """Return whole numbers; -1 where nothing is stated."""
    known = np.isfinite(values) & (values >= 0) & (values < 2**31)
    return np.where(known, values, -1).astype(np.int32)


def info_numbers(value: Any) -> list[float]:
    """Return the numbers of an INFO field that may be one, several or missing."""
    found: list[float] = []
    if value is None:
        return found
    if type(value) in (int, float):
        return [float(value)] if math.isfinite(value) else found
    for part in value if isinstance(value, tuple) else str(value).split(","):
        try:
            found.append(float(part))
        except (TypeError, ValueError):
            continue
    return [n for n in found if math.isfinite(n)]
