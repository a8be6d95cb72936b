"""The quality of a sample as a report shows it."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.model import GeneQuality, QualityCheck, SampleQuality
from epilepsy_pgx.quality.checks import CheckResult
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import asked
from epilepsy_pgx.statement import Message, Value, ValueKind


def describe_quality(
    results: Sequence[CheckResult],
    genes: Sequence[GeneQuality],
    limits: Mapping[str, str],
    ref: Reference,
    caller: Sequence[tuple[str, str]] = (),
) -> SampleQuality:
    """Say what the checks found.

    Parameters
    ----------
    limits
        Value of each limit as the table writes it.
    """
    return SampleQuality(
        tuple(
            QualityCheck(
                result.check,
                result.outcome,
                _found(result, limits, ref),
                result.measured,
                tuple((name, limits[name]) for name in result.limits),
            )
            for result in results
        ),
        tuple(genes),
        tuple(caller),
    )


def _found(result: CheckResult, limits: Mapping[str, str], ref: Reference) -> Message:
    """Return the message of a check, with those of its figures that the text shows."""
    figures = {name.replace("-", "_"): value for name, value in limits.items()}
    figures |= {name.replace(" ", "_"): value for name, value in result.measured}
    return Message(
        result.reason,
        tuple(
            Value(name, (figures[name],), ValueKind.NUMBER)
            for name in sorted(asked(ref).get(result.reason, frozenset()) & figures.keys())
        ),
    )
