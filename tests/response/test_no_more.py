"""No line asks for more of a drug that another line stops, bars, lays signs to or finds high."""

import re

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugInteraction, TextForm
from epilepsy_pgx.reference.rows.words import FormWhen
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.interactions import load_interactions
from epilepsy_pgx.response.raising import victim_of
from epilepsy_pgx.response.rules import load_groups
from tests.said import SpeakingEngine

ASKS = {
    "en": r"needs? more\b|need a higher|more (may be|is) needed|a higher (\w+ )?dose( may|;)|"
    r"titrate higher|dose adjustment|: adjust \w+ when|twice the \w+ dose|doubled and|"
    r"double it|more by the|further dose|judges a higher|raise the dose|at the full dose|"
    r"freed by the higher",
    "es": r"necesit\w+ más|hacer? falta (más|ajustar|otra dosis)|dosis mayor|"
    r"valora una mayor|"
    r"titular más alto|el doble de|se duplica la dosis|: ajustar \w+ al|"
    r"con la dosis (alta|completa)|"
    r"subir la dosis por su|subir dosis",
}
"""Words that ask for more of a drug, or weigh it."""
OTHERWISE = {
    "factor-do-dose-low": "a sign of the factors that raises: it is silent of such a drug",
    "factor-do-start": "the same",
    "factor-do-too-early": "the same",
    "interaction-phenytoin-azoles": "of a medicine against a mycosis, of which no rule speaks",
    "interaction-inducers-steroid-need": "of a hormone that is replaced, of which no rule speaks",
    "interaction-inducers-levothyroxine": "the same",
    "interaction-inducers-dolutegravir": "of a medicine against HIV, of which no rule speaks",
    "interaction-inducers-levonorgestrel-emergency": "a single dose",
    "interaction-inducers-contraception": "a single dose",
    "interaction-inducers-ulipristal": "a single dose",
    "interaction-carbapenem-valproate": "it says that more does not help",
    "rule-status-carbapenem-valproate": "the same",
    "interaction-carbamazepine-tramadol": "it says not to raise it",
    "rule-clinical-movement": "it asks what came after a higher dose",
    "rule-clinical-myoclonic-lamotrigine": "the same",
    "rule-clinical-phenytoin-dyskinesia": "the same",
    "rule-kidney-moderate-vigabatrin": "of an exposure, for which it asks for less",
    "rule-scn1a-rs3812718-carbamazepine": "what studies saw; information, no request",
    "rule-scn1a-rs3812718-phenytoin": "the same",
}
"""Texts with such words that need no other form, and why."""
HARMS = ("signs=unsteadiness|drowsiness|rash", "reaction")


def forms(reference: Reference) -> dict[str, str]:
    """Return what is said instead of a drug of which nobody asks for more."""
    rows = reference.rows(TextForm)
    return {row.text_id: row.text_said for row in rows if row.when is FormWhen.HARMED}


def asking(reference: Reference) -> set[str]:
    """Return the texts that ask for more of a drug; a short one is known by its long one."""
    return {
        row.id.removeprefix("short-")
        for row in reference.rows(CuratedText)
        if row.language in ASKS and re.search(ASKS[row.language], row.text, re.IGNORECASE)
    }


def spoken_of_drugs(text_id: str) -> bool:
    return text_id.startswith(("interaction-", "rule-", "factor-do-"))


def test_each_text_that_asks_for_more_has_words_for_a_drug_that_harms(reference: Reference) -> None:
    found = {text for text in asking(reference) if spoken_of_drugs(text)}
    assert found - forms(reference).keys() <= OTHERWISE.keys()
    assert not found & set(forms(reference).values())


def pairs(reference: Reference) -> list[tuple[str, str]]:
    """Return the drugs of each interaction that asks for more of its victim."""
    wanted, said = forms(reference), set[tuple[str, str]]()
    texts = {row.interaction_id: row.text_id for row in reference.rows(DrugInteraction)}
    for item in load_interactions(reference, load_groups(reference)):
        if item.text_id in wanted and texts:
            said.add(("|".join(sorted(item.perpetrators)), item.victim))
    return sorted(said)


