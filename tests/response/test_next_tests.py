"""What to settle next: ranked by what it would change, and held to a twin that tries everything."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest

from epilepsy_pgx.clinical_entry import COLUMNS, Quantity
from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Gene, TestItem
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.facts import PatientFacts, with_entry
from epilepsy_pgx.response.monogenic import GeneFinding, StateEvidence
from epilepsy_pgx.response.next_tests import NextTests, next_tests_of, profile_of
from epilepsy_pgx.response.open_entry import OpenEntry
from epilepsy_pgx.response.open_results import OpenItem, _open_pairs, with_gene
from epilepsy_pgx.response.prints import Print, print_of
from epilepsy_pgx.response.probe import Probe
from epilepsy_pgx.vocabulary import FailureReason, FindingState, GeneStatus, Sex, SiteStatus, Tier
from tests.response.builders import (
    PHENOTYPES,
    Case,
    case,
    covered,
    gave_up,
    star_gene,
    takes,
    typed,
    variant,
)
from tests.toy.package import short_tables, write_package

ORDER = list(Tier)


@pytest.fixture(scope="module")
def ranking(plain: ResponseEngine, reference) -> NextTests:
    return next_tests_of(reference, plain)


def facts_of(engine: ResponseEngine, patient: Case) -> PatientFacts:
    return engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)


# The twin on real tables: every way is interpreted as a whole.


def lines(engine: ResponseEngine, facts: PatientFacts) -> dict[str, set[Print]]:
    """Return every line of a report, by the drug or the statement, with its words."""
    found = {}
    said = engine.interpret_facts(facts)
    for drug in said.drugs:
        found[drug.drug] = {print_of(s) for s in (*drug.statements, *drug.safety_notes)}
    for section in said.context:
        for s in section.statements:
            if not s.statement_id.startswith("context-explained:"):
                found[s.statement_id] = {print_of(s)}
    # What stands in no drug's line gives way to the lines of drugs, which is a change in those;
    # neighbours that say the same are joined in the interpretation.
    for table in (engine.therapy, engine.context):
        for hit in table.fire(engine.hear(facts).facts):
            found[hit.statement.statement_id] = {print_of(hit.statement)}
    return found


def rank(said: Print) -> int:
    return 0 if said.urgent else 1 + ORDER.index(said.tier)


def tried(engine: ResponseEngine, facts: PatientFacts, item: OpenItem) -> dict[str, int]:
    """Return what changes over every way in which an item may turn out, and how urgent it is."""
    found: dict[str, int] = {}
    before = lines(engine, facts)
    for way in item.ways():
        after = lines(engine, replace(way, stopping=facts.stopping, computed=facts.computed))
        for line in before.keys() | after.keys():
            changed = before.get(line, set()) ^ after.get(line, set())
            if changed:
                found[line] = min(found.get(line, 9), *map(rank, changed))
    return found


TAKES = ClinicalEntry(
    affected=True,
    sex=Sex.FEMALE,
    age_years=Decimal(20),
    entry_date="2026-11-22",
    current=(takes("carbamazepine", "2026-11-01"), takes("phenytoin")),
    failed=(gave_up("lamotrigine", adequate=None), gave_up("valproate", FailureReason.UNKNOWN)),
)
PATIENTS = {
    "nothing known": case(),
    "taken": case(star_gene("CYP2C9", "*1/*1", "*1/*3"), clinical=TAKES),
    "in doubt": case(
        star_gene("CYP2C9", "*1/*1", not_excluded=("*6",)),
        typed("HLA-B", absent=("*15:02",)),
        findings=(
            variant("POLG", name="c.1A>G"),
            variant("POLG", name="c.2A>G", own=False),
            variant("SCN1A", truncating=True, classification=None),
        ),
        coverage=covered("POLG", "SCN1A"),
        clinical=replace(TAKES, signs=("rash",), current=None),
    ),
    "an infant": case(
        coverage=covered("POLG"),
        clinical=ClinicalEntry(affected=True, age_years=Decimal(1), onset_months=Decimal(3)),
    ),
    "a variant that a model knows": case(
        findings=(variant("SCN1A", truncating=True, classification=None),),
        coverage=covered("SCN1A"),
        clinical=ClinicalEntry(affected=True, onset_months=Decimal(3)),
    ),
    "given up for an unknown reason": case(
        typed("HLA-B", "*15:02"),
        clinical=ClinicalEntry(
            affected=True, failed=(gave_up("carbamazepine", FailureReason.UNKNOWN),)
        ),
    ),
}
ASKED = {
    "nothing known": {"field:affected", "field:mri"},
    "taken": {"typing:HLA-A", "adequate:lamotrigine", "start:phenytoin", "level:phenytoin"},
    "in doubt": {"genotype:CYP2C9", "phase:POLG", "class:POLG c.2A>G", "field:pregnant"},
    "an infant": {"sequence:SCN1A", "field:mri"},
    "a variant that a model knows": {"class:SCN1A c.1A>G"},
    "given up for an unknown reason": {"reason:carbamazepine"},
}
"""Items with few ways, so that the twin is quick; the long tests try all."""


@pytest.mark.parametrize("name", PATIENTS)
def test_what_changes_is_what_a_whole_new_report_would_say(name, plain, ranking):
    facts = facts_of(plain, PATIENTS[name])
    found = {f"{item.kind}:{item.subject}": (item, c) for item, c in ranking.changes(facts)}
    assert found.keys() >= ASKED[name]
    for key in sorted(ASKED[name]):
        item, changes = found[key]
        assert {line: c.rank for line, c in changes.items()} == tried(plain, facts, item), key


@pytest.mark.slow
@pytest.mark.parametrize("name", PATIENTS)
def test_every_item_changes_what_a_whole_new_report_would_say(name, plain, ranking):
    facts = facts_of(plain, PATIENTS[name])
    for item, changes in ranking.changes(facts):
        assert {n: c.rank for n, c in changes.items()} == tried(plain, facts, item), item.subject


# The twin on invented tables: it knows nothing of items and completes by hand.


UNUSED = (
    "amino_acid_distances",
    "clinical_context",
    "dose_maxima",
    "drug_safety",
    "entry_equivalents",
    "entry_words",
    "exposure_effects",
    "factor_conditions",
    "factor_signs",
    "factors",
    "gene_therapy",
    "level_alerts",
    "level_analytes",
    "level_kinetics",
    "level_ranges",
    "planned_matters",
    "prediction_accessions",
    "prediction_cohort",
    "prediction_models",
    "prediction_residues",
    "prediction_terms",
    "signs",
    "syndromes",
    "trial_doses",
    "trial_doses_children",
    "units",
    "urgent_order",
)
"""Tables of which the invented package has none."""


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    tables = short_tables() | {name: [] for name in UNUSED}
    ref = load_reference(write_package(tmp_path_factory.mktemp("toy"), tables))
    engine = ResponseEngine(ref)
    return ref, engine, NextTests(ref, engine)


def toy_patients(ref, engine) -> Iterator[PatientFacts]:
    for gene in ([], ["TOY2=*1/*1"], ["TOY2=*1/*2,*2/*2"], ["TOY2=*2/*2"]):
        for state in ([], ["TOYR=none_found"], ["TOYR=lof_plp"]):
            facts = parse_given([*gene, *state], [], ref, engine)
            yield facts
            yield with_entry(facts, ClinicalEntry(current=(), failed=()))
            yield with_entry(facts, ClinicalEntry(current=(takes("tol"),)))


def completed(ref, engine, facts: PatientFacts) -> Iterator[tuple[str, PatientFacts]]:
    """Yield each thing that is not known, completed in every way that the input allows."""
    table = engine.tables_of_genes["TOY2"]
    known = facts.genes.get("TOY2")
    pairs = [d.alleles for d in known.asked] if known else []
    if not known or len(pairs) > 1:
        for pair in pairs or combinations_with_replacement(table.named, 2):
            made = parse_given([f"TOY2={'/'.join(pair)}"], [], ref, engine).genes
            yield "genotype:TOY2", replace(facts, genes=made)
    if facts.findings["TOYR"].status is not GeneStatus.COMPLETE:
        for state in FindingState:
            if state not in (FindingState.NOT_ASSESSED, FindingState.PARTIAL):
                found = GeneFinding(
                    "TOYR", GeneStatus.COMPLETE, ((state, StateEvidence((), True, True)),)
                )
                yield "sequence:TOYR", replace(facts, findings={"TOYR": found})
    for column in COLUMNS:
        if getattr(facts.clinical, column.attribute) is not None:
            continue
        for _, answer in column.choices:
            entry = replace(facts.clinical, **{column.attribute: answer})
            yield f"field:{column.subject}", with_entry(facts, entry)
    if facts.clinical.current is None:
        for taken in ((), (takes("toyamide"),), (takes("toyzepam"),)):
            yield "list:current", with_entry(facts, replace(facts.clinical, current=taken))
    if facts.clinical.failed is None:
        for given in ((), (gave_up("toyamide"),), (gave_up("toyamide"), gave_up("toyzepam"))):
            yield "list:failed", with_entry(facts, replace(facts.clinical, failed=given))


def test_an_item_is_listed_if_and_only_if_it_can_change_a_line(toy):
    ref, engine, ranking = toy
    seen: set[str] = set()
    for facts in toy_patients(ref, engine):
        before = lines(engine, facts)
        changing = {k for k, way in completed(ref, engine, facts) if lines(engine, way) != before}
        listed = {f"{t.item.split(':')[0]}:{s}" for t in ranking.of(facts) for s in t.subjects}
        assert listed == changing
        seen |= listed
    whole = {"genotype:TOY2", "sequence:TOYR", "list:current", "list:failed", "field:affected"}
    # After a liver transplant the genotype of an enzyme gives no dose.
    assert seen == whole | {"field:transplant"}


def test_what_is_said_after_a_reaction_changes_the_line_of_a_drug_that_was_given_up(tmp_path):
    """The row asks for a gene alone; what it says to do then stops what it says else."""
    tables = short_tables() | {name: [] for name in UNUSED}
    (row,) = (r for r in tables["drug_rules"] if r["rule_id"] == "toy-rare")
    row |= {"text_reaction": "action-toy", "text_taking": "."}
    tables["actions"] = [
        {"text_id": "action-toy", "class": "stop"},
        {"text_id": "rule-toy-rare", "class": "change", "text_instead": "action-toy-left"},
    ]
    tables["action_ranks"] = [
        {"class": "stop", "over": "change", "when": "always", "if_possible": "yes"}
    ]
    ref = load_reference(write_package(tmp_path, tables))
    engine = ResponseEngine(ref)
    facts = parse_given(["TOY2=*1/*1", "TOYR=lof_plp"], [], ref, engine)
    entry = ClinicalEntry(current=(), failed=(gave_up("toyamide", FailureReason.UNKNOWN),))
    facts = with_entry(facts, entry)
    found = {f"{i.kind}:{i.subject}": (i, c) for i, c in NextTests(ref, engine).changes(facts)}
    item, changes = found["reason:toyamide"]
    wanted = tried(engine, facts, item)
    assert {line: c.rank for line, c in changes.items()} == wanted
    assert "toyamide" in wanted


# What the ranking says of single patients.


def of(engine: ResponseEngine, ranking: NextTests, patient: Case) -> list[str]:
    return [f"{t.item.split(':')[0]}:{s}" for t in ranking.of(facts_of(engine, patient))
            for s in t.subjects]  # fmt: skip


def everything_read(engine: ResponseEngine) -> dict[str, object]:
    return covered(*engine.monogenic)


def test_typing_comes_first_for_whoever_takes_the_drug(plain, ranking):
    entry = ClinicalEntry(
        affected=True,
        entry_date="2026-11-22",
        current=(takes("carbamazepine", "2026-11-01"),),
        failed=(),
        syndromes=("focal_epilepsy",),
        mitochondrial_suspected=False,
        pregnant=False,
    )
    patient = case(
        star_gene("CYP2C9", "*1/*1"),
        typed("HLA-A"),
        coverage=everything_read(plain),
        clinical=entry,
    )
    first, *_ = ranking.of(facts_of(plain, patient))
    assert (first.item, first.subjects, first.urgent) == ("typing:*", ("HLA-B",), True)
    assert first.drugs[0] == "carbamazepine"
    settled = replace(patient, genes={**patient.genes, "HLA-B": typed("HLA-B")})
    assert "typing:HLA-B" not in of(plain, ranking, settled)


def test_phase_is_asked_only_while_two_variants_are_not_phased(plain, ranking):
    def patient(*copies: int | None) -> Case:
        return case(
            findings=[
                variant(
                    "POLG",
                    name=f"c.{n}A>G",
                    phase_set=None if copy is None else PhaseSet("15", "1", copy),
                )
                for n, copy in enumerate(copies, 1)
            ],
            coverage=everything_read(plain),
        )

    assert "phase:POLG" in of(plain, ranking, patient(None, None))
    assert "phase:POLG" not in of(plain, ranking, patient(0, 1))
    assert "phase:POLG" not in of(plain, ranking, patient(None))


@pytest.mark.parametrize(
    ("entry", "answers"),
    [
        (ClinicalEntry(sex=Sex.MALE), [False]),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal(5)), [False]),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal(66)), [False]),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal(30)), [True, False]),
        (ClinicalEntry(age_years=Decimal(30)), [True, False]),
        (ClinicalEntry(), [True, False]),
    ],
)
def test_what_cannot_be_is_not_asked(plain, ranking, entry, answers):
    open_items = [*ranking.open_items(facts_of(plain, case(clinical=entry)))]
    for column in ("pregnant", "pregnancy_potential"):
        found = (item for item in open_items if item.subject == column)
        ways = [getattr(way.clinical, column) for item in found for way in item.ways()]
        assert sorted(ways, reverse=True) == answers


def test_what_no_rule_asks_for_is_not_listed(plain, ranking):
    listed = of(plain, ranking, case())
    assert "field:weight_kg" not in listed
    assert "field:sign" not in listed, "a row says that it is not offered"
    assert not [x for x in listed if x.startswith("class:")]


def test_a_column_is_asked_for_as_soon_as_a_rule_uses_it(plain):
    entry = OpenEntry(plain, [])
    subjects = {item.subject for item in entry.of(facts_of(plain, case()))}
    assert subjects >= {column.subject for column in COLUMNS if column.asked}


@pytest.mark.parametrize("taken", [(), ("carbamazepine", "valproate")])
def test_the_order_is_by_place_then_urgency_then_turnaround_then_lines(
    taken, plain, ranking, reference
):
    """Drugs fail in whoever takes some here: only then the places of the table count."""
    entry = ClinicalEntry(
        current=tuple(takes(drug) for drug in taken), failed=(gave_up("lamotrigine"),)
    )
    facts = facts_of(plain, case(clinical=entry) if taken else case())
    found = ranking.of(facts)
    rows = {row.item: row for row in reference.rows(TestItem)}
    drugs = {info.drug for info in plain.drugs}
    changes = {(item.kind, item.subject): lines for item, lines in ranking.changes(facts)}

    def row_of(test):
        return rows.get(f"{test.item.split(':')[0]}:{test.subjects[0]}", rows[test.item])

    def weight(test):
        kind, rank = test.item.split(":")[0], 0 if test.urgent else 1 + ORDER.index(test.tier)
        near = {
            line
            for subject in test.subjects
            for line, change in changes[kind, subject].items()
            if change.rank <= rank and (line in taken or line not in drugs)
        }
        row = row_of(test)
        slow, rare = row.turnaround == "weeks", row.place == 9
        # No sign is entered of these patients.
        calm = slow or rare or not row.hurries or bool(row.hurries_with)
        # Nobody has read a gene of these patients.
        early = row.place if row.place_unread is None else row.place_unread
        place = early if taken else row.place if rare else 5
        first = rank == 0 and bool(near) and not calm
        return not first, place, max(rank, calm), slow, -len(near), -test.most, -test.lines

    weights = [weight(test) for test in found]
    assert weights == sorted(weights)
    assert {w[1] for w in weights} >= ({2, 3, 4, 5, 9} if taken else {5, 9})
    again = NextTests(reference, plain).of(facts)
    assert again == found


def test_what_takes_weeks_stands_behind_what_is_as_strong_and_known_in_days(
    plain, ranking, reference
):
    """It asks of many genes, so that by lines alone it would come before most of them."""
    rows = {row.item: row for row in reference.rows(TestItem)}
    found = [
        t
        for t in ranking.of(facts_of(plain, case()))
        if rows.get(f"{t.item.split(':')[0]}:{t.subjects[0]}", rows[t.item]).place < 9
    ]
    (order,) = [t for t in found if rows[t.item].turnaround == "weeks"]
    strong = [t for t in found if t.urgent or t.tier is Tier.ACT]
    assert len(strong) > 3
    assert order is strong[-1]
    assert order.most > sorted(t.most for t in strong)[len(strong) // 2]
    assert found.index(order) < len(found) - 1, "what is weaker still follows"


MUCH = replace(takes("levetiracetam", "2025-01-01"), daily_dose=Quantity(Decimal(3000), "mg/day"))
FAILING = ClinicalEntry(
    affected=True,
    sex=Sex.MALE,
    age_years=Decimal(40),
    entry_date="2026-11-22",
    last_seizure="2026-11-18",
    current=(takes("levetiracetam", "2025-01-01"),),
    failed=(gave_up("lamotrigine"), gave_up("carbamazepine")),
)
FIRST = {
    "no outcome": (replace(FAILING, last_seizure=None), (), ["field:last_seizure", "field:mri"]),
    "diagnosis in doubt": (
        replace(FAILING, diagnosis_confirmed="doubted", mri="normal"),
        (),
        ["field:diagnosis_confirmed", "level:levetiracetam"],
    ),
    "a variant that ClinVar alone classed": (
        FAILING,
        (variant("SCN1A", own=False),),
        ["class:SCN1A c.1A>G", "field:mri"],
    ),
    "MRI not done": (replace(FAILING, mri="not_done"), (), ["field:mri", "level:levetiracetam"]),
    "the kidneys of the old": (
        replace(FAILING, age_years=Decimal(75), current=(MUCH,)),
        (),
        ["field:egfr_ml_min_173", "field:mri"],
    ),
}


@pytest.mark.parametrize("name", FIRST)
def test_what_decides_about_failure_stands_first(name, plain, ranking):
    entry, findings, first = FIRST[name]
    patient = case(findings=findings, coverage=everything_read(plain), clinical=entry)
    assert of(plain, ranking, patient)[: len(first)] == first


def test_equal_patients_are_worked_out_once(plain, ranking, monkeypatch):
    def patient(depth: int) -> PatientFacts:
        seen = replace(variant("POLG"), depth=depth, allele_fraction=depth / 100)
        return facts_of(plain, case(findings=[seen], coverage=covered("POLG")))

    first = ranking.of(patient(30))
    monkeypatch.setattr(Probe, "read", lambda *_: pytest.fail("asked again"))
    assert ranking.of(patient(31)) is first
    assert profile_of(patient(30)) != profile_of(facts_of(plain, case()))


def test_a_result_of_which_the_phenotype_alone_is_stated_is_open(plain, ranking, reference):
    stated = parse_given(["CYP2C9=Poor Metabolizer"], [], reference, plain)
    ways = {
        d.phenotypes
        for item in ranking.open_items(stated)
        if (item.kind, item.subject) == ("genotype", "CYP2C9")
        for way in item.ways()
        for d in [way.genes["CYP2C9"]]
    }
    assert ways == {("Poor Metabolizer",)}


def test_pairs_of_alleles_that_stand_for_others_change_what_all_of_them_change(plain, ranking):
    """The twin tries every pair of alleles that is left open, also those that tables know alike."""
    few = every = 0
    for gene, known in PHENOTYPES.items():
        table = plain.tables_of_genes[gene]
        patient = case(star_gene(gene, *[*known][:2], not_excluded=table.named), clinical=TAKES)
        facts = facts_of(plain, patient)
        reading = ranking._probe.read(facts)
        for item in ranking.open_items(facts):
            if (item.kind, item.subject) != ("genotype", gene):
                continue
            pairs = [*_open_pairs(facts.genes[gene])]
            made = [ranking._results._made(gene, pair, table, False) for pair in pairs]
            ways = [with_gene(facts, gene, result) for result in made]
            all_of_them = replace(item, ways=lambda ways=ways: ways, state="all of them")
            found = ranking._probe.changes(reading, item)
            assert found == ranking._probe.changes(reading, all_of_them), gene
            few, every = few + len([*item.ways()]), every + len(pairs)
    assert 100 < 4 * few < every


def test_a_genotype_below_the_thresholds_may_be_confirmed_or_not(plain, ranking):
    doubtful = variant("SCN1A", truncating=True, status=SiteStatus.LOW_QUALITY)
    patient = case(findings=[doubtful], coverage=everything_read(plain))
    assert "confirmation:SCN1A c.1A>G" in of(plain, ranking, patient)


def test_every_kind_of_item_has_a_row_and_every_row_a_subject(reference, plain):
    rows = {row.item for row in reference.rows(TestItem)}
    genes = {row.gene for row in reference.rows(Gene)}
    columns = {column.subject for column in COLUMNS}
    for item in rows:
        kind, subject = item.split(":", 1)
        assert f"{kind}:*" in rows
        assert subject in {"*", *genes, *columns, "current", "failed"}


def test_lines_that_are_shared_change_like_those_of_each_patient(plain, ranking, reference):
    """The second patient shares all lines of the first but those that ask for what differs."""
    first = case(star_gene("CYP2C9", "*1/*1"), coverage=covered("SCN1A"))
    found = variant("SCN1A", truncating=True)
    second = case(
        star_gene("CYP2C9", "*3/*3"), findings=(found,), coverage=covered("POLG", "SCN1A")
    )
    ranking.of(facts_of(plain, first))
    facts = facts_of(plain, second)
    assert ranking.of(facts) == NextTests(reference, plain).of(facts)


def test_whether_genes_have_pathogenic_variants_is_kept_up_to_date(plain):
    facts = facts_of(plain, case(findings=(variant("POLG"),), coverage=covered("POLG", "SCN1A")))
    assert (facts.pathogenic_genes, facts.has_pathogenic) == (1, True)
    cleared = facts.with_finding(replace(facts.findings["POLG"], states=()))
    assert (cleared.pathogenic_genes, cleared.has_pathogenic) == (0, False)
    assert cleared.changed(computed={}).pathogenic_genes == 0


@pytest.mark.parametrize("phenotypes", [("Poor Metabolizer",), ()])
def test_a_result_with_more_candidates_than_are_listed_may_be_any_of_them(
    plain, ranking, phenotypes
):
    """Those that a stated phenotype excludes are no way in which it may turn out."""
    many = replace(
        star_gene("CYP2C9", "*3/*3", status=GeneStatus.PARTIAL),
        diplotypes=(),
        phenotypes=phenotypes,
        activity_scores=(),
        candidate_count=40,
        unlisted=True,
    )
    facts = facts_of(plain, case(many))
    (item,) = (
        i for i in ranking.open_items(facts) if (i.kind, i.subject) == ("genotype", "CYP2C9")
    )
    found = [{*way.genes["CYP2C9"].phenotypes} for way in item.ways()]
    every = {"Normal Metabolizer", "Intermediate Metabolizer", "Poor Metabolizer"}
    if phenotypes:
        assert found
        assert all(words & {*phenotypes} for words in found)
    else:
        assert every <= set().union(*found)


@pytest.mark.parametrize(
    ("reason", "adequate", "failed"),
    [
        (FailureReason.LACK_OF_EFFECT, True, True),
        (FailureReason.LACK_OF_EFFECT, None, True),
        (FailureReason.LACK_OF_EFFECT, False, False),
        (FailureReason.INADEQUATE_TRIAL, None, False),
    ],
)
def test_only_a_trial_that_may_count_has_failed(
    plain: ResponseEngine, reason: FailureReason, adequate: bool | None, failed: bool
) -> None:
    entry = ClinicalEntry(failed=(gave_up("lacosamide", reason, adequate),))
    facts = facts_of(plain, case(clinical=entry))
    assert facts.has_failed("lacosamide") is failed
    assert not facts.has_failed("phenytoin")
