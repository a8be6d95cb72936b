"""The consequence engine that does not answer ends with a line, not with fewer variants."""

from types import SimpleNamespace

import pytest

from epilepsy_pgx.errors import EngineError
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants import csq
from epilepsy_pgx.variants.transcripts import Transcript
from epilepsy_pgx.worker.jobs import Consequences, Failure

TRANSCRIPT = Transcript("G", "G", "G", "1", True, ((2000, 2060),), 2000, 2060)
SEQUENCES = SimpleNamespace(
    lengths={"1": 5000}, fetch_padded=lambda chrom, start, end: "N" * (end - start)
)
CODING, BESIDE = VariantKey("1", 2031, "G", "A"), VariantKey("1", 1990, "G", "A")


def run(monkeypatch, answer, key):
    monkeypatch.setattr(csq, "ask", lambda job: answer)
    return csq.run_csq({"G": (TRANSCRIPT, [key])}, SEQUENCES)


def test_a_failure_is_an_error_in_words(monkeypatch):
    with pytest.raises(EngineError, match=r"found ended by a signal.*\[consequence-engine\]"):
        run(monkeypatch, Failure("ended by a signal"), CODING)


def test_silence_on_a_coding_substitution_is_an_error(monkeypatch):
    with pytest.raises(EngineError, match="no consequence of any of 1 variants"):
        run(monkeypatch, Consequences({}), CODING)
    assert run(monkeypatch, Consequences({}), BESIDE) == {}


def test_terms_are_those_of_the_record(monkeypatch):
    answer = Consequences({"0": "missense|G|G|protein_coding|+|11A>11T|31G>A"})
    assert run(monkeypatch, answer, CODING) == {("G", CODING): ("missense_variant",)}