@pytest.mark.parametrize("harm", ["reaction=rash", "reaction=unsteadiness"])
@pytest.mark.parametrize("planned", [False, True])
def test_no_interaction_asks_for_more_of_a_drug_that_harms(
    engine: SpeakingEngine, reference: Reference, harm: str, planned: bool
) -> None:
    wanted, found = forms(reference), pairs(reference)
    assert len(found) > 12
    for by, victim in found:
        taken = f"{victim}[{harm}]"
        entry = [f"current_drugs={taken}" if planned else f"current_drugs={taken}|{by}"]
        if planned:
            entry.append(f"planned_drugs={by}")
        facts = parse_given((), entry, reference, engine)
        report = engine.interpret_facts(facts)
        lines = [s for line in report.drugs for s in line.statements] + list(report.interactions)
        mine = [s for s in lines if victim_of(s) == victim]
        assert wanted.keys().isdisjoint(s.text_id for s in mine), (by, victim)
        assert any(s.text_id in wanted.values() for s in mine), (by, victim)


CASES = [
    # What is said of lamotrigine or carbamazepine beside cenobamate.
    (("current_drugs=lamotrigine|cenobamate",), "lamotrigine", False),
    (("current_drugs=lamotrigine|cenobamate", "signs=unsteadiness"), "lamotrigine", True),
    (("current_drugs=lamotrigine|cenobamate", "signs=rash"), "lamotrigine", True),
    (("current_drugs=lamotrigine[level=25 mg/L]|cenobamate",), "lamotrigine", True),
    (("current_drugs=lamotrigine[level=8 mg/L]|cenobamate",), "lamotrigine", False),
    (("current_drugs=lamotrigine[reaction=rash]", "planned_drugs=cenobamate"), "lamotrigine", True),
    (
        ("current_drugs=lamotrigine", "planned_drugs=cenobamate|carbamazepine"),
        "carbamazepine",
        False,
    ),
    # To lay signs to the other drug is an opinion: they may be of this one.
    (("current_drugs=carbamazepine|cenobamate[reaction=rash]",), "carbamazepine", True),
]


OWN_LINE = [
    ("current_drugs=lamotrigine[reaction=rash]", "planned_drugs=cenobamate|carbamazepine"),
    (
        "current_drugs=none",
        "failed_drugs=carbamazepine[reason=rash]",
        "planned_drugs=carbamazepine",
    ),
]
"""Carbamazepine is barred by its own line alone, and something else would lower it."""
RESERVED = {"en": r"unless|only if|if no|not where", "es": r"salvo que|solo si|si ninguna|no si"}
"""Words of a text that asks for more, and leaves it to the lines of the drug."""
NOT_OF_OTHERS = {"rule-clinical-spasms-vigabatrin-low", "rule-kidney-dialysis-topiramate"}
"""Texts that stand in the line of their own drug only, which knows what is held against it."""


@pytest.mark.parametrize("entry", OWN_LINE)
def test_the_line_of_a_drug_that_it_bars_asks_for_no_more_of_it(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...]
) -> None:
    report = engine.interpret_facts(parse_given((), entry, reference, engine))
    (line,) = (line for line in report.drugs if line.drug == "carbamazepine")
    mine = {s.text_id for s in line.statements if victim_of(s) == "carbamazepine"}
    assert mine.isdisjoint(forms(reference))


def test_in_the_lines_of_others_more_is_asked_for_with_a_reserve(reference: Reference) -> None:
    """No line hangs on what the rules of another drug say, so that the words must hold of each."""
    wanted = forms(reference).keys() - NOT_OF_OTHERS
    long = [row for row in reference.rows(CuratedText) if row.id in wanted]
    assert len(long) == 2 * len(wanted)
    for row in long:
        assert re.search(RESERVED[row.language], row.text), row.id


@pytest.mark.parametrize(("entry", "victim", "spared"), CASES)
def test_the_words_follow_what_speaks_against_more(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], victim: str, spared: bool
) -> None:
    wanted = forms(reference)
    report = engine.interpret_facts(parse_given((), entry, reference, engine))
    lines = [s for line in report.drugs for s in line.statements] + list(report.interactions)
    mine = {s.text_id for s in lines if victim_of(s) == victim}
    assert mine & set(wanted.values()) if spared else mine & wanted.keys()
    assert not (mine & wanted.keys() if spared else mine & set(wanted.values()))
