"""The rule tables, compiled once: what may be said, when, and on whose word.

Four tables share one condition table: `drug_rules` (statements about a drug), `gene_therapy`
(statements about a finding), `drug_safety` (label and regulatory facts) and `clinical_context`
(referral, drug resistance, what is not covered).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.conditions.base import SELF, Condition, Groups, members, read_groups
from epilepsy_pgx.reference.conditions.kinds.course import begun_later
from epilepsy_pgx.reference.conditions.registry import KINDS, compile_condition, triggers_of
from epilepsy_pgx.reference.conditions.verdict import Truth, Verdict, all_of
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    CONDITIONS_BY_RULE,
    ClinicalContext,
    Drug,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    RuleCondition,
    RuleRow,
    SideBySide,
)
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.forms import SIGNS_NOW
from epilepsy_pgx.response.graft import beside_graft
from epilepsy_pgx.response.local import Remark
from epilepsy_pgx.response.ordering import SEVERITY, TIERS
from epilepsy_pgx.statement import Evidence, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import Exposure, Origin, Response, Tier, Transplant

WARNINGS = frozenset(
    {
        Response.CONTRAINDICATED,
        Response.AVOID,
        Response.AVOID_MAINTENANCE,
        Response.AVOID_TOGETHER,
        Response.CAUTION,
    }
)

_HOLDS_FOR_FORMS = WARNINGS | {Response.ADJUST_DOSE, Response.CONSIDER_ALTERNATIVE}
"""What is said of a drug and holds for one that is turned into it; a benefit needs its own row."""
_BENEFITS = (Response.MAY_FAVOUR, Response.STANDARD)
"""What no class supports that a later one contradicts."""
_SKIN = "skin"
_REACTIVE = ("skin", "liver", "ammonia")
"""Kinds of harm after whose signs a drug is stopped at once."""
SIGNS_IF_TAKEN = "action-signs-if-taken"
"""The same where nobody knows whether the drug is taken."""

_ACTION_COLUMN = {
    Exposure.NAIVE: "text_naive",
    Exposure.STOPPED: "text_naive",
    Exposure.TAKING_EARLY: "text_taking",
    Exposure.TAKING_UNKNOWN: "text_taking",
    Exposure.TAKING_TOLERATED: "text_taking",
    Exposure.REACTION: "text_reaction",
}


_NOBODY = PatientFacts({}, {}, {}, ClinicalEntry(), frozenset(), {})
"""A patient of whom nothing is known."""


def capped(tier: Tier, limit: Tier) -> Tier:
    """Return the weaker of two tiers."""
    # `Tier` runs from the strongest to the weakest.
    return max(tier, limit, key=TIERS.index)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule table with its conditions."""

    rule_id: str
    first_id: str
    """The id under which the rule was first released: what its statements are known by."""
    subject: str
    """The drug, or the gene or section for tables that are not about drugs."""
    about_drug: bool
    priority: int
    origin: Origin
    tier: Tier
    response: Response
    text_id: str
    actions: Mapping[str, str | None]
    """What to do, by column: text ids for not started, taking, and reaction."""
    critical: str
    """`no`, `taking` (urgent if the drug is taken or the list unknown) or `always`."""
    effect: str
    """What kind of harm or help it is about."""
    explains: tuple[str, ...]
    """Reasons of failure that the rule may explain."""
    values: tuple[Value, ...]
    """Placeholders of the text that the row itself fills."""
    evidence: Evidence
    conditions: tuple[Condition, ...]
    kinds: tuple[tuple[str, str, str, str], ...]
    """(kind, subject, operator, value) of each condition, for explanations and checks."""
    remark: str | None = None
    """What is said of the row behind the action: that a hospital softened it, and why."""
    form_of: str | None = None
    """The drug that the row names, where the subject is turned into it in the body."""
    enzymes: tuple[str, ...] = ()
    """Drug-metabolising enzymes whose genotype the rule asks for."""
    topic: str | None = None
    """The question that guidelines answer differently, for rules that are read side by side."""
    triggers: frozenset[str] = frozenset()
    """Keys of which a patient must have one for the rule to apply; empty if any patient may."""

    @property
    def answers_sign(self) -> bool:
        """True if signs laid to the drug itself make the rule fire: its own words answer them."""
        return any(kind == "reaction" and subject == SELF for kind, subject, *_ in self.kinds)

    @property
    def fixed(self) -> bool:
        """True if the rule says the same of every patient, whatever is known of them."""
        return not (self.conditions or self.critical == "taking" or any(self.actions.values()))


