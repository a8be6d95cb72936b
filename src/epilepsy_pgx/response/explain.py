"""What would be said about a drug, for any combination of results, without a VCF.

For curators and tests: gene results and clinical entries are given as words, and every rule of
the drug answers whether it fires, with its reasons.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal, InvalidOperation

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.clinical import COLUMNS, parse_clinical, resolve_drug
from epilepsy_pgx.intake.druglist import show_suggestion
from epilepsy_pgx.model import DrugPrediction, GeneResult, SiteCall
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable
from epilepsy_pgx.response.candidates import widen
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.monogenic import GeneFinding, StateEvidence
from epilepsy_pgx.vocabulary import Basis, FindingState, GeneStatus, SiteStatus

_STATUS = {
    FindingState.NOT_ASSESSED: GeneStatus.NOT_ASSESSED,
    FindingState.PARTIAL: GeneStatus.PARTIAL,
}


def _diplotype_result(
    gene: str, diplotypes: Sequence[str], table: PhenotypeTable | None
) -> GeneResult:
    """Return the result of one or more candidate diplotypes by the tables."""
    made = []
    for diplotype in diplotypes:
        names = Diplotype.read(diplotype).alleles
        if table is None or len(names) != 2 or not all(map(table.reads, names)):
            raise ConfigError.one(
                "explain-allele",
                column="--gene",
                found=f"'{gene}={diplotype}'",
                expected=f"two alleles of {gene}, such as *1/*2",
                fix="Use names of the alleles table.",
            )
        made.append(table.resolve(names))
    status = GeneStatus.COMPLETE if len(diplotypes) == 1 else GeneStatus.AMBIGUOUS
    return GeneResult(
        gene,
        status,
        Basis.GENOTYPE,
        tuple(d.diplotype for d in made),
        len(made),
        tuple(dict.fromkeys(d.phenotype for d in made if d.phenotype is not None)),
        tuple(sorted({d.score for d in made if d.score is not None})),
        functions=tuple(dict.fromkeys(d.functions for d in made)),
    )


def _typed_result(gene: str, words: Sequence[str]) -> GeneResult:
    return GeneResult(
        gene,
        GeneStatus.COMPLETE,
        Basis.TYPING,
        (),
        0,
        (),
        (),
        alleles_present=tuple(w[1:] for w in words if w.startswith("+")),
        alleles_absent=tuple(w[1:] for w in words if w.startswith("-")),
    )


def _gene_result(gene: str, value: str, table: PhenotypeTable | None) -> GeneResult | GeneFinding:
    words = [part.strip() for part in value.split(",")]
    if value in set(FindingState):
        state = FindingState(value)
        status = _STATUS.get(state, GeneStatus.COMPLETE)
        return GeneFinding(gene, status, ((state, StateEvidence((), True, True)),))
    # The sign comes before the test for a slash: HLA alleles are typed one by one.
    if all(word.startswith(("+", "-")) for word in words):
        return _typed_result(gene, words)
    if all("/" in word for word in words):
        return _diplotype_result(gene, words, table)
    if value.startswith("AS:"):
        try:
            score = Decimal(value[3:])
            phenotypes = table.phenotypes_of(score) if table is not None else ()
        except InvalidOperation:
            phenotypes = ()
        if not phenotypes:
            raise ConfigError.one(
                "explain-gene",
                column="--gene",
                found=f"'{gene}={value}'",
                expected="a score that the gene can have after AS:",
                fix="Write, for example, AS:1.5.",
            )
        return GeneResult(gene, GeneStatus.COMPLETE, Basis.GIVEN, (), 0, phenotypes, (score,))
    if table is not None and set(words) <= table.words:
        status = GeneStatus.COMPLETE if len(words) == 1 else GeneStatus.AMBIGUOUS
        return GeneResult(gene, status, Basis.GIVEN, (), 0, tuple(words), ())
    raise ConfigError.one(
        "explain-gene",
        column="--gene",
        found=f"'{gene}={value}'",
        expected="a diplotype (*1/*2), a phenotype of the gene, AS:number, +*15:02 or -*15:02, "
        "or a finding state: " + ", ".join(FindingState),
        fix="Write GENE=VALUE.",
    )


def _site(name: str, value: str) -> SiteCall:
    bases = tuple(value.replace("|", "/").split("/"))
    return SiteCall(
        name,
        name,
        ".",
        0,
        SiteStatus.CALLED,
        bases,
        phased=False,
        depth=None,
        quality=None,
        reason=".",
    )


def parse_given(
    genes: Iterable[str], context: Iterable[str], ref: Reference, engine: ResponseEngine
) -> PatientFacts:
    """Return the facts that words on a command line describe.

    Parameters
    ----------
    genes
        ``GENE=VALUE``, for example ``CYP2C9=*1/*3``, ``HLA-B=+*15:02,-*15:11``,
        ``SCN1A=lof_plp``, ``CYP2C19=Poor Metabolizer``, ``rs3812718=T/T``. A gene may be named
        more than once; finding states then add up.
    context
        ``column=value`` with a clinical column of the sample sheet.

    Raises
    ------
    ConfigError
        With every word that cannot be read.
    """
    given = _Given()
    for word in genes:
        given.add_gene(word, engine.tables_of_genes)
    for word in context:
        given.add_context(word)
    clinical, wrong = parse_clinical(given.row, ref, file=".", line=0)
    if problems := [*given.problems, *wrong]:
        raise ConfigError(problems)
    facts = engine.facts({}, (), {}, clinical)
    tables = engine.tables_of_genes
    return replace(
        facts,
        genes={name: widen(result, tables.get(name)) for name, result in given.results.items()},
        findings={**facts.findings, **given.findings},
        sites=given.sites,
    )


@dataclass(slots=True)
class _Given:
    """What the words of a command line say, and what is wrong with them."""

    results: dict[str, GeneResult] = field(default_factory=dict)
    findings: dict[str, GeneFinding] = field(default_factory=dict)
    sites: dict[str, SiteCall] = field(default_factory=dict)
    row: dict[str, str | None] = field(default_factory=dict)
    """The clinical entry, by column."""
    problems: list[Problem] = field(default_factory=list)

    def add_gene(self, word: str, tables: Mapping[str, PhenotypeTable]) -> None:
        gene, _, value = (part.strip() for part in word.partition("="))
        # A dbSNP number names a site and no gene: some rules ask for one base.
        if gene.startswith("rs"):
            self.sites[gene] = _site(gene, value)
            return
        try:
            found = _gene_result(gene, value, tables.get(gene))
        except ConfigError as error:
            self.problems += error.problems
            return
        if isinstance(found, GeneResult):
            self.results[gene] = found
            return
        earlier = self.findings.get(gene)
        # Two findings in one gene can both hold, such as gain and loss of function in one protein.
        states = (*earlier.states, *found.states) if earlier else found.states
        self.findings[gene] = replace(found, states=states)

    def add_context(self, word: str) -> None:
        column, _, value = (part.strip() for part in word.partition("="))
        if column not in COLUMNS:
            self.problems.append(
                Problem(
                    ".",
                    0,
                    "--context",
                    "explain-context",
                    f"'{word}'",
                    "column=value, with one of: " + ", ".join(COLUMNS),
                    "Correct the word.",
                )
            )
        self.row[column] = value


def explain(
    drug: str, ref: Reference, *, genes: Sequence[str] = (), context: Sequence[str] = ()
) -> DrugPrediction:
    """Return what a report would say about a drug, from given results.

    Parameters
    ----------
    drug
        Any name that the tables know.
    ref
        The data package.
    genes, context
        See `parse_given`.

    Raises
    ------
    ConfigError
        If a word cannot be read, or the drug has no line in a report.
    """
    engine = ResponseEngine(ref)
    name, suggestion = resolve_drug(drug, ref)
    if name is None or name not in {info.drug for info in engine.drugs}:
        hint = "an anti-seizure drug"
        if suggestion is not None:
            hint = f"did you mean {show_suggestion(suggestion)}?"
        raise ConfigError.one(
            "explain-drug",
            column="DRUG",
            found=f"'{drug}'",
            expected=hint,
            fix="See the drugs table.",
        )
    facts = parse_given(genes, context, ref, engine)
    return next(p for p in engine.interpret_facts(facts).drugs if p.drug == name)
