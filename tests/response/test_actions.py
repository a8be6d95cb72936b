"""No drug's line asks for two things that exclude each other, over generated patients."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, DrugPrediction, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.response.actions import Said
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import (
    ActionClass,
    Direction,
    Exposure,
    FailureReason,
    GeneStatus,
    Zygosity,
)
from tests.excluding import excluding
from tests.response.builders import Case, case, covered, gave_up, star_gene, takes, typed, variant
from tests.response.strategies import SIGNS, cases
from tests.response.test_invariants import FEW, ask, by_drug
from tests.said import SpeakingEngine

TODAY = "2026-11-22"
TAKING = (
    Exposure.TAKING_EARLY,
    Exposure.TAKING_TOLERATED,
    Exposure.TAKING_UNKNOWN,
    Exposure.REACTION,
)


def actions_of(statements: tuple[Statement, ...], taken: bool) -> list[Said]:
    """Return what each statement asks for."""
    return [Said(s.text_id, s.action_id, s.conditional, taken) for s in statements]


def takes_it(patient: Case, drug: str) -> bool:
    return any(drug in (d.drug, d.suggestion) for d in patient.clinical.current or ())


def lines(engine: SpeakingEngine, patient: Case, result: Interpretation) -> dict[str, list[Said]]:
    return {d.drug: actions_of(d.statements, takes_it(patient, d.drug)) for d in result.drugs}


@FEW
@given(patient=cases())
def test_no_line_holds_two_actions_that_exclude_each_other(
    engine: SpeakingEngine, patient: Case
) -> None:
    """Invariant 19."""
    result = ask(engine, patient)
    for drug, said in lines(engine, patient, result).items():
        assert excluding(said, engine.actions) == (), drug


@FEW
@given(patient=cases())
def test_no_statement_beside_the_lines_excludes_one(engine: SpeakingEngine, patient: Case) -> None:
    """Findings of genes and the clinical context keep nothing going that a line stops."""
    result = ask(engine, patient)
    said = lines(engine, patient, result)
    beside = [*result.monogenic, *(s for c in result.context for s in c.statements)]
    for statement in beside:
        own = Said(statement.text_id, statement.action_id, statement.conditional)
        for drug in engine.actions.about(statement.text_id):
            assert excluding([own, *said.get(drug, ())], engine.actions) == (), drug


@FEW
@given(patient=cases())
def test_no_interaction_asks_for_what_its_line_excludes(
    engine: SpeakingEngine, patient: Case
) -> None:
    result = ask(engine, patient)
    said = lines(engine, patient, result)
    for statement in result.interactions:
        own = actions_of((statement,), True)
        assert excluding([*own, *said.get(statement.drugs[0], ())], engine.actions) == ()


@FEW
@given(patient=cases())
def test_the_urgent_box_excludes_nothing(engine: SpeakingEngine, patient: Case) -> None:
    """What is urgent is said in the words of the drug's line, or of where else it stands."""
    result = ask(engine, patient)
    if patient.clinical.current is None:
        return
    known = {s.text for d in result.drugs for s in d.statements}
    known |= {s.text for s in (*result.monogenic, *result.interactions)}
    known |= {s.text for c in result.context for s in c.statements}
    assert {s.text for s in result.urgent} <= known


def kinds_of(engine: SpeakingEngine, said: Sequence[Said]) -> set[ActionClass]:
    """Return the classes of what is asked for; what is left of an action has none."""
    table = engine.actions.actions
    return {table[s.action_id].kind for s in said if s.action_id in table}


def stops(engine: SpeakingEngine, prediction: DrugPrediction) -> bool:
    said = actions_of(prediction.statements, True)
    return ActionClass.STOP in kinds_of(engine, said)


@FEW
@given(patient=cases(), sign=st.sampled_from(SIGNS))
def test_another_sign_removes_no_stop(engine: SpeakingEngine, patient: Case, sign: str) -> None:
    signs = tuple(dict.fromkeys((*patient.clinical.signs, sign)))
    worse = replace(patient, clinical=replace(patient.clinical, signs=signs))
    before, after = by_drug(ask(engine, patient)), by_drug(ask(engine, worse))
    for drug, prediction in before.items():
        if stops(engine, prediction):
            assert stops(engine, after[drug]), drug


@FEW
@given(patient=cases(), data=st.data())
def test_missing_genes_turn_no_stop_of_a_reaction_into_words_to_go_on(
    engine: SpeakingEngine, patient: Case, data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(sorted({*patient.genes, *patient.coverage})))
    blank = replace(
        patient,
        genes={g: r for g, r in patient.genes.items() if g != gone},
        coverage={g: c for g, c in patient.coverage.items() if g != gone},
        findings=tuple(f for f in patient.findings if f.gene != gone),
    )
    before, after = ask(engine, patient), ask(engine, blank)
    said_before, said_after = lines(engine, patient, before), lines(engine, blank, after)
    for drug, said in said_before.items():
        if any(
            s.action_id == "action-signs-now" and s.text_id.startswith("rule-reaction-")
            for s in said
        ):
            assert ActionClass.STOP in kinds_of(engine, said)
            kept = kinds_of(engine, said_after[drug])
            assert ActionClass.STOP in kept
            assert ActionClass.CONTINUE not in kept


LATE, EARLY = "2020-01-01", "2026-10-18"
LOF = variant("SCN1A", truncating=True)


