"""The quality of a sample in the report's words."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.model import GeneQuality, QualityCheck, SampleQuality
from epilepsy_pgx.quality.checks import CheckResult
from epilepsy_pgx.report.wording import Wording


def describe_quality(
    results: Sequence[CheckResult],
    genes: Sequence[GeneQuality],
    limits: Mapping[str, str],
    texts: Wording,
    caller: Sequence[tuple[str, str]] = (),
) -> SampleQuality:
    """Put checks into words.

    Parameters
    ----------
    limits
        Value of each limit as the table writes it.
    """
    checks = []
    for result in results:
        applied = tuple((name, limits[name]) for name in result.limits)
        checks.append(
            QualityCheck(
                result.check, result.outcome, texts.word("quality-check", result.check),
                texts.say(result.reason, **_values(result, limits, texts)), result.measured,
                applied,
            )
        )
    return SampleQuality(tuple(checks), tuple(genes), tuple(caller))


def _values(result: CheckResult, limits: Mapping[str, str], texts: Wording) -> dict[str, str]:
    values = {name.replace("-", "_"): texts.number(value) for name, value in limits.items()}
    values |= {name.replace(" ", "_"): texts.number(value) for name, value in result.measured}
    return values
