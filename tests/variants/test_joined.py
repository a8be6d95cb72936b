"""Neighbouring records that make one change: what is proved, and what is possible."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

import pytest

from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.joined import Joined, join_neighbours
from epilepsy_pgx.variants.observed import ObservedVariant, read_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import SiteStatus

START = 1000
SIDES = {"1/1": (0, 1), "1|0": (0,), "0|1": (1,)}


@pytest.fixture(scope="module")
def nothing(toy_source: SequenceSource) -> SequenceSource:
    empty: frozenset[str] = frozenset()
    return replace(toy_source, slices={}, covered=empty, coding_only=empty)


def seen(pos: int, ref: str, alt: str, call: str) -> ObservedVariant:
    """Return a variant as a sample has it, by its genotype: `.` behind it for a set of its own."""
    call, own = call.rstrip("."), call.endswith(".")
    both = call == "1/1"
    sides = SIDES.get(call, (1,))
    name = str(pos) if own else "all"
    phased = "|" in call and not both
    sets = tuple(PhaseSet("1", name, s) for s in sides) if phased else ()
    key = VariantKey("1", pos, ref, alt)
    called = SiteStatus.CALLED
    return ObservedVariant(0, key, 1 + both, 2, sets, sides, 40, 99, 20, 20, called)


def join(
    observed: list[ObservedVariant], nothing: SequenceSource, bases: Mapping[int, str] | None = None
) -> dict[str, Joined]:
    """Return what is joined, by `ref>alt`; bases between are known from `bases` alone."""
    known = bases or {}
    made = join_neighbours(observed, lambda chrom, own: ({**known, **own}).get, nothing)
    return {f"{j.variant.key.ref}>{j.variant.key.alt}": j for j in made}


@pytest.mark.parametrize(
    ("calls", "sure", "copies"),
    [
        (("1/1", "1/1"), True, 2),
        (("1/1", "0/1"), True, 1),
        (("0/1", "1/1"), True, 1),
        (("0|1", "0|1"), True, 1),
        (("1|0", "1|0"), True, 1),
        (("0|1", "1/1"), True, 1),
        (("0/1", "0/1"), False, 1),
        (("0|1", "0/1"), False, 1),
        (("0|1.", "0|1."), False, 1),
        (("0|1", "1|0"), None, 0),
    ],
)
def test_what_a_copy_is_proved_to_carry(
    nothing: SequenceSource, calls: tuple[str, str], sure: bool | None, copies: int
) -> None:
    found = join([seen(100, "G", "A", calls[0]), seen(101, "C", "T", calls[1])], nothing)
    assert {k: (j.sure, j.variant.copies) for k, j in found.items()} == (
        {} if sure is None else {"GC>AT": (sure, copies)}
    )


@pytest.mark.parametrize(
    ("between", "sure", "copies"),
    [
        ({"outer": "1/1", "inner": "1/1"}, False, 1),
        ({"outer": "1/1", "inner": "0/1"}, True, 1),
        ({"outer": "0|1", "inner": "0/1"}, False, 1),
        ({"outer": "0|1", "inner": "0|1"}, False, 1),
        ({"outer": "0|1", "inner": "1|0"}, True, 1),
        ({"outer": "0|1", "inner": "1/1"}, False, 1),
    ],
)
def test_a_change_between_them(
    nothing: SequenceSource, between: dict[str, str], sure: bool, copies: int
) -> None:
    outer, inner = between["outer"], between["inner"]
    records = [seen(100, "G", "A", outer), seen(101, "C", "T", inner), seen(102, "G", "A", outer)]
    whole = join(records, nothing)["GCG>ACA"]
    assert (whole.sure, whole.variant.copies) == (sure, copies)


def test_bases_between_have_to_be_known(nothing: SequenceSource) -> None:
    records = [seen(100, "G", "A", "1/1"), seen(103, "G", "A", "1/1")]
    assert join(records, nothing) == {}
    assert join(records, nothing, {100: "C"}) == {}
    assert list(join(records, nothing, {100: "C", 101: "T"})) == ["GCTG>ACTA"]


def test_what_is_worst_of_a_part_is_that_of_the_whole(nothing: SequenceSource) -> None:
    first = replace(seen(100, "G", "A", "1/1"), depth=9, status=SiteStatus.LOW_QUALITY)
    second = replace(seen(101, "C", "T", "1/1"), quality=12, info_class="Benign")
    (whole,) = join([first, second], nothing).values()
    got = whole.variant
    assert (got.depth, got.quality, got.status) == (9, 12, SiteStatus.LOW_QUALITY)
    assert got.info_class is None


def drawn(rng: Random, bases: str) -> Iterator[tuple[VariantKey, str]]:
    """Yield small changes that do not overlap, each with a genotype."""
    at = 2
    while at < len(bases) - 4:
        kind, ref = rng.choice("sid"), bases[at]
        if kind == "s":
            alt = rng.choice([b for b in "ACGT" if b != ref])
        elif kind == "i":
            alt = ref + rng.choice("ACGT")
        else:
            ref, alt = bases[at : at + 2], bases[at]
        call = rng.choice(["1/1", "0|1", "1|0", "0/1"])
        yield VariantKey("1", START + at + 1, ref, alt), call
        at += len(ref) + rng.choice([0, 0, 1, 3])


def within(key: VariantKey, low: int, high: int) -> bool:
    change = read_change(key)
    return low < change.end0 and change.start0 < high


def copy_of(bases: str, keys: list[VariantKey]) -> str:
    parts, at = [], 0
    for change in map(read_change, keys):
        parts += [bases[at : change.start0 - START], change.added]
        at = change.end0 - START
    return "".join(parts) + bases[at:]


def test_a_joined_change_is_on_a_copy_whatever_the_unknown_phase_is(
    nothing: SequenceSource,
) -> None:
    """What is sure holds for both phases of every unphased call, and less says less."""
    rng, sure = Random(20261129), 0
    for _ in range(300):
        bases = "".join(rng.choices("ACGT", k=16))
        told = {START + i: base for i, base in enumerate(bases)}
        calls = list(drawn(rng, bases))[:4]
        records = [seen(k.pos, k.ref, k.alt, call) for k, call in calls]
        found = join(records, nothing, told)
        # Unphased calls may lie on either copy: what is sure is there in every case.
        loose = [k for k, call in calls if call == "0/1"]
        for one in (j for j in found.values() if j.sure):
            low = read_change(one.parts[0]).start0
            high = read_change(one.parts[-1]).end0
            for way in range(2 ** len(loose)):
                side = {k: (way >> i) & 1 for i, k in enumerate(loose)}
                held = [
                    {k for k, c in calls if copy in (SIDES[c] if c in SIDES else (side[k],))}
                    for copy in (0, 1)
                ]
                exact = [
                    {k for k in keys if k in one.parts or within(k, low, high)} for keys in held
                ]
                assert set(one.parts) in exact, (calls, one)
            sure += 1
            written = one.variant.key
            whole = copy_of(bases, list(one.parts))
            again = bases[: written.pos - 1 - START] + written.alt
            assert whole == again + bases[written.pos - 1 - START + len(written.ref) :]
        without = [replace(r, phase_sets=()) for r in records]
        less = join(without, nothing, told)
        assert {k for k, j in less.items() if j.sure} <= {k for k, j in found.items() if j.sure}
        # What is possible with phase is possible without, too.
        assert found.keys() <= less.keys()
        fewer = {p: b for p, b in told.items() if rng.random() < 0.5}
        assert join(records, nothing, fewer).keys() <= found.keys()
    assert sure > 100
