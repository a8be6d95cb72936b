"""Adding a drug, a sign or a finding to an entry never removes a warning."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Sign, Syndrome
from epilepsy_pgx.response.ordering import SEVERITY
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.vocabulary import Tier
from tests.drawing import examples
from tests.response.builders import takes
from tests.response.strategies import DRUGS
from tests.said import SpeakingEngine

FEW = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MANY = st.lists(st.sampled_from(DRUGS), max_size=3, unique=True)


def ask(
    engine: SpeakingEngine, drugs: list[str], signs: list[str], syndromes: list[str]
) -> Interpretation:
    entry = ClinicalEntry(
        current=tuple(map(takes, drugs)), signs=tuple(signs), syndromes=tuple(syndromes)
    )
    return engine.interpret({}, (), {}, entry)


def warned(found: Interpretation) -> dict[str, int]:
    """Return how severe the gravest warning is by drug, of those that ask for something."""
    gravest: dict[str, int] = {}
    for line in found.drugs:
        ranks = [
            SEVERITY[s.response]
            for s in line.statements
            if s.response in WARNINGS and s.tier in (Tier.ACT, Tier.CONSIDER)
        ]
        if ranks:
            gravest[line.drug] = min(ranks)
    return gravest


@FEW
@given(drugs=MANY, data=st.data())
def test_a_drug_a_sign_or_a_syndrome_more_warns_no_less(
    engine: SpeakingEngine, reference: Reference, drugs: list[str], data: st.DataObject
) -> None:
    signs = data.draw(st.lists(st.sampled_from([r.sign for r in reference.rows(Sign)]), max_size=2))
    words = [r.syndrome for r in reference.rows(Syndrome)]
    syndromes = data.draw(st.lists(st.sampled_from(words), max_size=1))
    before = warned(ask(engine, drugs, signs, syndromes))
    kind = data.draw(st.sampled_from(("drug", "sign", "syndrome")))
    more = {
        "drug": ([*drugs, data.draw(st.sampled_from(DRUGS))], signs, syndromes),
        "sign": (
            drugs,
            [*signs, data.draw(st.sampled_from([r.sign for r in reference.rows(Sign)]))],
            syndromes,
        ),
        "syndrome": (drugs, signs, [*syndromes, data.draw(st.sampled_from(words))]),
    }[kind]
    after = warned(ask(engine, *(list(dict.fromkeys(x)) for x in more)))
    for drug, rank in before.items():
        assert after.get(drug, len(SEVERITY)) <= rank, (drug, kind, more)
