"""Compare a sample with genotypes of the same person from another test."""

from collections.abc import Mapping

from epilepsy_pgx.quality.checks import FINGERPRINT, CheckResult
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN
from epilepsy_pgx.variants.store import STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import CheckOutcome, SiteStatus

_COUNTED = (STATUS_OF[SiteStatus.CALLED], STATUS_OF[SiteStatus.REFERENCE])


def check_panel(
    store: GenotypeStore,
    sample: int,
    panel: Mapping[str, tuple[str, ...]] | None,
    limits: Mapping[str, float],
) -> tuple[CheckResult, ...]:
    """Judge whether both tests are of one person; nothing without a panel.

    Parameters
    ----------
    panel
        Bases of each position, by its name in the tables.

    Returns
    -------
    tuple
        The check. It passes at enough positions and fails at more than a stray difference,
        however few positions there are.
    """
    if panel is None:
        return ()
    compared = differing = 0
    for row, site in enumerate(store.sites.sites):
        expected = panel.get(site.name)
        codes = store.alleles[row, sample].tolist()
        counted = store.status[row, sample] in _COUNTED and not {OTHER, UNKNOWN} & set(codes)
        if expected is None or not counted:
            continue
        compared += 1
        differing += sorted(site.alleles[c] for c in codes) != sorted(expected)
    names = ("identity-differences", "identity-minimum-positions")
    if differing > limits["identity-differences"]:
        outcome, reason = CheckOutcome.FAILED, "quality-fingerprint-failed"
    elif compared >= limits["identity-minimum-positions"]:
        outcome, reason = CheckOutcome.PASSED, "quality-fingerprint-passed"
    else:
        outcome, reason = CheckOutcome.NOT_ASSESSED, "quality-fingerprint-not-assessed"
    measured = (("compared", str(compared)), ("differing", str(differing)))
    return (CheckResult(FINGERPRINT, outcome, reason, measured, names),)
