"""What of the genes is open, and each way in which it may turn out."""

from collections.abc import Mapping

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.genetics import Phase, PhaseSet
from epilepsy_pgx.model import GeneResult, VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.monogenic import GeneFinding, assess_gene
from epilepsy_pgx.response.open_results import OpenItem, OpenResults, findings_of
from epilepsy_pgx.response.rules import load_conditions
from epilepsy_pgx.response.witness_findings import Witnesses
from epilepsy_pgx.vocabulary import Classification, FindingState, GeneStatus, SiteStatus, Zygosity
from tests.response.builders import case, covered, star_gene, typed, variant

S = FindingState


@pytest.fixture(scope="module")
def asked(reference: Reference) -> list[RuleCondition]:
    return [row for rows in load_conditions(reference).values() for row in rows]


@pytest.fixture(scope="module")
def results(reference: Reference, plain: ResponseEngine, asked: list[RuleCondition]) -> OpenResults:
    return OpenResults(reference, plain, asked)


def facts_of(
    plain: ResponseEngine,
    *findings: VariantFinding,
    gene: str = "POLG",
    status: GeneStatus = GeneStatus.PARTIAL,
) -> PatientFacts:
    patient = case(findings=findings, coverage=covered(gene, status=status))
    return plain.facts(patient.genes, patient.findings, patient.coverage, ClinicalEntry())


def items(results: OpenResults, facts: PatientFacts) -> dict[str, OpenItem]:
    return {f"{item.kind}:{item.subject}": item for item in results.of(facts)}


IN_CIS = (
    variant("POLG", name="c.1760C>T", protein="p.Pro587Leu"),
    variant("POLG", name="c.752C>T", protein="p.Thr251Ile"),
)
"""Known to lie on one copy, so that they are one allele."""


def test_variants_that_count_as_one_allele_do_so_while_the_rest_is_read(
    results: OpenResults, plain: ResponseEngine
) -> None:
    facts = facts_of(plain, *IN_CIS)
    ways = [way.findings["POLG"] for way in items(results, facts)["sequence:POLG"].ways()]
    nothing_more, *others = ways
    assert nothing_more.get(S.MONOALLELIC_PLP)
    assert not nothing_more.get(S.BIALLELIC_PLP)
    assert any(way.get(S.BIALLELIC_PLP) for way in others)
    assert all({*IN_CIS} <= {*findings_of(way)} for way in ways)
    assert {way.status for way in ways} == {GeneStatus.COMPLETE}


@pytest.mark.parametrize("gene", ["POLG", "PCDH19", "SCN1A", "KCNQ2", "OTC"])
@pytest.mark.parametrize("seen", [False, True])
def test_a_gene_that_was_not_read_may_be_in_every_state_that_a_rule_tells_apart(
    results: OpenResults,
    reference: Reference,
    plain: ResponseEngine,
    asked: list[RuleCondition],
    gene: str,
    seen: bool,
) -> None:
    """Each kind of state once, whether or not genes share what was worked out."""
    own = (variant(gene, name="c.1A>G", classification=Classification.UNCERTAIN),) if seen else ()
    facts = facts_of(plain, *own, gene=gene)
    words = {w for row in asked if (row.kind, row.about) == ("finding", gene) for w in row.value}

    def kind(found: GeneFinding) -> object:
        told = ((s, e.own_class, e.sound, e.disputed) for s, e in found.states if s in words)
        return found.status, frozenset(told)

    known = plain.haplotypes.get(gene, ())
    every = [
        assess_gene(gene, (*own, *more), GeneStatus.COMPLETE, known)
        for more in Witnesses(reference).sets_of(gene)
    ]
    item = items(results, facts)[f"sequence:{gene}"]
    ways = [*item.ways()]
    found = [kind(way.findings[gene]) for way in ways]
    assert len(found) == len(set(found))
    assert set(found) == set(map(kind, every))
    assert all(way.findings[gene].gene == gene for way in ways)
    assert all(way.coverage[gene].status is GeneStatus.COMPLETE for way in ways)
    assert (item.genes, item.state) == ((gene,), (GeneStatus.PARTIAL, own))
    assert f"sequence:{gene}" not in items(
        results, facts_of(plain, *own, gene=gene, status=GeneStatus.COMPLETE)
    )


@pytest.mark.parametrize(
    ("finding", "kinds"),
    [
        (variant("SCN1A", name="c.1A>G", classification=None), {"class"}),
        (variant("SCN1A", name="c.1A>G", own=False), {"class"}),
        (variant("SCN1A", name="c.1A>G"), set()),
        (variant("SCN1A", name="c.1A>G", status=SiteStatus.LOW_QUALITY), {"confirmation"}),
        (
            variant("SCN1A", name="c.1A>G", own=False, status=SiteStatus.LOW_QUALITY),
            {"class", "confirmation"},
        ),
    ],
)
def test_what_is_open_of_a_variant(
    results: OpenResults, plain: ResponseEngine, finding: VariantFinding, kinds: set[str]
) -> None:
    facts = facts_of(plain, finding, gene="SCN1A", status=GeneStatus.COMPLETE)
    found = items(results, facts)
    open_here = {k: i for k, i in found.items() if "SCN1A" in k and not k.startswith("site")}
    assert set(open_here) == {f"{kind}:SCN1A c.1A>G" for kind in kinds}
    if "class" in kinds:
        words = [
            [f.classifications[-1].classification for f in findings_of(way.findings["SCN1A"])]
            for way in open_here["class:SCN1A c.1A>G"].ways()
        ]
        assert words == [
            [Classification.PATHOGENIC],
            [Classification.UNCERTAIN],
            [Classification.BENIGN],
        ]
    if "confirmation" in kinds:
        ways = [*open_here["confirmation:SCN1A c.1A>G"].ways()]
        there, gone = (findings_of(way.findings["SCN1A"]) for way in ways)
        assert [f.status for f in there] == [SiteStatus.CALLED]
        assert gone == ()
        assert ways[1].findings["SCN1A"].get(S.NONE_FOUND)