def _evidence(row: RuleRow) -> Evidence:
    level = None if isinstance(row, DrugSafety) else row.level
    return Evidence(
        source=row.source,
        level=level or ".",
        citations=row.citations,
        table=row.TABLE,
        row=row.key,
        verified=row.verified,
    )


def load_active_forms(ref: Reference) -> dict[str, frozenset[str]]:
    """Return, by drug, those that are turned into it in the body."""
    found: dict[str, set[str]] = {}
    for row in ref.rows(Drug):
        if row.measured_as:
            found.setdefault(row.measured_as, set()).add(row.drug)
    return {drug: frozenset(forms) for drug, forms in found.items()}


def load_topics(ref: Reference) -> dict[str, str]:
    """Return the question of each rule that is read beside others."""
    return {row.rule_id: row.topic for row in ref.rows(SideBySide)}


def load_groups(ref: Reference) -> dict[str, frozenset[str]]:
    """Return the drugs of each group of the drugs table."""
    return read_groups(ref.rows(Drug))


def load_conditions(ref: Reference) -> Mapping[str, tuple[RuleCondition, ...]]:
    """Return the condition rows of each rule."""
    return ref.grouped(CONDITIONS_BY_RULE)


def load_rules(
    rows: Iterable[RuleRow],
    conditions: Mapping[str, tuple[RuleCondition, ...]],
    groups: Groups,
    remarks: Mapping[tuple[str, str], Remark] = MappingProxyType({}),
    *,
    active: Mapping[str, frozenset[str]] = MappingProxyType({}),
    topics: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Rule, ...]:
    """Compile the rows of a rule table; one about several drugs becomes a rule for each.

    Parameters
    ----------
    rows
        The rows of one of the four tables.
    conditions
        The conditions of each rule.
    groups
        Members of the drug groups, for `@group` words.
    remarks
        Why a hospital softened a row, by table and key.
    active
        By drug, those that are turned into it: what a row warns of holds for them too.
    topics
        The question of each rule that is read beside others.

    Raises
    ------
    TableError
        If a word of the table is unknown to the method.
    """
    rules: list[Rule] = []
    for row in rows:
        rule = _compile(row, conditions.get(row.key, ()), groups)
        remark = remarks.get((row.TABLE, row.key))
        if remark is not None:
            rule = replace(rule, remark=remark.text_id, values=(*rule.values, *remark.values))
        rule = replace(rule, topic=topics.get(row.key))
        subjects: dict[str, str | None] = dict.fromkeys(_subjects(row, groups))
        if isinstance(row, DrugRule) and row.response in _HOLDS_FOR_FORMS:
            for name in sorted(subjects):
                for form in active.get(name, ()):
                    subjects.setdefault(form, name)
        # A row about a group becomes a rule for each drug, in a fixed order.
        for name, of in sorted(subjects.items()):
            rules.append(replace(rule, subject=name, form_of=of))
    return tuple(rules)


def _subjects(row: RuleRow, groups: Groups) -> frozenset[str]:
    """Return what a row is about: drugs, a gene, or a section of the clinical context."""
    match row:
        case DrugRule() | DrugSafety():
            return members(row.drug, groups)
        case GeneTherapy():
            return frozenset({row.gene})
        case ClinicalContext():
            return frozenset({row.section})


def _compile(row: RuleRow, conditions: Sequence[RuleCondition], groups: Groups) -> Rule:
    """Return the rule of a row, without a subject. What a table has no column for is the least."""
    rule = Rule(
        rule_id=row.key,
        first_id=row.first_id or row.key,
        subject="",
        about_drug=isinstance(row, DrugRule | DrugSafety),
        priority=0 if isinstance(row, DrugSafety) else row.priority,
        origin=Origin.GENOTYPE if isinstance(row, DrugSafety) else row.origin,
        tier=row.tier,
        response=row.response,
        text_id=row.text_id,
        actions={},
        critical=row.critical,
        effect="information",
        explains=(),
        values=(),
        evidence=_evidence(row),
        conditions=tuple(compile_condition(c, groups) for c in conditions),
        kinds=tuple((c.kind, c.about, c.operator, c.compared or ".") for c in conditions),
        triggers=triggers_of(conditions, groups),
    )
    if not isinstance(row, DrugRule):
        return rule
    return replace(
        rule,
        actions={
            "text_naive": row.text_naive,
            "text_taking": row.text_taking,
            "text_reaction": row.text_reaction,
        },
        effect=row.effect,
        explains=row.explains,
        values=_values(row),
    )


