"""What the medication list does to drugs and to enzymes. It adds; it never relaxes.

Two different things are told apart: effects of one drug on another drug's level (measured,
`drug_interactions`), and a drug's effect on an enzyme whose genotype is known (`phenoconversion`).
For the second, a changed activity score is computed only where a published method exists; for
the rest the report names the interaction and keeps the genetic phenotype.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import AdjustedPhenotype
from epilepsy_pgx.reference.conditions.base import Groups, members
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable
from epilepsy_pgx.reference.rows import (
    CuratedText,
    Drug,
    DrugInteraction,
    EnzymeModifier,
    PairToAvoid,
)
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.local import Remark, load_remarks
from epilepsy_pgx.response.rules import capped
from epilepsy_pgx.statement import (
    Evidence,
    Join,
    Message,
    Reason,
    ReasonKind,
    Statement,
    Subject,
    SubjectKind,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import EffectDirection, Origin, Response, Tier

_CHANGES = ("up", "down", "variable")
"""Effects on a level."""
PLANNED = "interaction-planned"
"""What is said behind an interaction of a drug that is planned."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One perpetrator's effect on one victim."""

    perpetrators: frozenset[str]
    """Drugs that must all be taken."""
    victim: str
    analyte: str
    effect: str
    size: str
    text_id: str
    tier: Tier
    evidence: Evidence
    first_id: str
    """The id under which the row was first released: what its statements are known by."""
    whole: bool = True
    """False if it is about a metabolite only."""
    remark: Remark | None = None
    """Why a hospital softened the row."""
    critical: bool = False
    """True if somebody must act today where all of the drugs are taken."""
    avoided: bool = False
    """True if a source contraindicates the drugs together, or asks to avoid that."""

    def not_together(self, facts: PatientFacts) -> bool:
        """Say whether drugs that are not to be taken together all are, or are planned."""
        return self.avoided and self.perpetrators | {self.victim} <= facts.current | facts.planned


@dataclass(frozen=True, slots=True)
class EnzymeEffect:
    """One drug's effect on one enzyme."""

    gene: str
    drug: str
    direction: EffectDirection
    strength: str
    factor: Decimal | None
    """Multiplier of the activity score, where a published method has one."""
    published: bool
    text_id: str


def load_interactions(ref: Reference, groups: Groups) -> tuple[Interaction, ...]:
    """Return the interactions, one per perpetrator (or fixed pair) and victim."""
    found: list[Interaction] = []
    measured = {row.drug: row.measured_as or row.drug for row in ref.rows(Drug)}
    remarks = load_remarks(ref)
    avoided = {row.interaction_id: frozenset(row.perpetrator) for row in ref.rows(PairToAvoid)}
    for row in ref.rows(DrugInteraction):
        word = "|".join(row.perpetrator)
        parties = (
            [frozenset(word.split("+"))]
            # `a+b` acts only when both are taken; a list or a group acts one by one.
            if "+" in word
            else [frozenset({d}) for d in sorted(members(row.perpetrator, groups))]
        )
        evidence = Evidence(
            row.source, ".", row.citations, row.TABLE, row.interaction_id, row.verified
        )
        victims = members(row.victim, groups)
        if not victims <= measured.keys():
            raise row.wrong("victim", "|".join(row.victim), "drugs or @groups of drugs.tsv")
        for victim in sorted(victims):
            found += [
                Interaction(
                    party,
                    victim,
                    row.analyte or measured[victim],
                    row.effect,
                    row.size or "",
                    row.text_id,
                    row.tier,
                    evidence,
                    row.first_id or row.interaction_id,
                    row.analyte is None,
                    remarks.get((row.TABLE, row.interaction_id)),
                    row.critical == "taking",
                    _is_avoided(avoided.get(row.interaction_id), party),
                )
                for party in parties
                if victim not in party
            ]
    return tuple(found)


def _is_avoided(named: frozenset[str] | None, party: frozenset[str]) -> bool:
    """Say whether a row is about drugs to avoid together; without names all of its drugs are."""
    return named is not None and (not named or party <= named)


