"""From gene results and a clinical entry to what a report may say, drug by drug."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import (
    ClinicalEntry,
    ContextSection,
    DrugPrediction,
    GeneCoverage,
    GeneResult,
    Interpretation,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import load_all_phenotypes
from epilepsy_pgx.reference.rows import (
    ClinicalContext,
    Drug,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    RuleRow,
    Sign,
)
from epilepsy_pgx.response.actions import load_actions
from epilepsy_pgx.response.deciding import (
    GeneAssessment,
    assess_deciding,
    load_deciding,
    missing_statements,
)
from epilepsy_pgx.response.dose_maxima import DoseMaxima
from epilepsy_pgx.response.equivalents import load_equivalents
from epilepsy_pgx.response.exposure import ExposureTable
from epilepsy_pgx.response.factors import FactorTable
from epilepsy_pgx.response.facts import FactTables, PatientFacts, gather_facts
from epilepsy_pgx.response.forms import load_forms
from epilepsy_pgx.response.graft import enzymes_asked, load_enzymes
from epilepsy_pgx.response.hearing import CONTEXT, RULES, SAFETY, THERAPY, Heard, Hearing
from epilepsy_pgx.response.interactions import (
    InteractionIndex,
    add_on_lines,
    adjust_phenotypes,
    interaction_lines,
    load_enzyme_effects,
    load_interactions,
    rows_with_size,
)
from epilepsy_pgx.response.level_speaker import LevelSpeaker
from epilepsy_pgx.response.levels import LevelTables, low_trials
from epilepsy_pgx.response.local import first_labels, load_formulary, load_remarks, put_first
from epilepsy_pgx.response.monogenic import load_cis_haplotypes
from epilepsy_pgx.response.ordering import load_haste, merge_repeats, order, order_urgent
from epilepsy_pgx.response.outcomes import outcome_statement
from epilepsy_pgx.response.partners import raise_partners
from epilepsy_pgx.response.prediction import Predictions
from epilepsy_pgx.response.prediction_model import load_models
from epilepsy_pgx.response.raising import beside, spared, with_causes, with_signs
from epilepsy_pgx.response.remembering import RuleMemory
from epilepsy_pgx.response.resistance import (
    Trials,
    count_trials,
    explain_failures,
    load_trial_tables,
)
from epilepsy_pgx.response.resistance_line import resistance_statement
from epilepsy_pgx.response.rules import (
    Fired,
    Fires,
    Rule,
    RuleIndex,
    load_active_forms,
    load_conditions,
    load_groups,
    load_rules,
    load_topics,
    set_side_by_side,
)
from epilepsy_pgx.response.settle import Held, Lines, forbids
from epilepsy_pgx.response.stopping import may_stop, must_stop
from epilepsy_pgx.response.synthesis import (
    DrugInfo,
    Situation,
    Spoken,
    make_line,
    nothing_line,
    predict_drug,
    proposes,
    situation_of,
)
from epilepsy_pgx.response.unchecked import Unchecked
from epilepsy_pgx.response.uncompared import Uncompared
from epilepsy_pgx.response.unjudged import Unjudged
from epilepsy_pgx.sharing import OfParts
from epilepsy_pgx.statement import Evidence, Statement
from epilepsy_pgx.vocabulary import Exposure, Origin

SECTIONS = (
    "levels",
    "situations",
    "drug-resistance",
    "pseudoresistance",
    "referral",
    "prediction",
    "regulatory",
    "not-covered",
)
"""Sections of the clinical context, in the order of the report."""
_GENETIC = (Origin.GENOTYPE, Origin.TYPING)
_QUIET_LINES = 4096
"""Lines of quiet drugs, and lines about missing results, that an engine keeps."""
_LOUD_LINES = 2048
"""Lines of other drugs, settled and not, that an engine keeps at least."""
_REGIMENS = 1024
"""Lists of drugs of which an engine keeps the interactions."""
_Said = Mapping[str, Sequence[Statement]]
_ILAE = "context-resistance-definition"
_OWN_TABLES = "tables of this software"


def _asked_by_finding(tables: Iterable[RuleIndex]) -> tuple[str, ...]:
    kinds = (kind for table in tables for rule in table.rules for kind in rule.kinds)
    return tuple(sorted({subject for kind, subject, *_ in kinds if kind == "finding"}))


class ResponseEngine:
    """The rule tables, ready to be asked about many patients.

    Parameters
    ----------
    ref
        The data package.

    Raises
    ------
    TableError
        If a rule table uses a word, text or number that the method does not know.
    """

    def __init__(self, ref: Reference) -> None:
        self.groups = load_groups(ref)
        self._remarks = load_remarks(ref)
        self._formulary = load_formulary(ref)
        self._first_labels = first_labels(ref)
        self.drugs = tuple(
            DrugInfo(row.drug, row.drug_class, row.groups)
            for row in ref.rows(Drug)
            if row.kind == "antiseizure"
        )
        # Rules on other medicines are kept out: a report has lines of anti-seizure drugs only.
        self._names = frozenset(info.drug for info in self.drugs)
        rules = self._rules(ref, DrugRule)
        self.rules = RuleIndex([rule for rule in rules if rule.subject in self._names])
        self.safety = RuleIndex(self._rules(ref, DrugSafety))
        self.therapy = RuleIndex(self._rules(ref, GeneTherapy))
        self.context = RuleIndex(self._rules(ref, ClinicalContext))
        self.forms = load_forms(ref)
        self._stop_rules = tuple(r for r in self.rules.rules if may_stop(r, self.forms))
        self._effects = {row.sign: frozenset(row.effects) for row in ref.rows(Sign)}
        self._equivalents = load_equivalents(ref)
        self.actions = load_actions(ref, self.groups)
        self._haste = load_haste(ref)
        self.deciding = load_deciding(ref, self.groups)
        self.interactions = InteractionIndex(load_interactions(ref, self.groups))
        self._sized = rows_with_size(ref)
        self.enzyme_effects = load_enzyme_effects(ref)
        self.levels = LevelTables(ref)
        self.doses = DoseMaxima(ref)
        self._uncompared = Uncompared(rules)
        self.by_level = LevelSpeaker(self.levels, self.interactions, self._names, self.doses)
        self._trials = load_trial_tables(ref, self.groups, self._names, self.levels)
        self._exposure = ExposureTable(ref)
        self._factors = FactorTable(ref, self.groups, rules)
        self._unchecked = Unchecked(
            ref,
            {d for i in self.interactions.interactions for d in (*i.perpetrators, i.victim)}
            | {effect.drug for effect in self.enzyme_effects},
        )
        of_drugs = (*self.rules.rules, *self.safety.rules)
        self._unjudged = Unjudged(ref, self.groups, of_drugs, self.context.rules)
        self.tables_of_genes = load_all_phenotypes(ref)
        self.haplotypes = load_cis_haplotypes(ref)
        models = tuple(load_models(ref).values())
        self._predictions = Predictions(models)
        self.predicted = frozenset(model.row.gene for model in models)
        """Genes of which a model says something."""
        # Only genes that some rule asks for by finding are summed up: the list follows the tables.
        self.monogenic = _asked_by_finding(self.tables)
        ruled = {rule.subject for rule in rules if rule.origin in _GENETIC}
        self._nothing = {
            info.drug: nothing_line(info, info.drug in ruled, _OWN_TABLES) for info in self.drugs
        }
        self._memory = RuleMemory(self.tables)
        self._heard: dict[tuple[Hashable, ...], tuple[_Said, _Said]] = {}
        self._fixed_notes = tuple(self.safety.fixed.values())
        self._lines = OfParts(_LOUD_LINES)
        self._quiet_line = lru_cache(maxsize=_QUIET_LINES)(self._make_quiet_line)
        self._resistance_line = lru_cache(maxsize=_REGIMENS)(resistance_statement)
        self._missing = lru_cache(maxsize=_QUIET_LINES)(self._make_missing)

    def _rules(self, ref: Reference, record: type[RuleRow]) -> tuple[Rule, ...]:
        rules = load_rules(
            ref.rows(record),
            load_conditions(ref),
            self.groups,
            self._remarks,
            active=load_active_forms(ref),
            topics=load_topics(ref),
        )
        enzymes = load_enzymes(ref)
        return tuple(replace(r, enzymes=enzymes_asked(r.kinds, enzymes)) for r in rules)

    @property
    def tables(self) -> tuple[RuleIndex, ...]:
        """The four rule tables."""
        return self.rules, self.safety, self.therapy, self.context

    def interpret(
        self,
        genes: Mapping[str, GeneResult],
        findings: Sequence[VariantFinding],
        coverage: Mapping[str, GeneCoverage],
        clinical: ClinicalEntry,
    ) -> Interpretation:
        """Return everything the response stage says about one patient.

        Parameters
        ----------
        genes
            Gene results by symbol; a gene that is not there was not assessed.
        findings
            Rare variants of the patient.
        coverage
            How far each gene that is read for rare variants could be assessed.
        clinical
            The clinical entry; may be empty.
        """
        return self.interpret_facts(self.facts(genes, findings, coverage, clinical))

    def interpret_facts(self, facts: PatientFacts) -> Interpretation:
        """Return everything the response stage says about a patient whose facts are known."""
        fires = self._memory.of(facts)
        heard = self.hear(facts, fires)
        facts, fired = heard.facts, heard.fired
        lines = self.lines(self.drugs, heard)
        monogenic = [lines.beside_group(hit.statement) for hit in fires(THERAPY, facts)]
        own = {
            "levels": [lines.beside(said, said.drugs[0]) for said in self.by_level.listed(facts)],
            "drug-resistance": [
                *self._resistance(heard),
                *merge_repeats(explain_failures(facts.clinical, fired)),
            ],
            "prediction": self._predictions.of(facts),
        }
        context = self._context(fires(CONTEXT, facts), own, lines)
        beside = self._beside_table(facts, heard.met, heard.add_on, lines)
        loud = [
            *lines.urgent(),
            *(s for s in beside if s.urgent and not self._names.issuperset(s.drugs)),
            *(s for s in monogenic if s.urgent),
            *(s for section in context for s in section.statements if s.urgent),
        ]
        proposed = {line.drug for line in lines.drugs if any(map(proposes, line.statements))}
        said = Interpretation(
            drugs=raise_partners(lines.drugs, beside),
            urgent=order_urgent(merge_repeats(loud), self._haste),
            context=context,
            not_considered=(
                *self.doses.messages(facts),
                *self._uncompared.messages(facts.clinical),
                *self._unchecked.messages(facts, proposed, self.interactions.spoken(facts)),
            ),
            interactions=beside,
            adjusted_phenotypes=adjust_phenotypes(facts, self.enzyme_effects, self.tables_of_genes),
            monogenic=order(merge_repeats(monogenic)),
            exposure=self._exposure.of(facts, heard.met),
        )
        return replace(
            said,
            not_considered=(*said.not_considered, *self._unjudged.messages(facts, said)),
            factors=self._factors.of(facts, said, heard.trials),
        )

    def hear(self, facts: PatientFacts, fires: Fires | None = None) -> Hearing:
        """Return what the tables, or what stands in for them, say before it is put in lines."""
        fires = fires or (lambda table, facts: self.tables[table].fire(facts))
        # A drug that has to be stopped now is, for every other rule, one that harmed the patient.
        if facts.signs:
            facts = facts.with_stopping(must_stop(self._stop_rules, facts))
        fired: dict[str, list[Fired]] = {d.drug: [] for d in self.drugs}
        for hit in fires(RULES, facts):
            fired[hit.rule.subject].append(hit)
        notes: dict[str, list[Fired]] = {d.drug: [] for d in self.drugs}
        for hit in fires(SAFETY, facts):
            notes.setdefault(hit.rule.subject, []).append(hit)
        trials = self.count(facts, fired)
        facts = facts.with_computed(trials.words)
        met, add_on = self._interacting(facts)
        if by_level := self.by_level.in_lines(facts, with_signs(fired)):
            met = beside(met, by_level)
        return Hearing(facts, fired, notes, trials, met, add_on, self.spared(facts))

    def spared(self, facts: PatientFacts) -> frozenset[str]:
        """Return the drugs of which no line asks for more, by the entry."""
        of_levels = spared(facts, self.by_level.listed(facts))
        return of_levels | self.doses.above(facts.clinical)

    def _interacting(self, facts: PatientFacts) -> tuple[_Said, _Said]:
        """Return interactions by the drug acted on, and by a drug that is not taken."""
        # Nothing else of a patient is asked, and many share these.
        key = (facts.current, facts.planned, facts.has_pathogenic, facts.present)
        if key not in self._heard:
            if len(self._heard) >= _REGIMENS:
                self._heard.clear()
            active = self.interactions.active(facts)
            met = {
                victim: said
                for victim, items in active.items()
                if (said := interaction_lines(items, facts, self._sized))
            }
            add_on = add_on_lines(self.interactions, active, facts, self._sized)
            self._heard[key] = met, add_on
        return self._heard[key]

    def count(self, facts: PatientFacts, fired: Mapping[str, Sequence[Fired]]) -> Trials:
        """Return what the failed trials count for, by the rules that fired about each drug."""
        rules = {drug: [hit.rule for hit in hits] for drug, hits in fired.items()}
        clinical, low = facts.clinical, low_trials(self.levels, facts.clinical)
        now = self.by_level.low_now(facts)
        return count_trials(clinical, rules, self.levels.units, self._trials, low, now)

    def worked_out(self, heard: Hearing) -> tuple[Statement, ...]:
        """Return what is said of the clinical entry without a row of a rule table.

        Equal numbers in it may be written as they were for another patient.
        """
        levels = self.by_level.listed(heard.facts)
        known = self._resistance(heard, self._resistance_line)
        return (*known, *levels, *self._predictions.of(heard.facts))

    def _resistance(
        self, heard: Hearing, say: Callable[[Trials, Evidence], Statement] = resistance_statement
    ) -> tuple[Statement, ...]:
        evidence, units = self._definition, self.levels.units
        known = say(heard.trials, evidence)
        outcome = outcome_statement(heard.facts.clinical, heard.trials.outcome, units, evidence)
        return (known,) if outcome is None else (known, outcome)

    def facts(
        self,
        genes: Mapping[str, GeneResult],
        findings: Sequence[VariantFinding],
        coverage: Mapping[str, GeneCoverage],
        clinical: ClinicalEntry,
    ) -> PatientFacts:
        """Return a patient as the rules see it."""
        return gather_facts(
            genes,
            findings,
            coverage,
            clinical,
            FactTables(
                self.monogenic,
                self.haplotypes,
                self._effects,
                self.tables_of_genes,
                self.forms,
                self._equivalents,
            ),
        )

    def _beside_table(
        self,
        facts: PatientFacts,
        met: Mapping[str, Sequence[Statement]],
        add_on: Mapping[str, Sequence[Statement]],
        lines: Lines,
    ) -> tuple[Statement, ...]:
        """Return the interactions that are listed besides the drug table.

        They are about every drug that is taken, and about planned ones that have no line there.
        """
        planned = sorted(facts.planned - self._names)
        said = [(drug, met[drug]) for drug in sorted(facts.current & met.keys())]
        said += [(drug, (*met.get(drug, ()), *add_on.get(drug, ()))) for drug in planned]
        return order([lines.beside(line, drug) for drug, found in said for line in found])

    def lines(self, drugs: Iterable[DrugInfo], heard: Hearing) -> Lines:
        """Return the lines of some drugs as a report prints them; each is settled by itself."""
        said, facts = {info: heard.of(info.drug) for info in drugs}, heard.facts
        made = [self.predict(info, of_it, facts) for info, of_it in said.items()]
        barred = {
            info.drug for info, of_it in said.items() if forbids(of_it.hits, self.actions, facts)
        }
        held = Held(barred, heard.spared)
        return Lines(made, facts, self.actions, held, self._lines)

    def predict(self, info: DrugInfo, heard: Heard, facts: PatientFacts) -> DrugPrediction:
        """Return the line of one drug, before it is settled beside the others."""
        items = self.deciding.get(info.drug, ())
        assessments, exposure = assess_deciding(items, facts), facts.exposure(info.drug)
        # Most of some forty lines are of this kind, and few distinct ones occur in a cohort.
        if heard.nothing_of_the_patient:
            return self._with_formulary(self._quiet_line(info, assessments, exposure))
        parts = (*heard.hits, *heard.notes, *heard.interactions, *heard.add_on)
        kinds = tuple(map(len, (heard.hits, heard.notes, heard.interactions)))
        situation = situation_of(info.drug, facts)

        def make() -> DrugPrediction:
            return self._with_formulary(self._make_line(info, heard, assessments, situation))

        return self._lines("line", parts, (info.drug, kinds, assessments, situation), make)

    def _make_line(
        self,
        info: DrugInfo,
        heard: Heard,
        assessments: tuple[GeneAssessment, ...],
        situation: Situation,
    ) -> DrugPrediction:
        """Return the line of a drug of which something is said of the patient."""
        said = with_causes(heard.hits, set_side_by_side(heard.hits), heard.interactions)
        spoken = Spoken(
            fired=[*said, *heard.interactions],
            vague=[s for s, hit in zip(said, heard.hits, strict=True) if hit.open_ended],
            add_on=heard.add_on,
            missing=self._missing(info.drug, assessments, situation.exposure),
            notes=self._notes([n.statement for n in heard.notes]),
        )
        items, nothing = self.deciding.get(info.drug, ()), self._nothing[info.drug]
        return predict_drug(info, spoken, items, assessments, situation, nothing)

    def _notes(self, notes: Sequence[Statement]) -> tuple[Statement, ...]:
        return put_first(order(notes), self._first_labels)

    def _with_formulary(self, line: DrugPrediction) -> DrugPrediction:
        """Put the word of the formulary behind all else: it changes no verdict."""
        word = self._formulary.get(line.drug)
        return line if word is None else replace(line, statements=(*line.statements, word))

    def _make_quiet_line(
        self, info: DrugInfo, assessments: tuple[GeneAssessment, ...], exposure: Exposure
    ) -> DrugPrediction:
        """Return the line of a drug of which only the deciding genes speak.

        It is the same for many patients, since nothing else of a patient is known here.
        """
        notes = [hit.statement for hit in self._fixed_notes if hit.rule.subject == info.drug]
        # A missing gene is said in place of "nothing fired", which would read as a negative result.
        said = self._missing(info.drug, assessments, exposure) or (self._nothing[info.drug],)
        return make_line(
            info,
            said,
            (),
            self.deciding.get(info.drug, ()),
            assessments,
            exposure,
            self._notes(notes),
        )

    def _make_missing(
        self, drug: str, assessments: tuple[GeneAssessment, ...], exposure: Exposure
    ) -> tuple[Statement, ...]:
        """Return the lines about deciding genes of a drug that are not known in full."""
        return tuple(missing_statements(self.deciding.get(drug, ()), assessments, exposure))

    def forget(self) -> None:
        """Drop the lines that were kept of earlier patients."""
        self._quiet_line.cache_clear()
        self._missing.cache_clear()
        self._heard.clear()
        self._memory.forget()
        self._lines = OfParts(_LOUD_LINES)

    @cached_property
    def _definition(self) -> Evidence:
        unread = Evidence(Origin.CLINICAL, ".", (), "clinical_context", _ILAE, False)
        return next((r.evidence for r in self.context.rules if r.rule_id == _ILAE), unread)

    def _context(
        self, fired: Iterable[Fired], own: Mapping[str, Sequence[Statement]], lines: Lines
    ) -> tuple[ContextSection, ...]:
        sections = {name: [*own.get(name, ())] for name in SECTIONS}
        for hit in sorted(fired, key=lambda hit: (hit.rule.priority, hit.rule.rule_id)):
            sections[hit.rule.subject].append(lines.beside_group(hit.statement))
        return tuple(
            ContextSection(f"section-{name}", merge_repeats(found))
            for name, found in sections.items()
            if found
        )
