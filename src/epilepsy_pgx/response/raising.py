"""What a drug that is not taken would raise whose level is too high already."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.reference.rows import LevelAlert
from epilepsy_pgx.response.interactions import Interaction
from epilepsy_pgx.response.levels import LevelAssessment
from epilepsy_pgx.statement import (
    Evidence,
    Reason,
    ReasonKind,
    Statement,
    Subject,
    SubjectKind,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import LevelVerdict, Origin, Response, Tier

RAISES = "up"


def too_high(levels: Iterable[LevelAssessment]) -> dict[str, LevelAssessment]:
    """Return the drugs one of whose levels is above every range, or reaches its alert limit."""
    return {
        one.drug: one
        for one in levels
        if one.alert is not None or one.verdict is LevelVerdict.ABOVE
    }


def raising_statements(
    if_started: Mapping[str, Sequence[Interaction]], high: Mapping[str, LevelAssessment]
) -> dict[str, list[Statement]]:
    """Return, by drug that is not taken, that it would raise a level that is too high already.

    It is a warning, so that nothing favours the drug meanwhile. A level of a metabolite counts as
    one of the drug.

    Parameters
    ----------
    if_started
        By drug that is not taken, its interactions with drugs that are.
    high
        Levels that are too high, by drug.
    """
    return {
        drug: said for drug, items in if_started.items() if (said := list(_of(drug, items, high)))
    }


def beside(
    met: Mapping[str, Sequence[Statement]], more: Mapping[str, Sequence[Statement]]
) -> dict[str, list[Statement]]:
    """Return statements by drug, joined."""
    return {drug: [*met.get(drug, ()), *more.get(drug, ())] for drug in met.keys() | more.keys()}


def _of(
    drug: str, items: Sequence[Interaction], high: Mapping[str, LevelAssessment]
) -> Iterator[Statement]:
    raised: dict[str, list[Interaction]] = {}
    for item in items:
        if item.effect == RAISES and item.victim in high and item.evidence.verified:
            raised.setdefault(item.victim, []).append(item)
    for victim, found in raised.items():
        alert = high[victim].alert
        limit = () if alert is None else (_alert_evidence(alert),)
        yield Statement(
            statement_id=f"level-before-start:{drug}:{victim}",
            text_id="level-before-start",
            tier=Tier.CONSIDER,
            response=Response.CAUTION,
            origin=Origin.INTERACTION,
            reasons=(
                Reason(
                    ReasonKind.TAKING,
                    Subject(SubjectKind.DRUG, (victim,)),
                    (Value("drugs", (victim,), ValueKind.DRUG),),
                ),
            ),
            evidence=(*dict.fromkeys(item.evidence for item in found), *limit),
            values=(
                Value("drug", (drug,), ValueKind.DRUG),
                Value("victim", (victim,), ValueKind.DRUG),
            ),
            drugs=(drug,),
            conditional=True,
        )


def _alert_evidence(alert: LevelAlert) -> Evidence:
    row = f"{alert.drug}|{alert.part}"
    return Evidence(alert.source, ".", alert.citations, alert.TABLE, row, alert.verified)