class InteractionIndex:
    """Interactions by perpetrator and by victim."""

    def __init__(self, interactions: Sequence[Interaction]) -> None:
        self.interactions = tuple(interactions)
        self._by_drug: dict[str, list[Interaction]] = {}
        self._by_victim: dict[str, list[Interaction]] = {}
        for item in self.interactions:
            # All of them must be taken, so that looking under one of them finds the row, and once.
            self._by_drug.setdefault(min(item.perpetrators), []).append(item)
            self._by_victim.setdefault(item.victim, []).append(item)

    def active(self, facts: PatientFacts) -> dict[str, list[Interaction]]:
        """Return, by victim, the interactions whose perpetrators are all taken."""
        found: dict[str, list[Interaction]] = {}
        for drug in sorted(facts.current & self._by_drug.keys()):
            for item in self._by_drug[drug]:
                if item.perpetrators <= facts.current:
                    found.setdefault(item.victim, []).append(item)
        return found

    def lowering(self, facts: PatientFacts) -> dict[str, tuple[str, ...]]:
        """Return, by a drug that is taken, those taken that lower it by a checked row."""
        return self._lowering(facts, tuple(Tier))

    def removing(self, facts: PatientFacts) -> dict[str, tuple[str, ...]]:
        """Return the same of those rows that ask for action: little of the drug is left."""
        return self._lowering(facts, (Tier.ACT,))

    def _lowering(self, facts: PatientFacts, tiers: Collection[Tier]) -> dict[str, tuple[str, ...]]:
        found = {
            victim: sorted(
                {
                    drug
                    for item in items
                    if item.effect == "down"
                    and item.whole
                    and item.evidence.verified
                    and item.tier in tiers
                    for drug in item.perpetrators
                }
            )
            for victim, items in self.active(facts).items()
            if facts.takes(victim)
        }
        return {victim: tuple(drugs) for victim, drugs in found.items() if drugs}

    def changing(self, facts: PatientFacts) -> dict[str, dict[str, str]]:
        """Return, by a drug that is taken, those taken that change its level by a checked row."""
        found: dict[str, dict[str, str]] = {}
        for victim, items in self.active(facts).items():
            for item in items:
                if item.effect in _CHANGES and item.whole and item.evidence.verified:
                    # Of two rows that differ, neither tells the direction.
                    for drug in sorted(item.perpetrators):
                        known = found.setdefault(victim, {}).setdefault(drug, item.effect)
                        if known != item.effect:
                            found[victim][drug] = "variable"
        return found

    def if_started(self, facts: PatientFacts) -> dict[str, list[Interaction]]:
        """Return, by a drug that is not taken, what it would do to drugs that are.

        Of several perpetrators all others must be taken already.
        """
        found: dict[str, list[Interaction]] = {}
        for victim in sorted(facts.current & self._by_victim.keys()):
            for item in self._by_victim[victim]:
                new = item.perpetrators - facts.current
                # With two missing nobody proposes both; with none it is active already.
                if len(new) == 1:
                    found.setdefault(min(new), []).append(item)
        return found

    def spoken(self, facts: PatientFacts) -> frozenset[tuple[str, str]]:
        """Return the pairs of drugs of which a row about the drugs taken or planned speaks."""
        may_take = facts.current | facts.planned
        return frozenset(
            (drug, item.victim)
            for victim in may_take & self._by_victim.keys()
            for item in self._by_victim[victim]
            if item.perpetrators <= may_take
            for drug in item.perpetrators
        )

    def between_planned(self, facts: PatientFacts) -> dict[str, list[Interaction]]:
        """Return, by a drug that is planned, what needs a second planned drug to happen.

        It stands with each of them.
        """
        found: dict[str, list[Interaction]] = {}
        may_take = facts.current | facts.planned
        for victim in sorted(may_take & self._by_victim.keys()):
            for item in self._by_victim[victim]:
                new = (item.perpetrators | {victim}) & facts.planned
                if len(new) > 1 and item.perpetrators <= may_take:
                    for drug in sorted(new):
                        found.setdefault(drug, []).append(item)
        return found


def _drugs_reason(
    kind: ReasonKind, drugs: Iterable[str], join: Join = Join.COMMA
) -> Iterator[Reason]:
    """Yield drugs as a reason, if there are any."""
    names = tuple(drugs)
    if not names:
        return
    yield Reason(
        kind, Subject(SubjectKind.DRUG, names), (Value("drugs", names, ValueKind.DRUG, join),)
    )


