"""A patient stays in their batch, whoever comes and goes, and no run has too many batches."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.pipeline.assignment import COHORT_FACTOR, MOST_BATCHES, Unit, assign
from tests.drawing import examples


def single(*numbers: int) -> list[Unit]:
    """Patients with a file each."""
    return [Unit(f"f{n}", (f"P{n}",)) for n in numbers]


def of_one_file(count: int, key: str = "all") -> Unit:
    return Unit(key, tuple(f"{key}{n}" for n in range(count)))


def test_one_more_moves_nobody_and_changes_one_batch() -> None:
    for number in (1, 30, 3202):
        before = assign(single(*range(number)), 100)
        for units in (single(*range(number), 9999), single(9999, *range(number))):
            after = assign(units, 100, before)
            assert {s: b for s, b in after.batch.items() if s != "P9999"} == before.batch
    size = Counter(before.batch.values())
    assert max(size.values()) <= 100


def test_a_place_that_is_left_is_filled() -> None:
    before = assign(single(*range(300)), 100)
    without = assign(single(*range(1, 300)), 100, before)
    assert {**without.batch, "P0": "batch00001"} == before.batch
    again = assign(single(*range(1, 300), 400), 100, without)
    assert again.batch["P400"] == "batch00001"


def test_a_large_file_has_batches_of_its_own_and_a_small_one_is_not_cut() -> None:
    size = 10
    units = [of_one_file(size * COHORT_FACTOR + 1, "c"), *single(1, 2), of_one_file(size, "s")]
    found = assign(units, size)
    large = {found.batch[s] for s in units[0].samples}
    assert len(large) == 2
    assert {*found.own} == large
    assert len({found.batch[s] for s in units[-1].samples}) == 1
    more = assign([of_one_file(size * COHORT_FACTOR + 2, "c"), *units[1:]], size, found)
    assert {s: b for s, b in more.batch.items() if s in found.batch} == found.batch


def test_another_size_is_planned_anew() -> None:
    before = assign(single(*range(300)), 100)
    assert assign(single(*range(300)), 150, before) == assign(single(*range(300)), 150)


def test_a_hundred_thousand_are_not_too_many_jobs() -> None:
    files = assign(single(*range(100_000)), 100)
    assert len(files.names) == MOST_BATCHES
    assert max(Counter(files.batch.values()).values()) <= 1 + 100_000 // MOST_BATCHES
    assert len(assign([of_one_file(100_000)], 100).names) <= MOST_BATCHES
    many = [of_one_file(500, f"c{n}-") for n in range(200)]
    assert len(assign(many, 100).names) <= MOST_BATCHES
    assert 3 * MOST_BATCHES + 10 <= 300


plans = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 9)), max_size=8, unique_by=lambda x: x[0]
)


@settings(max_examples=examples(60))
@given(st.lists(plans, min_size=1, max_size=5), st.integers(1, 4))
def test_everybody_is_in_one_batch_whatever_the_history(
    history: list[list[tuple[str, int]]], size: int
) -> None:
    before = None
    for plan in history:
        units = [of_one_file(count, key) for key, count in plan]
        found = assign(units, size, before)
        assert {*found.batch} == {s for unit in units for s in unit.samples}
        assert assign(units, size, found) == found
        for unit in units:
            if len(unit.samples) <= size:
                assert len({found.batch[s] for s in unit.samples}) == 1
        before = found
