"""Whether each row of each rule table can fire: a patient is made for it, and the engine asked.

What the patient has is made of the tables alone: diplotypes of named alleles, alleles that are
typed, bases of curated positions, variants that a gene can have, and the words of the entry.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice, product

from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.model import ClinicalEntry, GeneResult, SiteCall
from epilepsy_pgx.reference.checks.registry import Check, Found, Package
from epilepsy_pgx.reference.conditions.base import Tables, members
from epilepsy_pgx.reference.conditions.registry import diplotypes_of, problem_of
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import (
    CONDITIONS_BY_RULE,
    CisMember,
    ClinicalContext,
    DecidingGene,
    Drug,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    EnzymeModifier,
    GeneTherapy,
    RuleCondition,
    RuleRow,
    Syndrome,
    TableRow,
)
from epilepsy_pgx.response.deciding import assess_deciding, missing_statements
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.interactions import adjust_phenotypes
from epilepsy_pgx.response.monogenic import assess_genes, count_alleles
from epilepsy_pgx.response.resistance import count_trials
from epilepsy_pgx.response.rules import Rule, RuleIndex
from epilepsy_pgx.response.witness_entry import Entry
from epilepsy_pgx.response.witness_findings import Witnesses, coverage_of
from epilepsy_pgx.vocabulary import Basis, GeneStatus, SiteStatus

ID = "rule-can-fire"
_TRIED = 400
"""Combinations of variants that are tried for one rule."""
_COVERED = (GeneStatus.COMPLETE, GeneStatus.NOT_ASSESSED)


@dataclass(frozen=True)
class Asker:
    """The engine of a package, and patients made of its tables."""

    package: Package
    engine: ResponseEngine
    witnesses: Witnesses

    @cached_property
    def tables(self) -> Tables:
        """The tables as conditions ask for them."""
        return Tables(self.package)

    @cached_property
    def drugs(self) -> frozenset[str]:
        """Drugs that a medication list can name."""
        return frozenset(r.drug for r in self.package.rows(Drug))

    @cached_property
    def lines(self) -> frozenset[str]:
        """Drugs that have a line in a report."""
        return frozenset(info.drug for info in self.engine.drugs)

    @cached_property
    def conditions(self) -> dict[str, tuple[RuleCondition, ...]]:
        """The conditions of each rule."""
        return dict(self.package.grouped(CONDITIONS_BY_RULE))

    def fires(self, index: RuleIndex, rule: Rule) -> bool:
        """Say whether some patient makes a rule of a table fire."""
        rows = self.conditions.get(rule.rule_id, ())
        place = next(i for i, known in enumerate(index.rules) if known is rule)
        return any(
            index.fire_one(place, facts) is not None for facts in self.patients(rows, rule.subject)
        )

    def patients(self, rows: Sequence[RuleCondition], drug: str) -> Iterator[PatientFacts]:
        """Yield patients who may meet some conditions; none if the tables have no such input."""
        entry = Entry(drug, self.engine.groups)
        entry.meet(rows)
        clinical = entry.finish(self.witnesses.ref)
        results = self._results(rows)
        if clinical is None or results is None:
            return
        genes = sorted({r.about for r in rows if r.kind == "finding"})
        sets = product(*(self.witnesses.sets_of(gene) for gene in genes))
        words = count_trials(clinical, {}, self.engine.levels.units).words
        base = replace(self.engine.facts(results, (), {}, clinical), sites=_sites(rows))
        for chosen in islice(sets, _TRIED):
            findings = tuple(f for found in chosen for f in found)
            shown = coverage_of({f.gene for f in findings}, GeneStatus.COMPLETE)
            # A gene without variants has a state for each way to read it.
            for covered in _COVERED:
                coverage = coverage_of(genes, covered) | shown
                states = assess_genes(genes, findings, coverage, {}, self.engine.haplotypes)
                facts = replace(base, findings={**base.findings, **states}, coverage=coverage)
                yield facts.with_computed(words)

    def _results(self, rows: Sequence[RuleCondition]) -> dict[str, GeneResult] | None:
        """Return results of the genes that are asked by star alleles; None if none meets all."""
        found: dict[str, GeneResult] = {}
        for gene in sorted({r.about for r in rows}):
            mine = [r for r in rows if r.about == gene]
            table = self.tables.diplotypes.get(gene)
            if table is not None:
                hits = set(range(len(table.names)))
                for row in mine:
                    asked = diplotypes_of(row, table)
                    hits &= hits if asked is None else asked
                if not hits:
                    return None
                found[gene] = self.called(gene, table.names[min(hits)])
            elif any(r.kind == "allele" for r in mine):
                found[gene] = _typed(gene, mine)
        return found

    def called(self, gene: str, name: str) -> GeneResult:
        """Return the result of a gene with a diplotype."""
        made = self.engine.tables_of_genes[gene].resolve(Diplotype.read(name).alleles)
        return GeneResult(
            gene,
            GeneStatus.COMPLETE,
            Basis.GENOTYPE,
            (made.diplotype,),
            1,
            () if made.phenotype is None else (made.phenotype,),
            () if made.score is None else (made.score,),
            functions=(made.functions,),
        )


def _typed(gene: str, rows: Sequence[RuleCondition]) -> GeneResult:
    named = {op: [r.value for r in rows if r.operator == op] for op in ("present", "absent")}
    return GeneResult(
        gene,
        GeneStatus.COMPLETE,
        Basis.TYPING,
        (),
        0,
        (),
        (),
        alleles_present=tuple(v[0] for v in named["present"]),
        alleles_absent=tuple(a for v in named["absent"] for a in v),
    )


def _sites(rows: Sequence[RuleCondition]) -> dict[str, SiteCall]:
    return {
        r.about: SiteCall(
            site=r.about,
            gene=r.about,
            chrom=".",
            pos=0,
            status=SiteStatus.CALLED,
            alleles=(r.value[0], r.value[0]),
            phased=False,
            depth=None,
            quality=None,
            reason=".",
        )
        for r in rows
        if r.kind == "site" and r.value
    }


def check_witnesses(package: Package) -> Found:
    """Make a patient for every row of every rule table, and name the rows that none makes fire."""
    try:
        ref = load_reference(package.path)
        asker = Asker(package, ResponseEngine(ref), Witnesses(ref))
    except PgxError:
        return  # another check names what cannot be read
    for table, column, dead in _DEAD:
        for row, why in dead(asker):
            yield package.problem(
                ID,
                table.TABLE,
                row,
                column,
                str(row.cells()[column]),
                why,
                "Correct the row or what it rests on, or remove it.",
            )


Dead = Iterator[tuple[TableRow, str]]
"""Rows that no patient makes fire, each with what it would take."""


def _dead_rules(
    record: type[RuleRow], pick: Callable[[ResponseEngine], RuleIndex]
) -> Callable[[Asker], Dead]:
    def dead(asker: Asker) -> Dead:
        index = pick(asker.engine)
        compiled: dict[str, list[Rule]] = {}
        for rule in index.rules:
            # What is said of a drug stands in its line.
            if rule.about_drug and rule.subject not in asker.lines:
                continue
            compiled.setdefault(rule.rule_id, []).append(rule)
        for row in asker.package.rows(record):
            rows = asker.conditions.get(row.key, ())
            if any(problem_of(r, asker.tables) for r in rows):
                continue  # the condition is named already
            rules = compiled.get(row.key, ())
            if not rules:
                yield row, "a drug that has a line in a report"
            elif not any(asker.fires(index, rule) for rule in rules):
                asked = "; ".join(f"{r.kind} {r.about} {r.operator} {r.compared}" for r in rows)
                yield row, f"conditions that some patient of these tables meets ({asked})"

    return dead


def _dead_interactions(asker: Asker) -> Dead:
    made: set[str] = set()
    for item in asker.engine.interactions.interactions:
        taken = (*item.perpetrators, item.victim)
        if item.evidence.row in made or not set(taken) <= asker.drugs:
            continue
        entry = Entry(item.victim, asker.engine.groups)
        entry.take(taken)
        clinical = entry.finish(asker.witnesses.ref)
        facts = asker.engine.facts({}, (), {}, clinical or ClinicalEntry())
        if item in asker.engine.interactions.active(facts).get(item.victim, ()):
            made.add(item.evidence.row)
    for row in asker.package.rows(DrugInteraction):
        if row.key not in made:
            yield row, "a pair of two different drugs of drugs.tsv"


def _dead_modifiers(asker: Asker) -> Dead:
    for row, effect in zip(
        asker.package.rows(EnzymeModifier), asker.engine.enzyme_effects, strict=False
    ):
        table = asker.tables.diplotypes.get(row.gene)
        if row.drug not in asker.drugs:
            yield row, "a drug of drugs.tsv"
            continue
        if table is None or not table.names:
            yield row, "a gene that is called by named alleles"
            continue
        entry = Entry(row.drug, asker.engine.groups)
        entry.take([row.drug])
        clinical = entry.finish(asker.witnesses.ref) or ClinicalEntry()
        results = {row.gene: asker.called(row.gene, table.names[0])}
        facts = asker.engine.facts(results, (), {}, clinical)
        if not adjust_phenotypes(facts, [effect], asker.engine.tables_of_genes):
            yield row, "a gene and a drug that the engine brings together"


def _dead_deciding(asker: Asker) -> Dead:
    nobody = asker.engine.facts({}, (), {}, ClinicalEntry())
    for row in asker.package.rows(DecidingGene):
        said = False
        for drug in sorted(members(row.drug, asker.engine.groups) & asker.lines):
            items = [i for i in asker.engine.deciding.get(drug, ()) if i.gene == row.gene]
            assessments = assess_deciding(items, nobody)
            said |= bool(missing_statements(items, assessments, nobody.exposure(drug)))
        if not said:
            yield row, "a drug that has a line in a report"
            continue
        readable = row.gene in asker.tables.alleles or row.gene in asker.witnesses.chromosomes
        if not readable:
            yield row, f"a gene that can be assessed ({row.gene} has no allele and no transcript)"


def _dead_syndromes(asker: Asker) -> Dead:
    for row in asker.package.rows(Syndrome):
        entry, wrong = parse_clinical(
            {"syndromes": row.syndrome}, asker.witnesses.ref, file=".", line=0
        )
        if wrong or entry.syndromes != (row.syndrome,):
            yield row, "a word that a sample sheet can hold"


def _dead_haplotypes(asker: Asker) -> Dead:
    rows = asker.package.rows(CisMember)
    for row in rows:
        chrom = asker.witnesses.chromosomes.get(row.gene)
        if chrom is None:
            yield row, f"a gene that is read ({row.gene} has no transcript and no listed variant)"
            continue
        single = next(iter(islice(asker.witnesses.sets_of(row.gene), 1, 2)))[0]
        members_of = [r for r in rows if r.haplotype == row.haplotype]
        pair = [
            replace(single, hgvs_c=r.hgvs_c, hgvs_p=r.hgvs_p, key=replace(single.key, pos=n))
            for n, r in enumerate(members_of, 1)
        ]
        known = asker.engine.haplotypes.get(row.gene, ())
        if count_alleles(pair, known) != 1 or len(pair) < 2:
            yield row, "members that count as one allele when a patient carries them"


_DEAD: tuple[tuple[type[TableRow], str, Callable[[Asker], Dead]], ...] = (
    (DrugRule, "rule_id", _dead_rules(DrugRule, lambda e: e.rules)),
    (DrugSafety, "fact_id", _dead_rules(DrugSafety, lambda e: e.safety)),
    (GeneTherapy, "therapy_id", _dead_rules(GeneTherapy, lambda e: e.therapy)),
    (ClinicalContext, "context_id", _dead_rules(ClinicalContext, lambda e: e.context)),
    (DrugInteraction, "interaction_id", _dead_interactions),
    (EnzymeModifier, "gene", _dead_modifiers),
    (DecidingGene, "gene", _dead_deciding),
    (Syndrome, "syndrome", _dead_syndromes),
    (CisMember, "haplotype", _dead_haplotypes),
)

CHECK = Check(ID, "A patient made of the tables makes each rule fire.", (), check_witnesses)
"""Run beside the checks of the tables, since it needs the engine."""