def _causes(item: Interaction, facts: PatientFacts, started: str | None) -> tuple[Reason, ...]:
    """Return which drugs make an interaction matter: those taken, and those that are planned."""
    parties = tuple(sorted(item.perpetrators))
    planned = tuple(sorted((item.perpetrators | {item.victim}) & facts.planned))
    if started is not None:
        parties = (*sorted(item.perpetrators - {started}), item.victim)
    return (
        *_drugs_reason(
            ReasonKind.TAKING,
            (d for d in parties if d not in planned),
            Join.PLUS if started is None else Join.COMMA,
        ),
        *_drugs_reason(ReasonKind.PLANNED, planned),
    )


def interaction_statement(
    item: Interaction, facts: PatientFacts, sized: bool, started: str | None = None
) -> Statement:
    """Return the line of an interaction between drugs that are taken, or of which one may be.

    Where one of them is not taken the line is conditional: it matters if that drug is started.

    Parameters
    ----------
    sized
        True if the texts have words for the size of this row: they stand for the table's own.
    started
        The perpetrator that is not taken, whose line this is; None if all of them are, and the
        line is the victim's.
    """
    about = started or item.victim
    taken = started is None and facts.takes(item.victim)
    later = PLANNED if about in facts.planned else "interaction-if-started"
    # A row whose source nobody has read again informs, and asks for nothing.
    tier = item.tier if item.evidence.verified else capped(item.tier, Tier.CONTEXT)
    parties = tuple(sorted(item.perpetrators))
    amount = Value("size", (item.size,))
    if sized:
        amount = Value("size", (f"size-{item.evidence.row}",), ValueKind.TEXT)
    size = (Message("interaction-size", (amount,)),) if sized or item.size else ()
    remark = item.remark
    # Words about how to start the victim are moot if it is in use, whichever drug comes new.
    text_id = facts.form(item.text_id, item.victim)
    return Statement(
        statement_id=f"{item.first_id}:{'+'.join(parties)}:{item.victim}",
        text_id=text_id,
        tier=tier,
        # Beside a drug that nobody takes or plans it is no more than an effect to know of.
        response=Response.AVOID_TOGETHER if item.not_together(facts) else Response.INTERACTION,
        origin=Origin.INTERACTION,
        reasons=_causes(item, facts, started),
        evidence=(item.evidence,),
        values=(
            Value("perpetrator", parties, ValueKind.DRUG, Join.PLUS),
            Value("analyte", (item.analyte,), ValueKind.DRUG),
            Value("effect", (f"interaction-{item.effect.replace('_', '-')}",), ValueKind.TEXT),
            Value("size", messages=size),
            *(remark.values if remark else ()),
        ),
        drugs=(about,),
        further=(*(() if taken else (later,)), *((remark.text_id,) if remark else ())),
        conditional=not taken,
        urgent=item.critical and taken and item.evidence.verified,
    )


def opposing_statement(items: Sequence[Interaction], facts: PatientFacts) -> Statement | None:
    """Return the line for a drug that one co-medication raises and another lowers, or None."""
    by_effect = {
        # A metabolite going down while its parent goes up is one effect, not two that oppose.
        effect: sorted({d for i in items if i.effect == effect and i.whole for d in i.perpetrators})
        for effect in ("up", "down")
    }
    if not by_effect["up"] or not by_effect["down"]:
        return None
    victim = items[0].victim
    taken = facts.takes(victim)
    evidence = tuple(dict.fromkeys(i.evidence for i in items if i.effect in by_effect and i.whole))
    verified = all(e.verified for e in evidence)
    return Statement(
        statement_id=f"interaction-opposing:{victim}",
        text_id="interaction-opposing",
        tier=Tier.CONSIDER if taken and verified else Tier.CONTEXT,
        response=Response.INTERACTION,
        origin=Origin.INTERACTION,
        reasons=tuple(_drugs_reason(ReasonKind.TAKING, sorted(facts.current))),
        evidence=evidence,
        values=(
            Value("raising", tuple(by_effect["up"]), ValueKind.DRUG),
            Value("lowering", tuple(by_effect["down"]), ValueKind.DRUG),
        ),
        drugs=(victim,),
        conditional=not taken,
    )


def load_enzyme_effects(ref: Reference) -> tuple[EnzymeEffect, ...]:
    """Return the drugs that inhibit or induce an enzyme."""
    return tuple(
        EnzymeEffect(
            row.gene,
            row.drug,
            row.direction,
            row.strength,
            row.factor,
            row.status == "published",
            row.text_id,
        )
        for row in ref.rows(EnzymeModifier)
    )


