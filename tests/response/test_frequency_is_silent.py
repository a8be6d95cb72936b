"""How common a variant is changes nothing that is said of a patient."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.genetics import PopulationFrequency
from epilepsy_pgx.model import ClassificationRecord, ClinicalEntry
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.vocabulary import Classification, Direction
from tests.response.builders import variant


@given(
    common=st.booleans(),
    value=st.decimals(0, 1, places=4),
    direction=st.sampled_from(Direction),
    word=st.sampled_from([*Classification]),
    gene=st.sampled_from(["SCN1A", "POLG", "SCN2A", "KCNQ2", "SLC2A1"]),
    truncating=st.booleans(),
)
def test_a_frequency_changes_nothing_that_is_said(
    plain: ResponseEngine,
    common: bool,
    value: Decimal,
    direction: Direction,
    word: Classification,
    gene: str,
    truncating: bool,
) -> None:
    """Neither a warning nor a benefit follows from it, whatever it is."""
    record = ClassificationRecord(word, "Lab", "2026-01-01", "laboratory file", act=True)
    finding = replace(
        variant(gene, direction=direction, truncating=truncating), classifications=(record,)
    )
    known = replace(finding, frequencies=(PopulationFrequency(value, common, "v", "2026"),))
    entry = ClinicalEntry(affected=True)
    assert plain.interpret({}, [known], {}, entry) == plain.interpret({}, [finding], {}, entry)