def placed(name: str, copy: int | None = None, **more: object) -> VariantFinding:
    return variant(
        "POLG",
        name=name,
        phase_set=None if copy is None else PhaseSet("15", "1", copy),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ((placed("c.1A>G"), placed("c.2A>G")), ("c.1A>G", "c.2A>G")),
        (
            (placed("c.1A>G", 0), placed("c.2A>G", 0), placed("c.3A>G")),
            ("c.1A>G", "c.2A>G", "c.3A>G"),
        ),
        ((placed("c.1A>G", 0), placed("c.2A>G", 1)), None),
        ((placed("c.1A>G"), placed("c.2A>G", zygosity=Zygosity.HOMOZYGOUS)), None),
        (
            (placed("c.1A>G"), placed("c.2A>G"), placed("c.3A>G", zygosity=Zygosity.HOMOZYGOUS)),
            ("c.1A>G", "c.2A>G"),
        ),
    ],
)
def test_the_phase_of_two_heterozygous_variants(
    results: OpenResults,
    plain: ResponseEngine,
    found: tuple[VariantFinding, ...],
    named: tuple[str, ...] | None,
) -> None:
    item = items(results, facts_of(plain, *found)).get("phase:POLG")
    assert (item.details if item else None) == named
    for way, phase in zip(item.ways() if item else (), (Phase.TOGETHER, Phase.APART), strict=False):
        here = [f for f in findings_of(way.findings["POLG"]) if f.hgvs_c in (named or ())]
        assert len(here) == len(named or ())
        assert all(here[0].phase_with(other) is phase for other in here[1:])


@pytest.mark.parametrize(
    ("present", "absent", "left"),
    [((), None, False), ((), ("*15:02",), True), (("*15:02", "*57:01"), (), True)],
)
def test_alleles_that_typing_may_still_show(
    results: OpenResults,
    plain: ResponseEngine,
    present: tuple[str, ...],
    absent: tuple[str, ...] | None,
    left: bool,
) -> None:
    """One at a time, or none; a third allele nobody has."""
    genes: Mapping = {"HLA-B": typed("HLA-B", *present, absent=absent)}
    facts = plain.facts(genes, (), {}, ClinicalEntry())
    item = items(results, facts).get("typing:HLA-B")
    assert (item is not None) is left
    if item is None:
        return
    assert not {*item.details} & {*present, *(absent or ())}
    ways = [way.genes["HLA-B"] for way in item.ways()]
    more = item.details if len(present) < 2 else ()
    assert [way.present for way in ways] == [present, *((*present, a) for a in more)]
    for way in ways:
        assert {*way.present, *way.absent} == {*present, *(absent or ()), *item.details}
        assert not {*way.present} & {*way.absent}


@pytest.mark.parametrize(
    ("pairs", "rare", "left"),
    [
        (("*1/*1",), (), []),
        (("*1/*1",), ("*6",), ["*1/*1", "*1/*6"]),
        (("*1/*1", "*1/*3"), (), ["*1/*1", "*1/*3"]),
        (("*1/*3",), ("*6",), ["*1/*3", "*1/*6", "*3/*6"]),
    ],
)
def test_pairs_of_alleles_that_are_left_open(
    results: OpenResults,
    plain: ResponseEngine,
    pairs: tuple[str, ...],
    rare: tuple[str, ...],
    left: list[str],
) -> None:
    genes = {"CYP2C9": star_gene("CYP2C9", *pairs, not_excluded=rare)}
    item = items(results, plain.facts(genes, (), {}, ClinicalEntry())).get("genotype:CYP2C9")
    ways = [] if item is None else [way.genes["CYP2C9"] for way in item.ways()]
    assert all(len(way.asked) == 1 and way.settled for way in ways)
    # Of *3 and *6 the tables say the same, so that one of two such pairs stands for both.
    assert {str(way.asked[0]) for way in ways} <= set(left)
    assert {way.phenotypes for way in ways} == {
        way.phenotypes
        for name in left
        for way in [plain.facts({"CYP2C9": star(name)}, (), {}, ClinicalEntry()).genes["CYP2C9"]]
    }


def star(name: str) -> GeneResult:
    """Return a called pair; *6 has the function of *3."""
    return star_gene("CYP2C9", "*1/*3" if name == "*1/*6" else name)
