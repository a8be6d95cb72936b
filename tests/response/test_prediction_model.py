"""The published model: its fit, its scores, and the names that it takes."""

import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from epilepsy_pgx.logistic import design, fit
from epilepsy_pgx.reference.rows import AminoAcidDistance, ModelPerson, ModelResidue
from epilepsy_pgx.response.prediction_model import VariantNameError, load_models
from epilepsy_pgx.vocabulary import PredictionStatus

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

COMPUTED, OTHER_KIND = PredictionStatus.COMPUTED, PredictionStatus.OTHER_KIND
NO_SCORE = PredictionStatus.NO_RESIDUE_SCORE

# Onset, score and probability in per cent, as published of the first validation cohort.
PUBLISHED = [(6.6, 13.66, 76.20), (6, 61.52, 87.34), (6, 25.95, 82.28), (9.8, 42.43, 63.09)]


@pytest.fixture(scope="module")
def model(reference):
    return load_models(reference)["scn1a"]


def test_published_probabilities_are_given_again(model):
    onset, score, told = map(np.array, zip(*PUBLISHED, strict=True))
    chance, lower, upper = model.predict(onset, score)
    # The score is published with two decimals only.
    assert 100 * chance == pytest.approx(told, abs=0.01)
    assert np.all((lower < chance) & (chance < upper))


def test_the_coefficients_are_those_of_the_cohort(model, reference):
    people = reference.rows(ModelPerson)
    matrix = design(
        [float(p.onset_months) for p in people],
        [float(p.score) for p in people],
        [float(k) for k in model.row.knots],
    )
    found, covariance = fit(matrix, [p.outcome for p in people])
    assert found == pytest.approx(model.coefficients, rel=1e-9)
    assert covariance == pytest.approx(model.covariance, rel=1e-6)


def test_the_cohort_is_that_of_the_publication(model, reference):
    people = reference.rows(ModelPerson)
    assert (len(people), sum(p.outcome for p in people)) == (743, 616)
    assert (sum(model.bands.people), sum(model.bands.cases)) == (743, 616)
    cut = {p.score for p in people if p.kind == "truncating"}
    assert cut == {model.row.truncating_score}


def test_missense_scores_are_products_of_a_residue_and_a_distance(model, reference):
    scores = {float(r.score) for r in reference.rows(ModelResidue)}
    distances = {r.distance for r in reference.rows(AminoAcidDistance)}
    products = np.array(sorted(s * d for s in scores for d in distances))
    told = np.array([float(p.score) for p in reference.rows(ModelPerson) if p.kind == "missense"])
    at = np.searchsorted(products, told - 1e-4)
    assert np.abs(products[at] - told).max() < 1e-4


@pytest.mark.parametrize(
    ("name", "status", "score"),
    [
        ("p.Arg1636Gln", COMPUTED, 0.505752154 * 43),
        ("p.(Arg1636Gln)", COMPUTED, 0.505752154 * 43),
        ("p.R1636Q", COMPUTED, 0.505752154 * 43),
        ("R1636Q", COMPUTED, 0.505752154 * 43),
        ("NM_001165963.4:p.Arg1636Gln", COMPUTED, 0.505752154 * 43),
        ("ENST00000375405.3:p.R1625Q", COMPUTED, 0.505752154 * 43),
        # Another amino acid stands at the main transcript's 1625: the isoform's numbers.
        ("p.R1625Q", COMPUTED, 0.505752154 * 43),
        ("truncating", COMPUTED, 207),
        (" Truncating ", COMPUTED, 207),
        ("p.Arg222Ter", COMPUTED, 207),
        ("p.R222*", COMPUTED, 207),
        ("R712X", COMPUTED, 207),
        ("p.Lys1028fs", COMPUTED, 207),
        ("p.R497EFsX48", COMPUTED, 207),
        ("p.(Leu331PhefsTer9)", COMPUTED, 207),
        # The cohort counts a lost start codon among the truncating variants.
        ("p.Met1?", COMPUTED, 207),
        ("p.M1T", COMPUTED, 207),
        ("p.0", COMPUTED, 207),
        ("p.Val1258_Phe1259delinsAspSerTer", COMPUTED, 207),
        ("p.Arg1636=", OTHER_KIND, None),
        ("p.R1636R", OTHER_KIND, None),
        ("p.=", OTHER_KIND, None),
        ("p.?", OTHER_KIND, None),
        ("p.Lys5_Gly9del", OTHER_KIND, None),
        ("p.Phe383dup", OTHER_KIND, None),
        ("p.Ile10_Ala11insGly", OTHER_KIND, None),
        ("p.Arg10delinsGlyTrp", OTHER_KIND, None),
        ("p.Ter2010GlnextTer9", OTHER_KIND, None),
        ("p.Ter2010Gln", OTHER_KIND, None),
        ("p.Phe100Leu", NO_SCORE, None),
        # Leucine stands at 1649 of both numberings: without an accession the main one holds.
        ("p.L1649P", NO_SCORE, None),
        ("ENST00000375405:p.L1649P", COMPUTED, 0.63893355 * 98),
    ],
)
def test_names(model, name, status, score):
    found = model.score(name)
    assert found.status is status
    assert found.score == (None if score is None else pytest.approx(score))