def _values(row: DrugRule) -> tuple[Value, ...]:
    """Return the placeholders of a rule's text that its own row fills."""
    percent = row.percent_of_standard_dose
    return () if percent is None else (Value("percent_of_standard_dose", (str(percent),)),)


def assess(rule: Rule, facts: PatientFacts) -> Verdict:
    """Say whether all conditions of a rule hold."""
    return all_of(condition(facts, rule.subject) for condition in rule.conditions)


def is_urgent(rule: Rule, facts: PatientFacts) -> bool:
    """Say whether a rule that fired needs a telephone call.

    A medication list that was not given, or a name on it that the tables only guess, does not
    excuse silence: the drug may be in use.
    """
    if rule.critical == "always":
        return True
    drug = rule.subject
    return rule.critical == "taking" and (
        facts.takes(drug) or facts.may_take(drug) or not facts.list_given
    )


def _genetic(rule: Rule) -> bool:
    """Say whether a rule asks about star alleles."""
    return any(KINDS[kind].genotypic for kind, *_ in rule.kinds)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that applies, and what it says."""

    rule: Rule
    statement: Statement
    open_ended: bool
    """True if the data leave so much possible that the statement never leads a drug's line."""


def fire(rule: Rule, facts: PatientFacts) -> Fired | None:
    """Return what a rule says about this patient, or None if it does not apply.

    A remark on star alleles that asks for nothing is left out while it is only possible. What
    rests on a class that is not the laboratory's own is context, and urgent only for a drug that
    is known to be taken.
    """
    verdict = assess(rule, facts)
    if not verdict:
        return None
    if verdict.disputed and rule.response in _BENEFITS:
        return None
    if verdict.truth is Truth.MAYBE and rule.response is Response.NO_RULE and _genetic(rule):
        return None
    return say(rule, facts, verdict)


def say(rule: Rule, facts: PatientFacts, verdict: Verdict) -> Fired:
    """Return what a rule says about a patient for whom it holds, or may hold."""
    tier = rule.tier
    # Somebody else's class informs; only the laboratory's own one asks for action.
    if verdict.unconfirmed:
        tier = capped(tier, Tier.CONTEXT)
    # A row that nobody has checked against its source never asks for action.
    if not rule.evidence.verified:
        tier = capped(tier, Tier.CONTEXT)
    action = _action(rule, facts, facts.exposure(rule.subject))
    text_id, response = facts.form(rule.text_id, rule.subject), rule.response
    if action in (SIGNS_NOW, SIGNS_IF_TAKEN):
        # No verdict that lets a drug go on stands above words that stop it.
        response = min(response, Response.AVOID, key=SEVERITY.__getitem__)
    urgent = is_urgent(rule, facts) or _answers_now(action, rule, facts)
    if verdict.unconfirmed:
        urgent = urgent and (facts.takes(rule.subject) or facts.may_take(rule.subject))
    further = _further(rule, facts, action, urgent=urgent)
    values = (*rule.values, *begun_later(rule.kinds, facts.clinical, rule.subject))
    if rule.form_of is not None:
        further = ("as-its-active-form", *further)
        values = (*values, Value("form_of", (rule.form_of,), ValueKind.DRUG))
    possible = verdict.truth is Truth.MAYBE or (verdict.disputed and not rule.about_drug)
    statement = Statement(
        statement_id=f"{rule.first_id}:{rule.subject}",
        text_id=text_id,
        tier=tier,
        response=response,
        origin=rule.origin,
        reasons=verdict.because,
        evidence=(rule.evidence,),
        values=values,
        drugs=(rule.subject,) if rule.about_drug else (),
        action_id=action,
        further=further if rule.remark is None else (*further, rule.remark),
        conditional=possible,
        hedged=possible,
        urgent=urgent,
        resolve=verdict.resolve,
    )
    if rule.enzymes and facts.clinical.transplant is Transplant.LIVER:
        statement = beside_graft(statement, rule.enzymes)
    return Fired(rule, statement, verdict.open_ended)


def _answers_now(action: str | None, rule: Rule, facts: PatientFacts) -> bool:
    """Say whether an action answers signs that the patient has now, of a drug that may be taken."""
    if action in (SIGNS_NOW, SIGNS_IF_TAKEN):
        return True
    drug = rule.subject
    in_use = facts.takes(drug) or facts.may_take(drug) or not facts.list_given
    return in_use and action in facts.forms.answers


Within = tuple[frozenset[int], ...]
"""By table, the places of some rules."""


Fires = Callable[[int, PatientFacts], Iterable[Fired]]
"""What the rules of a table, by its number, say about a patient."""


