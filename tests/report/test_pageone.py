"""Page one against the drug table, over generated patients."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugLevel, Quantity
from epilepsy_pgx.model import (
    Patient,
    PatientReport,
    PlannedDrug,
    Provenance,
    Suggestion,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import LevelAlert
from epilepsy_pgx.report.asked import said_elsewhere
from epilepsy_pgx.report.drugtable import group_drugs
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lines import Line
from epilepsy_pgx.report.pageone import Entry, PageOne, plan_page_one, shown_statements
from epilepsy_pgx.report.room import not_considered
from epilepsy_pgx.report.view.build import build_view
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import Message, Statement, Value
from epilepsy_pgx.vocabulary import LevelPart, ReportStatus, Response, Sex, Tier
from tests.drawing import examples
from tests.report.examples import example_reports
from tests.response.builders import Case, case, covered, star_gene, takes, typed, variant
from tests.response.strategies import DRUGS, cases
from tests.response.test_actions import entry

CHEAP = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
ASKS = (Tier.ACT, Tier.CONSIDER)
ENDLESS = 10_000
"""Lines of a sheet that holds everything."""
STOPPING = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)
OPEN = (Response.NOT_ASSESSED, Response.PARTIAL)
ORIGIN = Provenance(
    "s",
    "0",
    "0",
    "d",
    (),
    "GRCh38",
    Message("callability-declared", (Value("file", ("a.bed",)),)),
    "2026-11-22",
)


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.fixture(scope="module")
def words(reference: Reference) -> ReportWords:
    return ReportWords(Wording(reference))


def report_of(engine: ResponseEngine, patient: Case) -> PatientReport:
    """Return the report of a patient, as far as page one needs it."""
    said = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    return PatientReport(
        "1",
        "R",
        "en",
        Patient("P", "P"),
        patient.clinical,
        ReportStatus.DRAFT,
        (),
        tuple(patient.genes.values()),
        patient.findings,
        tuple(patient.coverage.values()),
        said,
        (),
        ORIGIN,
    )


def plan(*names: str) -> tuple[PlannedDrug, ...]:
    return tuple(PlannedDrug(name, True, name) for name in names)


def entries(page: PageOne) -> dict[str, Entry]:
    return {drug: e for e in (*page.current, *page.starting) for drug in e.drugs}


def ids_of(statement: Statement, words: ReportWords) -> set[str]:
    """Return the text of a finding, in its long and its short form."""
    return {statement.text_id, words.wording.short(statement.text_id)}


def missing(report: PatientReport, page: PageOne, words: ReportWords) -> Iterator[str]:
    """Yield what asks for something and stands nowhere on page one."""
    shown, gated = entries(page), {d for _, drugs in page.required_tests for d in drugs}
    box = {i for line, _ in page.urgent for i in line.text_ids}
    for drug in report.interpretation.drugs:
        entry = shown.get(drug.drug)
        here = {i for line in entry.said for i in line.text_ids} if entry else set()
        for s in drug.statements:
            tested = s.response in OPEN and drug.drug in gated
            if s.tier in ASKS and not (tested or ids_of(s, words) & (here | box)):
                pointed = entry is not None and any(
                    "Interaction: see" in x.text for x in entry.said
                )
                if not (pointed and s.response is Response.INTERACTION):
                    yield f"{s.statement_id} ({s.tier})"


@CHEAP
@given(patient=cases(), planned=st.lists(st.sampled_from(DRUGS), max_size=3, unique=True))
def test_page_one_and_the_drug_table_say_the_same(
    engine: ResponseEngine, words: ReportWords, patient: Case, planned: list[str]
) -> None:
    clinical = replace(patient.clinical, planned=plan(*planned))
    report = report_of(engine, replace(patient, clinical=clinical))
    page = plan_page_one(report, words, ENDLESS)
    assert not list(missing(report, page, words))
    assert not page.left_out
    # On a sheet of paper only what asks for no immediate action gives way, and it is counted.
    sheet = plan_page_one(report, words)
    gone = list(missing(report, sheet, words))
    assert not [x for x in gone if x.endswith("(act)")]
    assert bool(gone) <= bool(sheet.left_out)
    # What the headline counts as drugs to avoid is named, confirmed or not.
    avoided = {d.drug for d in report.interpretation.drugs if d.response in STOPPING}
    assert avoided <= entries(page).keys() & entries(sheet).keys()
    beside = (*page.context, *page.monogenic)
    assert not [x for x in beside if x.statement.urgent], "the box has said it"
    table = {
        drug: (row.response, row.conditional)
        for _, rows, _ in group_drugs(report.interpretation.drugs, words)
        for row in rows
        for drug in row.names
    }
    for drug, found in entries(page).items():
        if drug in table:
            assert (found.response, found.conditional) == table[drug], drug
        asks = [line for line in found.said if line.statement.tier in ASKS]
        if found.response in (Response.NO_RULE, Response.STANDARD):
            assert not asks, (drug, asks)
        if found.conditional:
            same = [x for x in found.said if x.statement.response is found.response]
            assert not any(x.text.startswith("If confirmed") for x in same), drug
    taken = {d.drug for d in clinical.current or () if d.known}
    current = {drug for e in page.current for drug in e.drugs}
    # What is in neither is named in a line of a drug that is taken.
    named = {
        name
        for d in report.interpretation.drugs
        if d.drug in taken
        for x in d.statements
        if x.tier in ASKS
        for reason in x.reasons
        for name in reason.subject.names
    }
    apart = {*page.silent, *page.behind, *page.to_settle}
    assert current | set(page.silent) <= taken <= current | apart | named
    assert not current & {*page.silent, *page.behind}
    # What is called silent is named by no statement of the report.
    assert not set(page.silent) & said_elsewhere(report)


@pytest.mark.parametrize(
    "found",
    [
        variant("SCN1A", own=False),
        variant("SCN1A", truncating=True, classification=None),
        variant("SCN1A"),
    ],
    ids=["classed by ClinVar alone", "truncating, not classed", "classed by the laboratory"],
)
def test_a_drug_to_avoid_is_named_whoever_gave_the_class(
    engine: ResponseEngine, words: ReportWords, found: VariantFinding
) -> None:
    """A child of whom nothing is planned: nobody may read page one as free of warnings."""
    child = ClinicalEntry(
        affected=True,
        age_years=Decimal("1.5"),
        onset_months=Decimal(9),
        current=(takes("levetiracetam"),),
        failed=(),
    )
    patient = case(findings=(found,), coverage=covered("SCN1A"), clinical=child)
    report = report_of(engine, patient)
    avoided = {d.drug for d in report.interpretation.drugs if d.response in STOPPING}
    assert {"carbamazepine", "lamotrigine", "phenytoin"} <= avoided
    for lines in (ENDLESS, 1):
        page = plan_page_one(report, words, lines)
        assert avoided <= entries(page).keys(), lines
    shown = entries(plan_page_one(report, words))
    own = [record.act for record in found.classifications]
    assert shown["carbamazepine"].conditional is (own == [False])


def test_two_guidelines_stand_side_by_side_the_stronger_first(
    engine: ResponseEngine, words: ReportWords
) -> None:
    for current, where in (((), "starting"), ((takes("phenytoin"),), "current")):
        patient = case(star_gene("CYP2C9", "*1/*2"), clinical=entry(current=current))
        page = plan_page_one(report_of(engine, patient), words)
        found = next(e for e in getattr(page, where) if "phenytoin" in e.drugs)
        assert [x.text[:4] for x in found.said][:2] == ["DPWG", "CPIC"]
        assert "no change" in found.said[1].text


def like(line: Line) -> tuple[object, ...]:
    said = line.statement
    return said.origin, said.response, said.conditional


def test_drugs_that_share_an_entry_say_the_same_words_once(
    engine: ResponseEngine, words: ReportWords
) -> None:
    """And what one of them adds stands alone behind its name; no drug loses a sentence."""
    taken = (takes("valproate"), takes("clobazam"))
    joined = 0
    for syndromes, types in (
        (("dravet",), ("myoclonic",)),
        ((), ("myoclonic",)),
        (("juvenile_myoclonic_epilepsy",), ("absence",)),
        (("childhood_absence_epilepsy",), ()),
    ):
        clinical = entry(
            current=taken, syndromes=syndromes, seizure_types=types, pregnancy_potential=True
        )
        report = report_of(engine, case(typed("HLA-B", "*15:02"), clinical=clinical))
        asking = {d.drug: shown_statements(d) for d in report.interpretation.drugs}
        for shared in plan_page_one(report, words, ENDLESS).starting:
            lines = [(x, tuple(p.key for p in x.parts)) for x in shared.said]
            for (x, begin), (y, whole) in permutations(lines, 2):
                if like(x) == like(y):
                    assert whole[: len(begin)] != begin, x.text
            assert all(len(x.about) == len(set(x.about)) for x in shared.said)
            for drug in shared.drugs:
                told = {i for x in shared.said if drug in (x.about or (drug,)) for i in x.text_ids}
                own = (s for s in asking[drug] if s.response not in OPEN)
                wanted = {words.wording.short(i) for s in own for i in s.part_ids}
                assert wanted - told == set(), drug
            joined += any("as-its-active-form" in i for x in shared.said for i in x.text_ids)
    assert joined


def test_the_gene_that_decides_about_a_drug_is_asked_for_first(
    engine: ResponseEngine, words: ReportWords
) -> None:
    report = example_reports()["EX01"]
    first = plan_page_one(report, words).unread_first
    assert set(first) == {c.gene for c in report.coverage if not c.assessed} & {
        gene for test in report.interpretation.next_tests for gene in test.subjects
    }
    deciding = {
        d.drug: d.not_assessed for d in report.interpretation.drugs if d.drug == "valproate"
    }
    assert first[0] in deciding["valproate"]
    told = build_view(report, words, Letterhead(), plan_page_one(report, words)).page_one
    assert first[0] in told.summary.counts[-1].label
    assert ", ".join(first[:3]) in " ".join(told.limits.gaps)
    # Where nothing of a gene decides, what is asked for first stands first.
    none = replace(
        report,
        interpretation=replace(
            report.interpretation,
            drugs=tuple(replace(d, not_assessed=()) for d in report.interpretation.drugs),
        ),
    )
    asked = (gene for test in report.interpretation.next_tests for gene in test.subjects)
    ranked = dict.fromkeys(gene for gene in asked if gene in first)
    assert plan_page_one(none, words).unread_first == tuple(ranked)
    assert plan_page_one(replace(report, coverage=()), words).unread_first == ()


def test_only_an_interaction_is_referred_to(engine: ResponseEngine, words: ReportWords) -> None:
    """What holds for each of two planned drugs is said of each, in words."""
    clinical = entry(
        current=(takes("carbamazepine", None, ("rash",)),),
        planned=plan("lamotrigine", "phenytoin", "oxcarbazepine"),
    )
    page = plan_page_one(report_of(engine, case(clinical=clinical)), words, ENDLESS)
    pointed = 0
    for found in page.starting:
        for line in found.said:
            if "Interaction: see" in line.text:
                pointed += 1
                assert line.statement.response is Response.INTERACTION
        if found.planned:
            assert "no substitute" in found.said[0].text
    assert pointed


def test_each_medicine_that_is_entered_is_named(
    engine: ResponseEngine, reference: Reference
) -> None:
    unknown = replace(takes("zzz"), known=False)
    meant = replace(takes("vaproat"), known=False, suggestion=Suggestion("valproate", "valproate"))
    clinical = entry(current=(takes("lamotrigine"), takes("paracetamol"), unknown, meant))
    report = report_of(engine, case(clinical=clinical))
    words = ReportWords(Wording(reference))
    assert plan_page_one(report, words).silent == ("paracetamol",)
    told = not_considered(report, words)
    assert any("zzz: not in the tables, not considered" in x for x in told)
    assert any(
        "if it should read valproate, correct the name (until then only warnings count it)" in x
        for x in told
    )
    planned = replace(
        clinical, planned=(PlannedDrug("valproat", False, "valproat", meant.suggestion),)
    )
    told = not_considered(report_of(engine, case(clinical=planned)), words)
    assert any(
        "valproat: planned, not in the tables, not considered; if valproate is meant" in x
        for x in told
    )
    view = build_view(report, words, Letterhead(), plan_page_one(report, words))
    assert any(
        "no reassurance" in f.label and f.value == "paracetamol"
        for f in view.page_one.current.not_considered
    )


def test_a_verdict_says_once_that_it_is_to_be_confirmed(
    engine: ResponseEngine, words: ReportWords
) -> None:
    patient = case(clinical=entry(current=(), sex=Sex.FEMALE))
    page = plan_page_one(report_of(engine, patient), words)
    found = entries(page)["valproate"]
    assert found.conditional
    assert not any(x.text.startswith("If confirmed") for x in found.said)


@pytest.mark.parametrize(
    ("level", "signs", "text_id"),
    [
        ("32", (), "level-alert"),
        ("25", (), "level-above"),
        ("4", (), "level-below"),
        ("32", ("nystagmus",), "level-alert-urgent"),
    ],
)
def test_what_a_level_asks_for_is_read_with_its_drug(
    engine: ResponseEngine, words: ReportWords, level: str, signs: tuple[str, ...], text_id: str
) -> None:
    """It leads the line if it is too high, stands once, and the drug table refers to the box."""
    measured = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(level), "mg/L"), date="2026-11-10")
    taken = replace(takes("phenytoin", "2020-01-01"), levels=(measured,))
    clinical = ClinicalEntry(current=(taken,), signs=signs, entry_date="2026-11-20")
    report = report_of(engine, case(clinical=clinical))
    page = plan_page_one(report, words)
    line = next(e for e in page.current if e.drugs == ("phenytoin",))
    in_box = any(text_id in x.text_ids for x, _ in page.urgent)
    said = [i for x in line.said for i in x.text_ids]
    assert in_box == text_id.startswith("level-alert")
    assert words.wording.short(text_id) in said or text_id in said or in_box
    assert not any(text_id in x.statement.text_id for x in page.context)
    if text_id != "level-below":
        assert line.response is Response.CAUTION
    assert line.urgent == in_box


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("lines", "crowd"), [(60, ()), (1, DRUGS)])
def test_a_level_at_its_alert_limit_stands_on_page_one_in_words(
    reference: Reference, engine: ResponseEngine, language: str, lines: int, crowd: tuple[str, ...]
) -> None:
    """It gives way to nothing: neither to other drugs, nor to a small sheet, nor to a stop."""
    words = ReportWords(Wording(reference, language))
    for row in reference.rows(LevelAlert):
        level = DrugLevel(row.part, Quantity(row.limit, row.unit), date="2026-11-10")
        taken = replace(takes(row.drug, "2020-01-01"), levels=(level,))
        others = tuple(takes(name) for name in crowd if name != row.drug)
        for signs in ((), ("rash",), ("unsteadiness",)):
            clinical = ClinicalEntry(current=(taken, *others), signs=signs, entry_date="2026-11-20")
            page = plan_page_one(report_of(engine, case(clinical=clinical)), words, lines)
            line = next(e for e in page.current if row.drug in e.drugs)
            said = [*line.said, *(x for x, _ in page.urgent)]
            shown = [
                x.text
                for x in said
                if x.statement.statement_id.startswith(f"level-alert:{row.drug}:{row.part}")
            ]
            assert shown, (row.drug, row.part, signs)
            assert any("alert" in text.lower() for text in shown)
            # It asks for the prescriber today, with a sign and without.
            boxed = [
                x for x, _ in page.urgent if x.statement.statement_id.startswith("level-alert")
            ]
            assert boxed, (row.drug, signs)
