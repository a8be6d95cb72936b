"""An overdose, entered or possible, is named with an ECG and a level that is taken again."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

OVERDOSE = "context-overdose"
TOXIC = ("drowsiness", "encephalopathy", "unsteadiness", "nystagmus", "vomiting", "slurred_speech")


def boxed(engine: SpeakingEngine, reference: Reference, *entry: str) -> dict[str, str]:
    urgent = engine.interpret_facts(parse_given((), list(entry), reference, engine)).urgent
    return {s.text_id: s.text for s in urgent if not s.conditional}


@pytest.mark.parametrize("drugs", ["none", "carbamazepine", "levetiracetam|valproate", "aspirin"])
def test_an_overdose_is_an_emergency_whatever_is_taken(
    engine: SpeakingEngine, reference: Reference, drugs: str
) -> None:
    said = boxed(engine, reference, f"current_drugs={drugs}", "signs=overdose")
    assert all(word in said[OVERDOSE] for word in ("ECG", "again after some hours", "psychiatry"))
    for sign in TOXIC:
        signs = f"signs=suicidal_thoughts|{sign}"
        assert OVERDOSE in boxed(engine, reference, f"current_drugs={drugs}", signs)


@pytest.mark.parametrize("sign", ["suicidal_thoughts", "drowsiness", "vomiting", "rash"])
def test_one_sign_alone_is_no_overdose(
    engine: SpeakingEngine, reference: Reference, sign: str
) -> None:
    said = boxed(engine, reference, "current_drugs=carbamazepine", f"signs={sign}")
    assert OVERDOSE not in said


def test_a_level_beside_an_overdose_is_called_about_now(
    engine: SpeakingEngine, reference: Reference
) -> None:
    level = "carbamazepine[level=31 mg/L;level_date=2026-11-28;start=2024-01-01]"
    entry = (f"current_drugs={level}", "signs=overdose", "entry_date=2026-11-28")
    assert {OVERDOSE, "level-alert-urgent"} <= boxed(engine, reference, *entry).keys()
