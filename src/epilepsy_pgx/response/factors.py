"""Why the drugs failed: one row for each factor, whatever is known of it.

Signs of the tables speak for a factor, against it, or say what is not known. They rest on the
clinical entry and on statements that are made already, so that a factor never changes one. Only
what is entered, and dated, speaks against a factor; a normal result does not.
"""

from collections.abc import Iterable, Iterator, Sequence

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.conditions.base import Groups
from epilepsy_pgx.reference.conditions.kinds.finding import KIND as FINDING
from epilepsy_pgx.reference.conditions.kinds.finding import rests_on_pathogenic
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    CONDITIONS_BY_SIGN,
    SIGNS_BY_FACTOR,
    FactorCondition,
    FactorRow,
    FactorSign,
    GeneTherapy,
    RuleCondition,
)
from epilepsy_pgx.reference.rows.factors import ASKED_OF, MEDICINE, PAST, STATEMENT
from epilepsy_pgx.reference.texts import ANTISEIZURE, asked
from epilepsy_pgx.response.factor_answers import (
    LOWERED,
    NOT_LOW,
    OF_RANGE,
    UNREAD,
    WITHIN,
    Known,
    dose_lines,
    entered_values,
    gene_of,
    harming,
    is_dated,
    is_interaction,
    levels_agree,
    named_text,
    nothing_found,
    opposed,
    signs_now,
    statements_about,
    untried,
)
from epilepsy_pgx.response.factor_medicines import Found, Medicines
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.resistance import Trials
from epilepsy_pgx.response.rules import Rule, load_conditions
from epilepsy_pgx.statement import (
    Evidence,
    Factor,
    FactorPoint,
    Join,
    Message,
    Statement,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import FactorSide, FindingState, Origin, Outcome

_EXPLAINED = "context-explained"
_AGGRAVATION = "aggravation"
_SEVERAL, _TWO = "factor-do-several", 2
_SETTLED = FindingState.BENIGN_ONLY
_WAY = "drug_way"
"""The factor of which nothing speaks that would raise a drug which worsens the seizures."""
_OF_WHOM = ("age_years",)
"""Columns that say of whom a sign is asked, and nothing of what is known."""


class FactorTable:
    """The factors and their signs, ready to be asked about many patients.

    Parameters
    ----------
    ref
        The data package.
    groups
        Drugs of each group.
    rules
        The rules about drugs.
    """

    def __init__(self, ref: Reference, groups: Groups, rules: Iterable[Rule]) -> None:
        self._rows = sorted(ref.rows(FactorRow), key=lambda row: row.order)
        self._signs = ref.grouped(SIGNS_BY_FACTOR)
        self._conditions = ref.grouped(CONDITIONS_BY_SIGN)
        self._of_way = frozenset(s.sign_id for s in ref.rows(FactorSign) if s.factor == _WAY)
        self._raising = frozenset(s.sign_id for s in ref.rows(FactorSign) if s.raises)
        self._questions = {
            row.line: compile_condition(condition_of(row), groups)
            for row in ref.rows(FactorCondition)
            if row.kind not in ASKED_OF
        }
        self._effects = {rule.rule_id: rule.effect for rule in rules}
        self._classed = _classed(ref)
        self._antiseizure = groups.get(ANTISEIZURE, frozenset())
        self._groups = groups
        self._medicines = Medicines(ref, self._antiseizure)
        self._asked = asked(ref)

    def of(self, facts: PatientFacts, said: Interpretation, trials: Trials) -> tuple[Factor, ...]:
        """Return every factor of a patient in whom a drug fails; none for any other.

        Whoever has had no seizure for a year is no such patient, whatever failed before.

        Parameters
        ----------
        facts
            The patient.
        said
            Everything that is said of the patient otherwise.
        trials
            What the failed trials count for, and whether the seizures go on.
        """
        entry = facts.clinical
        # Where two entries exclude each other, the graver one is followed here.
        on = trials.outcome in (Outcome.ONGOING, Outcome.CONTRADICTED)
        ongoing = on and bool(entry.current)
        free = trials.free_months is not None
        if entry.affected is False or free or not (entry.failed or ongoing):
            return ()
        about = statements_about(facts, said)
        known = Known(
            facts, said, about, frozenset(self._worsening(about)), frozenset(harming(facts, about))
        )
        found = {row.factor: self._factor(row, known) for row in self._rows}
        # Of a drug that another row blames, the way to the brain asks for no more.
        blamed = facts.current.intersection(_blamed(f for k, f in found.items() if k != _WAY))
        known = replace(known, blamed=blamed)
        again = {row.factor: self._factor(row, known) for row in self._rows if row.factor == _WAY}
        return tuple((found | again if blamed else found).values())

    def _worsening(self, about: Sequence[Statement]) -> Iterator[str]:
        """Yield the drugs that may worsen the seizures, if nothing is open about it."""
        for said in about:
            effects = {self._effects.get(e.row) for e in said.evidence}
            if _AGGRAVATION in effects and not said.conditional:
                yield from said.drugs

    def _factor(self, row: FactorRow, known: Known) -> Factor:
        sides: dict[FactorSide, list[FactorPoint]] = {side: [] for side in FactorSide}
        to_do: dict[FactorSide, list[Message]] = {side: [] for side in FactorSide}
        evidence = [Evidence(row.source, ".", row.citations, row.TABLE, row.factor, row.verified)]
        for sign in sorted(self._signs.get(row.factor, ()), key=lambda sign: sign.order):
            points = tuple(self._points(sign, known))
            for side, point in points:
                sides[side].append(point)
                to_do[side].append(self._to_do(sign.text_action or row.text_action, point))
            # A page names the source of a sign only where it speaks.
            if points and sign.source is not None:
                made = Evidence(sign.source, ".", sign.citations, sign.TABLE, sign.sign_id, True)
                evidence.append(made)
        asks = to_do[FactorSide.FOR] or to_do[FactorSide.OPEN]
        return Factor(
            row.factor,
            Message(row.text_id),
            tuple(sides[FactorSide.FOR]),
            tuple(sides[FactorSide.AGAINST]),
            tuple(sides[FactorSide.OPEN]),
            _together(asks),
            row.last,
            tuple(evidence),
        )

    def _to_do(self, text_id: str, point: FactorPoint) -> Message:
        """Return what to do about a point, which names what the point names."""
        names = self._asked.get(text_id, frozenset())
        wanted = {name.lower() for name in names}
        return Message(text_id, tuple(v for v in point.said.values if v.name in wanted))

    def _points(self, sign: FactorSign, known: Known) -> Iterator[tuple[FactorSide, FactorPoint]]:
        """Yield what a sign says, and for which side it counts."""
        if sign.text_undated is None:
            if (point := self._point(sign, sign.text_id, known)) is not None:
                yield sign.side, point
            return
        # What speaks against a factor rules it out only if it is known of which day it is.
        if (point := self._point(sign, sign.text_id, known, dated=True)) is not None:
            yield sign.side, point
        if (point := self._point(sign, sign.text_undated, known, dated=False)) is not None:
            yield FactorSide.OPEN, point

    def _point(
        self, sign: FactorSign, text_id: str, known: Known, dated: bool | None = None
    ) -> FactorPoint | None:
        """Return what a sign says; None if one of its conditions is not met.

        Parameters
        ----------
        dated
            True or False to look only at what has a day, or has none.
        """
        met: list[Found] = []
        for row in self._conditions.get(sign.sign_id, ()):
            found = self._ask(row, known, dated)
            if found is None:
                return None
            met.append(found)
        if not met:
            return None
        said = [found.statements for found in met if found.statements]
        if len(said) > 1:
            # Statements of one sign are about one drug.
            shared = set.intersection(*({d for s in group for d in s.drugs} for group in said))
            if not shared:
                return None
            met = [
                replace(
                    found, statements=tuple(s for s in found.statements if shared & set(s.drugs))
                )
                for found in met
            ]
        statements = dict.fromkeys(s for found in met for s in found.statements)
        values = {v.name: v for found in met for v in found.values}
        named = [v.items for found in met for v in found.values if v.name == "drugs"]
        if len(named) > 1:
            # Conditions on medicines are met by one medicine together.
            same = tuple(name for name in named[0] if all(name in other for other in named))
            if not same:
                return None
            alike = Value("drugs", same, ValueKind.DRUG)
            values[alike.name] = alike
        drugs = tuple(dict.fromkeys(d for s in statements for d in s.drugs))
        if drugs:
            about = Value("drugs", drugs, ValueKind.DRUG)
            values.setdefault(about.name, about)
        day = known.facts.clinical.entry_date
        # A level has its own day.
        if dated and day and "field" in values:
            values["day"] = Value("day", (day,))
        return FactorPoint(
            Message(text_id, tuple(values.values())),
            tuple(s.statement_id for s in statements),
            next((found.column for found in met if found.column), ""),
        )

    def _ask(self, row: FactorCondition, known: Known, dated: bool | None) -> Found | None:
        found = self._answer(row, known, dated)
        spared = known.worsening if row.sign_id in self._of_way else frozenset()
        if row.sign_id in self._raising:
            spared |= known.harming
        return found if found is None or not spared else _without(found, spared)

    def _answer(self, row: FactorCondition, known: Known, dated: bool | None) -> Found | None:
        if row.kind == STATEMENT:
            return self._said(row, known, dated)
        if row.kind == MEDICINE:
            return self._medicines.ask(row, known.facts.clinical, dose_lines(known))
        entry = known.facts.clinical
        if self._questions[row.line](known.facts, "").truth is not Truth.YES:
            return None
        if row.subject[0] in _OF_WHOM:
            return Found()
        if dated is not None and dated != (entry.entry_date is not None):
            return None
        if row.operator == "other_than":
            # That a word is not there shows nothing that is entered.
            return Found()
        return Found(
            values=tuple(entered_values(row, known.facts, self._groups)),
            column=SUBJECTS[row.subject[0]].name if row.kind == "clinical" else "",
        )

    def _said(self, row: FactorCondition, known: Known, dated: bool | None) -> Found | None:
        """Ask for statements of some kind, or that there are none."""
        subject, wanted = row.subject[0], row.value
        if subject == "variant":
            return self._variants(row, known)
        if subject == "untried":
            return untried(wanted, known)
        if subject == "sign_now":
            return signs_now(wanted, known)
        found = tuple(s for s in known.statements if self._is(s, subject, wanted))
        if row.operator == "other_than":
            return None if found else Found()
        found = tuple(self._of_time(found, subject, wanted, known))
        if subject == "interaction":
            # What a drug was lowered to is measured: a level decides, not what was expected. One
            # within its range does so only if it is known to be of a time with the other drug.
            entry = known.facts.clinical
            measured = {
                d
                for s in known.statements
                if s.text_id in NOT_LOW and (s.text_id != WITHIN or is_dated(s, entry))
                for d in s.drugs
            }
            if tuple(wanted) == LOWERED:
                measured |= opposed(known.statements)
            found = tuple(
                s
                for s in found
                if not measured.issuperset(s.drugs) and not self._antiseizure.isdisjoint(s.drugs)
            )
        if dated is not None:
            found = tuple(s for s in found if dated == is_dated(s, known.facts.clinical))
        return Found(found) if found else None

    def _of_time(
        self, found: Sequence[Statement], subject: str, wanted: Sequence[str], known: Known
    ) -> Iterator[Statement]:
        """Yield the statements on drugs that are taken, or given up, as a sign asks for them."""
        past, taken = subject.endswith(PAST), known.facts.current
        for said in found:
            if subject.startswith("effect_of_") and past == bool(taken.intersection(said.drugs)):
                continue
            # A level that another one contradicts, or that gives no answer, speaks against nothing.
            if OF_RANGE.issuperset(wanted) and not levels_agree(said, known.statements):
                continue
            yield said

    def _is(self, said: Statement, subject: str, wanted: Sequence[str]) -> bool:
        match subject:
            case "text":
                return named_text(said) in wanted
            case "interaction":
                return is_interaction(said, wanted)
        # A statement is known by the effect of its rule, so that a new rule needs no new condition.
        effects_of_rows = {self._effects.get(e.row) for e in said.evidence}
        if effects_of_rows.isdisjoint(wanted):
            return False
        explained = said.text_id.startswith(_EXPLAINED)
        if subject == "explained":
            return explained
        entered = said.origin is Origin.CLINICAL
        return not explained and entered == subject.startswith("effect_of_entry")

    def _variants(self, row: FactorCondition, known: Known) -> Found | None:
        """Ask what the variants that were found are, or that none explains the seizures."""
        sure = tuple(s for s in known.said.monogenic if self._counts(s))
        # A row that holds by the syndrome, or because nobody read the gene, is no variant; one
        # that is classified as benign is settled.
        seen = {
            gene
            for gene, one in known.facts.findings.items()
            if any(found.findings and state is not _SETTLED for state, found in one.states)
        }
        possible = tuple(
            s for s in known.said.monogenic if not self._counts(s) and gene_of(s) in seen
        )
        if row.operator == "missing" or row.value == (UNREAD,):
            return None if sure or possible else nothing_found(row, known.facts)
        found = {"found": sure, "possible": possible}[row.value[0]]
        genes = tuple(dict.fromkeys(gene_of(s) for s in found))
        return Found(found, (Value("genes", genes),)) if found else None

    def _counts(self, said: Statement) -> bool:
        """Say whether a statement rests on a variant whose class counts as pathogenic."""
        return not said.conditional and any(e.row in self._classed for e in said.evidence)


def _blamed(factors: Iterable[Factor]) -> Iterator[str]:
    """Yield the drugs that something which speaks for a factor names."""
    for factor in factors:
        for point in factor.supports:
            yield from (d for v in point.said.values if v.kind is ValueKind.DRUG for d in v.items)


def _together(said: Sequence[Message]) -> Message | None:
    """Return several things to do as one; None if there is nothing to do."""
    once = tuple(dict.fromkeys(said))
    if len(once) < _TWO:
        return once[0] if once else None
    return Message(_SEVERAL, (Value("said", join=Join.SENTENCES, messages=once),))


def _without(found: Found, drugs: frozenset[str]) -> Found | None:
    """Return how a condition is met without some drugs; None if by no other."""
    statements = tuple(s for s in found.statements if not s.drugs or not drugs.issuperset(s.drugs))
    values = []
    for value in found.values:
        kept = tuple(item for item in value.items if item not in drugs)
        if value.kind is ValueKind.DRUG and value.items and not kept:
            return None
        values.append(replace(value, items=kept) if value.kind is ValueKind.DRUG else value)
    if found.statements and not statements:
        return None
    return replace(found, statements=statements, values=tuple(values))


def condition_of(row: FactorCondition) -> RuleCondition:
    """Return a condition on the patient as the rule tables write one."""
    return RuleCondition(
        row.line, row.sign_id, row.kind, row.subject, row.operator, row.value, "no"
    )


def _classed(ref: Reference) -> frozenset[str]:
    """Return the rows on findings that ask for a class that counts as pathogenic."""
    conditions = load_conditions(ref)
    return frozenset(
        row.therapy_id
        for row in ref.rows(GeneTherapy)
        if any(
            c.kind == FINDING.name and all(rests_on_pathogenic(FindingState(w)) for w in c.value)
            for c in conditions.get(row.therapy_id, ())
        )
    )