def adjust_phenotypes(
    facts: PatientFacts, effects: Sequence[EnzymeEffect], tables: Mapping[str, PhenotypeTable]
) -> tuple[AdjustedPhenotype, ...]:
    """Return the genetic result and what the co-medication does to it, side by side.

    Enzymes whose gene was not assessed are left out: their interactions stand with the drugs.

    Inhibitor and inducer together cannot be predicted. An inducer alone never raises a
    phenotype. An inhibitor changes the activity score where a published factor exists;
    elsewhere the genetic phenotype is kept and the inhibitor named.
    """
    rows: list[AdjustedPhenotype] = []
    for gene in sorted({e.gene for e in effects}):
        active = [e for e in effects if e.gene == gene and facts.takes(e.drug)]
        candidates = facts.genes.get(gene)
        if not active or candidates is None or not candidates.assessed:
            continue
        genetic = Value("genetic", candidates.reported, ValueKind.PHENOTYPE, Join.OR)
        if not candidates.reported:
            genetic = Value("genetic", candidates.shown)
        directions = {e.direction for e in active}
        factors = [e.factor for e in active if e.factor is not None and e.published]
        if len(directions) > 1:
            adjusted = Message("adjusted-unpredictable")
        elif directions == {EffectDirection.INDUCER}:
            adjusted = Message("adjusted-induced")
        # Of several inhibitors the strongest counts: no method multiplies their factors.
        elif factors and candidates.scores and gene in tables and tables[gene].bands:
            words = {
                word
                for s in candidates.scores
                if (word := tables[gene].band_of_product(s * min(factors))) is not None
            }
            shown = Value("phenotypes", tuple(sorted(words)), ValueKind.PHENOTYPE, Join.OR)
            adjusted = Message("adjusted-unchanged")
            if min(factors) < 1:
                adjusted = Message("adjusted-score", (shown,))
        else:
            adjusted = Message("adjusted-inhibited")
        rows.append(AdjustedPhenotype(gene, genetic, adjusted, tuple(map(_acting, active))))
    return tuple(rows)


def _acting(effect: EnzymeEffect) -> Message:
    return Message(
        "adjusted-drug",
        (
            Value("drug", (effect.drug,), ValueKind.DRUG),
            Value("strength", (effect.strength,), ValueKind.STRENGTH),
            Value("direction", (f"direction-{effect.direction}",), ValueKind.TEXT),
        ),
    )


def rows_with_size(ref: Reference) -> frozenset[str]:
    """Return the interactions whose size the texts table puts into words."""
    return frozenset(
        row.id.removeprefix("size-") for row in ref.rows(CuratedText) if row.id.startswith("size-")
    )


def interaction_lines(
    items: Sequence[Interaction], facts: PatientFacts, sized: Container[str]
) -> list[Statement]:
    """Return the lines about one victim; if it is not taken, only those that matter.

    Parameters
    ----------
    sized
        Rows of which a source measured the size.
    """
    shown = [i for i in items if facts.takes(i.victim) or i.tier is not Tier.CONTEXT]
    lines = [interaction_statement(item, facts, item.evidence.row in sized) for item in shown]
    opposing = opposing_statement(items, facts)
    return [*lines, opposing] if opposing is not None else lines


def add_on_lines(
    index: InteractionIndex,
    active: Mapping[str, Sequence[Interaction]],
    facts: PatientFacts,
    sized: Container[str],
) -> dict[str, list[Statement]]:
    """Return, by drug that is not taken, what it and the drugs taken would do to each other.

    What the drugs taken do to it stands here if that is context only; the rest is said of
    every victim.
    """

    def line(item: Interaction, started: str | None = None) -> Statement:
        return interaction_statement(item, facts, item.evidence.row in sized, started)

    found: dict[str, list[Statement]] = {}
    for victim, items in active.items():
        if not facts.takes(victim):
            found[victim] = [line(item) for item in items if item.tier is Tier.CONTEXT]
    for drug, items in index.if_started(facts).items():
        found.setdefault(drug, []).extend(line(item, drug) for item in items)
    for drug, items in index.between_planned(facts).items():
        found.setdefault(drug, []).extend(
            line(item, None if drug == item.victim else drug) for item in items
        )
    return found
