"""Checks that a sample must not fail: call rate, genetic sex, mixture.

Each has three outcomes. A check passes only on positive evidence; without enough data it is not
assessed. What speaks against a sample needs no more than what speaks against it.
"""

from collections.abc import Mapping

import numpy as np

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.variants.sample_metrics import SampleMetrics
from epilepsy_pgx.variants.sites import OTHER
from epilepsy_pgx.variants.store import STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import Check, CheckOutcome, Sex, SiteStatus

CALL_RATE, SEX, MIXTURE, IDENTITY, FINGERPRINT = Check


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of a check, before it is put into words."""

    check: Check
    outcome: CheckOutcome
    reason: str
    """Id of the text that says what was found."""
    measured: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    """Rows of the quality_limits table that were applied."""


def check_call_rate(store: GenotypeStore, sample: int, limits: Mapping[str, float]) -> CheckResult:
    """Judge how many of the curated positions have a genotype that counts.

    Positions that the file does not cover count neither as usable nor as bad, so that a file
    that lacks them is not assessed rather than failed, and leaving positions out never helps.
    """
    status = store.status[:, sample]
    absent = int((status == STATUS_OF[SiteStatus.NOT_ASSESSED]).sum())
    called = np.isin(status, [STATUS_OF[SiteStatus.CALLED], STATUS_OF[SiteStatus.REFERENCE]])
    # A lost or an added copy of a gene is a finding, and no fault of the sample.
    other = (store.alleles[:, sample] == OTHER).any(axis=1)
    good = int((called | (other & (status == STATUS_OF[SiteStatus.PARTIAL]))).sum())
    total = len(status)
    bad = total - absent - good
    names = ("call-minimum-passed", "call-maximum-bad")
    if bad > limits["call-maximum-bad"] * total:
        outcome, reason = CheckOutcome.FAILED, "quality-call-rate-failed"
    elif good >= limits["call-minimum-passed"] * total:
        outcome, reason = CheckOutcome.PASSED, "quality-call-rate-passed"
    else:
        outcome, reason = CheckOutcome.NOT_ASSESSED, "quality-call-rate-not-assessed"
    measured = (
        ("positions", str(total)),
        ("usable", str(good)),
        ("bad", str(bad)),
        ("absent", str(absent)),
    )
    return CheckResult(CALL_RATE, outcome, reason, measured, names)


@dataclass(frozen=True, slots=True)
class CopiesOfX:
    """What speaks for one X chromosome, and what for two."""

    one: bool
    two: bool
    no_heterozygous: bool
    """Enough variant calls and hardly one heterozygous: this speaks against two copies, but is
    not taken as proof of one, since data that are missing look the same."""

    @property
    def sex(self) -> Sex | None:
        """The genetic sex that the evidence shows, or None."""
        if self.one == self.two or (self.two and self.no_heterozygous):
            return None
        return Sex.MALE if self.one else Sex.FEMALE


def count_x(
    readings: SampleMetrics, sample: int, limits: Mapping[str, float]
) -> tuple[CopiesOfX, tuple[tuple[str, str], ...]]:
    """Weigh the evidence on the number of X chromosomes of a sample."""
    het = readings.of("x_heterozygous", sample)
    variants = het + readings.of("x_homozygous", sample)
    haploid = readings.of("x_haploid", sample)
    least = limits["sex-minimum-depth-records"]
    on_x, elsewhere = (readings.of(f"{place}_depth_records", sample) for place in ("x", "other"))
    ratio = None
    if min(on_x, elsewhere) >= least and readings.of("other_depth", sample) > 0:
        ratio = (readings.of("x_depth", sample) / on_x) / (
            readings.of("other_depth", sample) / elsewhere
        )
    one = haploid >= limits["sex-minimum-haploid"]
    two = (
        het >= limits["sex-minimum-heterozygous"]
        and het >= limits["sex-minimum-heterozygous-part"] * variants
    )
    if ratio is not None:
        one |= limits["sex-depth-one-low"] <= ratio <= limits["sex-depth-one-high"]
        two |= ratio >= limits["sex-depth-two-low"] and haploid == 0
    none = variants >= limits["sex-minimum-variants"] and het == 0 and haploid == 0
    measured = (
        ("heterozygous", f"{het:.0f}"),
        ("variants", f"{variants:.0f}"),
        ("haploid", f"{haploid:.0f}"),
        ("depth ratio", "." if ratio is None else f"{ratio:.2f}"),
    )
    return CopiesOfX(one, two, none), measured


def check_sex(
    readings: SampleMetrics, sample: int, stated: Sex | None, limits: Mapping[str, float]
) -> tuple[CheckResult, Sex | None]:
    """Compare the genetic sex with the sex of the clinical entry.

    Returns
    -------
    tuple
        The result, and the genetic sex where the data show one.
    """
    copies, measured = count_x(readings, sample, limits)
    names = tuple(sorted(n for n in limits if n.startswith("sex-")))
    against = {
        Sex.MALE: copies.two and not copies.one,
        Sex.FEMALE: (copies.one or copies.no_heterozygous) and not copies.two,
    }
    found = copies.sex
    if stated is not None and against.get(stated, False):
        outcome, reason = CheckOutcome.FAILED, "quality-sex-failed"
    elif found is None:
        mixed = copies.one and copies.two
        outcome = CheckOutcome.NOT_ASSESSED
        reason = "quality-sex-contradictory" if mixed else "quality-sex-not-assessed"
    elif stated is None:
        outcome, reason = CheckOutcome.NOT_ASSESSED, f"quality-sex-not-stated-{found}"
    elif found is stated:
        outcome, reason = CheckOutcome.PASSED, "quality-sex-passed"
    else:
        outcome, reason = CheckOutcome.NOT_ASSESSED, "quality-sex-not-assessed"
    return CheckResult(SEX, outcome, reason, measured, names), found


def check_mixture(readings: SampleMetrics, sample: int, limits: Mapping[str, float]) -> CheckResult:
    """Look for reads of another person: by homozygous calls, and by the balance of others.

    Reads of the reference allele at positions called homozygous for another allele come from a
    second genome (or from errors, which are far rarer). Positions where reads of a paralogue
    map are left out.
    """
    positions = readings.of("mixture_positions", sample)
    parts = readings.of("mixture_parts", sample)
    mixed = readings.of("heterozygous", sample)
    skewed = readings.of("heterozygous_skewed", sample)
    least = limits["mixture-minimum-positions"]
    foreign = parts / positions if positions >= least else None
    skew = skewed / mixed if mixed >= least else None
    names = tuple(sorted(n for n in limits if n.startswith("mixture-")))
    high = (foreign is not None and foreign > limits["mixture-maximum"]) or (
        skew is not None and skew > limits["mixture-skewed-maximum"]
    )
    if high:
        outcome, reason = CheckOutcome.FAILED, "quality-mixture-failed"
    elif foreign is not None and skew is not None:
        outcome, reason = CheckOutcome.PASSED, "quality-mixture-passed"
    else:
        outcome, reason = CheckOutcome.NOT_ASSESSED, "quality-mixture-not-assessed"
    measured = (
        ("positions", f"{positions:.0f}"),
        ("foreign reads", "." if foreign is None else f"{foreign:.4f}"),
        ("heterozygous", f"{mixed:.0f}"),
        ("out of balance", f"{skewed:.0f}"),
    )
    return CheckResult(MIXTURE, outcome, reason, measured, names)