NO_CHANGE = (
    "a name that is no protein change",
    "a change such as p.Arg1234Trp, or 'truncating'",
    "Write it as HGVS has it.",
)


@pytest.mark.parametrize(
    ("name", "found", "expected", "fix"),
    [
        (
            "p.Arg100Trp",
            "Arg at residue 100",
            "Phe, as the protein of SCN1A has it",
            "Check the gene, and that the numbers are those of NM_001165963.",
        ),
        (
            "p.Arg2010Gln",
            "Arg at residue 2010",
            "the stop codon, as the protein of SCN1A has it",
            "Check the gene, and that the numbers are those of NM_001165963.",
        ),
        ("p.Arg3000Trp", "residue 3000", "a residue of 1 to 2009", "Check the gene."),
        ("p.Arg2011Trp", "residue 2011", "a residue of 1 to 2009", "Check the gene."),
        ("p.Arg0Gln", "residue 0", "a residue of 1 to 2009", "Check the gene."),
        ("p.Arg1636Sec", "'Sec' as the new amino acid", "one of the twenty", "Check the name."),
        (
            "NM_000492.4:p.Phe508del",
            "an accession that the model does not know",
            "one of: ENST00000303395, ENST00000375405, ENST00000674923, NM_001165963",
            "Name the change on NM_001165963, without an accession.",
        ),
        (
            "p.[Arg1636Gln;Gly1419Arg]",
            "several changes in one cell",
            "one change",
            "Give the one that is the cause.",
        ),
        ("c.4907G>A", *NO_CHANGE),
        ("Dravet", *NO_CHANGE),
        ("p.", *NO_CHANGE),
        ("1636", *NO_CHANGE),
        ("p.L331FX9", *NO_CHANGE),
        ("p.Arg1636", *NO_CHANGE),
    ],
)
def test_names_that_are_refused(model, name, found, expected, fix):
    with pytest.raises(VariantNameError) as error:
        model.score(name)
    said = error.value
    assert (said.found, said.expected, said.fix) == (found, expected, fix)


@pytest.mark.parametrize(
    ("onset", "status"),
    [
        (None, PredictionStatus.NO_ONSET),
        ("0", PredictionStatus.ONSET_OUTSIDE),
        ("0.49", PredictionStatus.ONSET_OUTSIDE),
        ("0.5", COMPUTED),
        ("4.25", COMPUTED),
        ("75", COMPUTED),
        ("75.1", PredictionStatus.ONSET_OUTSIDE),
    ],
)
def test_ages(model, onset, status):
    assert model.check_onset(None if onset is None else Decimal(onset)) is status


def test_a_later_seizure_and_a_lower_score_make_the_outcome_less_likely(model):
    ages = np.linspace(0.5, 75, 400)
    for score in (0.0, 60.0, 207.0):
        chance, lower, upper = model.predict(ages, np.full(400, score))
        assert np.all(np.diff(chance) < 0)
        assert np.all((lower <= chance) & (chance <= upper))
    scores = np.linspace(0, 207, 50)
    assert np.all(np.diff(model.predict(np.full(50, 6.0), scores)[0]) > 0)


def test_the_script_gives_the_tables_again(model, reference):
    import fit_prediction

    people = [
        {
            "onset_months": str(p.onset_months),
            "scn1a_score": str(p.score),
            "phenotype": fit_prediction.OUTCOME if p.outcome else "other",
        }
        for p in reference.rows(ModelPerson)
    ]
    found, _ = fit_prediction.fit_people(people, [float(k) for k in model.row.knots])
    assert found == pytest.approx(model.coefficients, rel=1e-9)
    person = {
        "type": "Missense",
        "hgvs": "ENST00000375405.3:c.4874G>A",
        "protein": "p.R1625Q",
        "paraz_score": "0.49",
        "transformed_paraz_score": "0.505752154",
    }
    scores = fit_prediction.residue_scores([person], reference, model.row)
    assert scores == {1636: ("Arg", "0.49", "0.505752154")}