def entry(**given: object) -> ClinicalEntry:
    return ClinicalEntry(entry_date=TODAY, affected=True, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drug", "patient", "gone", "said"),
    [
        (
            "carbamazepine",
            case(
                findings=[LOF],
                clinical=entry(current=(takes("carbamazepine", EARLY),), signs=("blisters",)),
            ),
            ("nobody changes it", "follows the local protocol"),
            ("stop carbamazepine now", "treated at once, without carbamazepine"),
        ),
        (
            "valproate",
            case(
                clinical=entry(
                    current=(takes("valproate", EARLY),), pregnant=True, signs=("jaundice",)
                )
            ),
            ("nobody stops it",),
            ("stop valproate now",),
        ),
        (
            "valproate",
            case(
                clinical=entry(
                    current=(takes("valproate", EARLY),),
                    pregnant=True,
                    signs=("raised_liver_enzymes",),
                )
            ),
            ("nobody stops it",),
            ("A doctor sees the patient today", "Urgent specialist review as well"),
        ),
        (
            "valproate",
            case(
                findings=[variant("POLG", zygosity=Zygosity.HOMOZYGOUS)],
                clinical=entry(
                    current=(takes("valproate", LATE),), pregnant=True, signs=("vomiting",)
                ),
            ),
            ("nobody stops it",),
            ("stop valproate now",),
        ),
        (
            "carbamazepine",
            case(
                typed("HLA-B", "*15:02"),
                clinical=entry(current=(takes("carbamazepine", LATE),), signs=("rash",)),
            ),
            ("may be continued",),
            ("stop carbamazepine now",),
        ),
        (
            "lamotrigine",
            case(
                typed("HLA-B", "*15:02"),
                findings=[LOF],
                clinical=entry(
                    current=(
                        takes("lamotrigine", EARLY, ("rash", "fever")),
                        takes("valproate", LATE),
                    )
                ),
            ),
            ("nobody changes it", "Start lamotrigine at"),
            ("stop lamotrigine now", "slightly more than"),
        ),
        (
            "phenytoin",
            case(
                star_gene("CYP2C9", "*1/*3"),
                findings=[variant("SCN2A", direction=Direction.NOT_DETERMINED)],
                clinical=entry(current=(takes("phenytoin", EARLY),), signs=("rash",)),
            ),
            (
                "loading dose unchanged",
                "after a usual first dose",
                "before any decision on",
                "neither kept nor replaced",
            ),
            ("stop phenytoin now", "the maintenance figure is"),
        ),
        (
            "phenytoin",
            case(
                typed("HLA-B", "*15:02"),
                coverage=covered("SCN1A", status=GeneStatus.PARTIAL),
                clinical=entry(current=()),
            ),
            ("Do not delay treatment",),
            ("Do not start phenytoin", "does not settle the dose"),
        ),
        (
            "clobazam",
            case(
                star_gene("CYP2C19", "*2/*2"),
                clinical=entry(current=(takes("clobazam", EARLY, ("blisters",)),)),
            ),
            ("start clobazam at",),
            ("stop clobazam now", "about 3 to 5 times higher"),
        ),
        (
            "topiramate",
            case(
                clinical=entry(
                    current=(takes("topiramate", EARLY, ("blisters",)),),
                    pregnant=True,
                    syndromes=("porphyria",),
                )
            ),
            ("nobody stops it",),
            ("stop topiramate now",),
        ),
        (
            "carbamazepine",
            case(
                findings=[LOF],
                clinical=entry(
                    current=(takes("carbamazepine", LATE),),
                    failed=(gave_up("carbamazepine", FailureReason.RASH),),
                ),
            ),
            ("nobody changes it", "it may be continued"),
            ("stop it at once, as an emergency",),
        ),
    ],
)
def test_hard_lines(
    engine: SpeakingEngine, drug: str, patient: Case, gone: tuple[str, ...], said: tuple[str, ...]
) -> None:
    words = " ".join(s.text for s in by_drug(ask(engine, patient))[drug].statements)
    for part in gone:
        assert part not in words, part
    for part in said:
        assert part in words, part


def test_the_context_says_what_is_stopped(engine: SpeakingEngine) -> None:
    free = entry(current=(takes("phenytoin", EARLY),), syndromes=("status_epilepticus",))
    calm = replace(free, pregnant=True)
    ill = replace(calm, signs=("blisters",))
    for clinical, ids in (
        (free, {"context-regulatory-stopping", "context-status"}),
        # In pregnancy valproate is contraindicated: the line on status epilepticus names it.
        (calm, {"context-pregnancy", "context-regulatory-stopping", "context-status-without"}),
        (
            ill,
            {"context-pregnancy-stop", "context-regulatory-stopping-now", "context-status-without"},
        ),
    ):
        result = ask(engine, case(clinical=clinical))
        assert ids <= {s.text_id for c in result.context for s in c.statements}


BRAKES = ("nobody", "without", "stepwise", "benefit", "abrupt", "alone", "slowly")


def test_no_short_form_loses_what_keeps_a_drug_from_being_stopped(reference: Reference) -> None:
    """What protects the patient is said where there is little room, too."""
    said = {t.id: t.text.lower() for t in reference.rows(CuratedText) if t.language == "en"}
    braked = [
        text_id
        for text_id, text in said.items()
        if text_id.startswith("action-") and any(word in text for word in ("nobody", "benefit"))
    ]
    short = {i: said[f"short-{i}"] for i in braked if f"short-{i}" in said}
    assert len(short) > 10
    # Where somebody sets the dose today, nobody is left alone with it.
    short = {i: text for i, text in short.items() if "today" not in text}
    assert [i for i, text in short.items() if not any(word in text for word in BRAKES)] == []