class RuleIndex:
    """Rules by trigger, so that a patient meets only those that can apply."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.fixed = {
            i: say(rule, _NOBODY, assess(rule, _NOBODY))
            for i, rule in enumerate(self.rules)
            if rule.fixed
        }
        """What some of the rules say of every patient, by their place in the table."""
        self._always = tuple(i for i, r in enumerate(self.rules) if not r.triggers)
        self._by_key: dict[str, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for key in rule.triggers:
                self._by_key.setdefault(key, []).append(index)
        self._keys = frozenset(self._by_key)

    def fire(self, facts: PatientFacts, within: frozenset[int] | None = None) -> Iterator[Fired]:
        """Yield what the rules say about a patient, in table order; of all, or of some places."""
        found = set(self._always)
        for key in facts.keys & self._keys:
            found.update(self._by_key[key])
        if within is not None:
            found &= within
        # Table order, so that the order of a set never shows in a report.
        for i in sorted(found):
            hit = self.fixed.get(i) or fire(self.rules[i], facts)
            if hit is not None:
                yield hit

    def fire_one(self, place: int, facts: PatientFacts) -> Fired | None:
        """Return what the rule at a place says about a patient, or None if it does not apply."""
        rule = self.rules[place]
        if rule.triggers and rule.triggers.isdisjoint(facts.keys):
            return None
        return self.fixed.get(place) or fire(rule, facts)

    def fire_some(self, places: Iterable[int], facts: PatientFacts) -> Iterator[Fired]:
        """Yield what the rules at some places say about a patient, in their order."""
        rules, fixed, keys = self.rules, self.fixed, facts.keys
        for place in places:
            rule = rules[place]
            if rule.triggers and rule.triggers.isdisjoint(keys):
                continue
            hit = fixed.get(place) or fire(rule, facts)
            if hit is not None:
                yield hit


def _action(rule: Rule, facts: PatientFacts, exposure: Exposure) -> str | None:
    """Return the text that says what to do, in its form for the patient."""
    action, drug = row_action(rule, facts, exposure), rule.subject
    if action is None:
        return None
    said = facts.form(action, drug)
    if said != action and said == SIGNS_NOW and not facts.takes(drug):
        return SIGNS_IF_TAKEN
    return said


def row_action(rule: Rule, facts: PatientFacts, exposure: Exposure) -> str | None:
    """Return the text of the row: for not started, taking, or a reaction."""
    drug = rule.subject
    # Only reactions of the skin have a window that a tolerated drug has passed.
    passed = rule.effect == _SKIN and exposure is Exposure.TAKING_TOLERATED
    reacting = drug in facts.stopping or (facts.reacts(drug, rule.effect) and not passed)
    asks = rule.effect in _REACTIVE and any(rule.actions.values())
    # A rule that answers signs tells by itself whether they mean to stop or to see a doctor.
    if asks and not rule.answers_sign:
        if reacting:
            return SIGNS_NOW
        if facts.may_react(drug, rule.effect):
            return SIGNS_IF_TAKEN
    column = _ACTION_COLUMN[exposure]
    if rule.effect == _SKIN and facts.rash_while_taking(drug):
        column = "text_reaction"
    action = rule.actions.get(column)
    # After a reaction the drug must not be started again: what holds before a start holds.
    if exposure is Exposure.REACTION and action is None and rule.response in WARNINGS:
        action = rule.actions.get("text_naive")
    return action


def _further(
    rule: Rule, facts: PatientFacts, action: str | None, *, urgent: bool
) -> tuple[str, ...]:
    """Return what is said behind the action of a drug of which nobody knows if it is taken."""
    drug = rule.subject
    if facts.takes(drug):
        return ()
    if facts.list_given:
        asked = action if facts.may_take(drug) else None
        return ("action-list-unclear",) if asked or urgent and rule.critical == "taking" else ()
    if action == SIGNS_IF_TAKEN and not rule.answers_sign:
        naive = rule.actions.get("text_naive")
        return (*filter(None, [naive]), "action-list-not-given")
    return ("action-list-not-given",) if urgent and rule.critical == "taking" else ()


def set_side_by_side(hits: Sequence[Fired]) -> list[Statement]:
    """Return what rules say about one drug, with a mark where guidelines answer one question.

    Whoever reads one of them then reads the others.
    """
    sources: dict[str, set[str]] = {}
    for hit in hits:
        if hit.rule.topic is not None:
            sources.setdefault(hit.rule.topic, set()).add(hit.rule.evidence.source)
    return [
        replace(hit.statement, beside=hit.rule.topic)
        if hit.rule.topic is not None and len(sources[hit.rule.topic]) > 1
        else hit.statement
        for hit in hits
    ]
