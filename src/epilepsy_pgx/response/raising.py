"""What raises a drug: one that would be too much already, and one whose signs of it are there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.rows import LevelAlert
from epilepsy_pgx.response.factor_answers import HIGH
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.interactions import Interaction
from epilepsy_pgx.response.levels import TOXICITY, LevelAssessment
from epilepsy_pgx.response.rules import Fired
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
_VARIES = "variable"
"""Effects of interactions: a drug raises another, or may raise or lower it, or its free part."""
_RAISED = (f"interaction-{RAISES}",)
_DOSE = "dose"
"""Effect of rules on how much of a drug a genotype needs."""
_BY_LEVEL = "level-before-start"
_BY_SIGNS = "signs-before-start"
"""What is said of a drug that would raise another, by what shows that there is too much."""
_IF_VARIABLE = {_BY_LEVEL: "level-before-start-variable", _BY_SIGNS: "signs-before-start-variable"}
"""What is said of a drug that may raise the other."""
_CAUSES = {"raising": "toxicity-raised-by", "slow": "toxicity-slowed-by"}
"""What is said of the drugs that raise one, and of the genes that slow its breakdown."""


def too_high(levels: Iterable[LevelAssessment]) -> dict[str, LevelAssessment]:
    """Return the drugs one of whose levels is above every range, or reaches its alert limit."""
    return {
        one.drug: one
        for one in levels
        if one.alert is not None or one.verdict is LevelVerdict.ABOVE
    }


def raising_statements(
    if_started: Mapping[str, Sequence[Interaction]],
    high: Mapping[str, LevelAssessment],
    toxic: Collection[str] = (),
) -> dict[str, list[Statement]]:
    """Return, by drug that is not taken, that it would raise one that is too much already.

    It is a warning, so that nothing favours the drug meanwhile. A level of a metabolite counts as
    one of the drug.

    Parameters
    ----------
    if_started
        By drug that is not taken, its interactions with drugs that are.
    high
        Levels that are too high, by drug.
    toxic
        Drugs with signs now of too much of them; a level says more, where there is one.
    """
    return {
        drug: said
        for drug, items in if_started.items()
        if (said := list(_of(drug, items, high, toxic)))
    }


def with_signs(hits: Mapping[str, Iterable[Fired]]) -> frozenset[str]:
    """Return the drugs whose rule on signs of too much of them fired, for signs of now."""
    return frozenset(
        drug
        for drug, fired in hits.items()
        if any(hit.rule.effect == TOXICITY and hit.statement.urgent for hit in fired)
    )


def spared(facts: PatientFacts, levels: Iterable[Statement]) -> frozenset[str]:
    """Return the drugs of which no line of another drug asks for more, by the entry alone.

    They are to be stopped, are taken under signs that may be theirs, or have a level that is high.
    What a rule holds against a drug is known in its own line only, on which no other may hang.

    Parameters
    ----------
    facts
        The patient.
    levels
        What levels say.
    """
    high = (drug for said in levels if said.text_id in HIGH for drug in said.drugs)
    # Signs may be of any drug, whichever they are laid to.
    signs = facts.current.union(facts.reactions) if facts.signs else ()
    return facts.stopping.union(high, signs)


def without_more(
    statements: Iterable[Statement], drugs: Collection[str], forms: Mapping[str, str]
) -> list[Statement]:
    """Return statements in the words that ask for no more of some drugs.

    Parameters
    ----------
    statements
        Any, of rules or interactions.
    drugs
        Those of which nobody asks for more.
    forms
        What is said then, by text.
    """
    return [
        replace(said, text_id=forms[said.text_id])
        if said.text_id in forms and victim_of(said) in drugs
        else said
        for said in statements
    ]


def victim_of(said: Statement) -> str:
    """Return the drug that a statement is about; of an interaction, the one acted on."""
    return said.statement_id.rpartition(":")[2]


def beside(
    met: Mapping[str, Sequence[Statement]], more: Mapping[str, Sequence[Statement]]
) -> dict[str, list[Statement]]:
    """Return statements by drug, joined."""
    return {drug: [*met.get(drug, ()), *more.get(drug, ())] for drug in met.keys() | more.keys()}


def _of(
    drug: str,
    items: Sequence[Interaction],
    high: Mapping[str, LevelAssessment],
    toxic: Collection[str],
) -> Iterator[Statement]:
    raised: dict[str, list[Interaction]] = {}
    for item in items:
        known = item.victim in high or item.victim in toxic
        if item.effect in (RAISES, _VARIES) and known:
            raised.setdefault(item.victim, []).append(item)
    for victim, found in raised.items():
        level = high.get(victim)
        alert = None if level is None else level.alert
        limit = () if alert is None else (_alert_evidence(alert),)
        said = _BY_SIGNS if level is None else _BY_LEVEL
        varies = all(item.effect == _VARIES for item in found)
        # A row that nobody checked warns too, but asks for nothing.
        checked = any(item.evidence.verified for item in found)
        yield Statement(
            statement_id=f"{said}:{drug}:{victim}",
            text_id=_IF_VARIABLE[said] if varies else said,
            tier=Tier.CONSIDER if checked else Tier.CONTEXT,
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


def with_causes(
    hits: Sequence[Fired], said: Sequence[Statement], interactions: Iterable[Statement]
) -> list[Statement]:
    """Name what raises a drug in what is said of signs of too much of it.

    Parameters
    ----------
    hits, said
        The rules that fired about the drug, and what they say.
    interactions
        What the drugs taken do to it.
    """
    if all(hit.rule.effect != TOXICITY for hit in hits):
        return list(said)
    found = [
        Value("raising", tuple(sorted(_raising(interactions))), ValueKind.DRUG),
        Value("slow", tuple(sorted(_slowing(hits)))),
    ]
    causes = tuple(value for value in found if value.items)
    told = tuple(_CAUSES[value.name] for value in causes)
    return [
        replace(s, values=(*s.values, *causes), further=(*s.further, *told))
        if hit.rule.effect == TOXICITY
        else s
        for hit, s in zip(hits, said, strict=True)
    ]


def _raising(interactions: Iterable[Statement]) -> set[str]:
    """Return the drugs taken that raise the drug; a row that nobody checked is a cause too."""
    return {
        name
        for s in interactions
        if not s.conditional
        for values in [{v.name: v.items for v in s.values}]
        if values.get("effect") == _RAISED
        for name in values["perpetrator"]
    }


def _slowing(hits: Iterable[Fired]) -> set[str]:
    """Return the genes whose certain result asks for less of the drug."""
    return {
        name
        for hit in hits
        if hit.rule.effect == _DOSE
        and hit.rule.origin is Origin.GENOTYPE
        and hit.statement.tier is not Tier.NONE
        and not hit.statement.conditional
        for reason in hit.statement.reasons
        if reason.subject.kind is SubjectKind.GENE
        for name in reason.subject.names
    }
