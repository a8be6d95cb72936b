"""What records tell of coding exons: bases that were read, and variants."""

from types import SimpleNamespace

import numpy as np
import pytest

from epilepsy_pgx.variants.collect import CodingReader
from epilepsy_pgx.variants.decode import Record
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import GenomeBuild, SiteStatus


def bases(base=None, listed=None):
    """Return a genome of one base, or one of which the listed variants tell some alone."""
    slices = {} if base is None else {"10": ((0, base * 500),)}
    lengths = {"10": 1000, "X": 1000}
    return SequenceSource(
        GenomeBuild.GRCH38, "toy", slices, lengths, {}, listed={"10": listed or {}}
    )


@pytest.mark.parametrize(
    ("alt", "callable_bases", "seen"),
    [
        ("A", 1, ["A"]),
        ("a", 1, ["A"]),
        ("*", 1, []),
        ("N", 0, []),
        ("R", 0, []),
        ("I", 0, []),
        ("D", 0, []),
        ("<*>", 0, []),
        ("<NON_REF>", 0, []),
        ("<INS>", 0, ["<INS>"]),
    ],
)
def test_what_a_coding_exon_tells(alt, callable_bases, seen):
    """An allele of unknown sequence is neither a variant nor a base that was read."""
    one = np.array([0], np.int16), np.array([1], np.int16)
    number = np.array([-1], np.int32)
    record = Record(
        "10",
        50,
        50,
        "G",
        (alt.upper(),),
        *one,
        number,
        np.zeros(1, np.uint8),
        number,
        number,
        number,
        number,
        (),
        None,
        None,
        None,
    )
    target = SimpleNamespace(
        gene="TOY1", chrom="10", start0=40, end0=60, coding_start0=40, coding_end0=60
    )
    sequences = bases()
    reader = CodingReader((target,), frozenset({"TOY1"}), frozenset(), 1, sequences)
    reader.add(record)
    assert reader.callable.tolist() == [[callable_bases]]
    assert [v.key.alt.split(":")[0].rstrip(">") for v in reader.observed] == [
        s.rstrip(">") for s in seen
    ]


@pytest.mark.parametrize(
    ("base", "alts", "callable_bases"),
    [
        ("G", (), 11),
        ("T", (), 0),
        (None, (), 11),
        ("N", (), 11),
        ("G", ("A",), 1),
        ("T", ("A",), 0),
    ],
)
def test_reference_base_of_another_place_is_not_read(base, alts, callable_bases):
    """A record whose REF is not the installed sequence counts no base of a coding exon."""
    number = np.array([-1], np.int32)
    record = Record(
        "10",
        50,
        50 if alts else 60,
        "G",
        alts,
        np.array([0], np.int16),
        np.array([len(alts)], np.int16),
        number,
        np.zeros(1, np.uint8),
        number,
        number,
        number,
        number,
        (),
        None,
        None,
        None,
    )
    target = SimpleNamespace(
        gene="TOY1", chrom="10", start0=40, end0=60, coding_start0=40, coding_end0=60
    )
    sequences = bases(base)
    reader = CodingReader((target,), frozenset({"TOY1"}), frozenset(), 1, sequences)
    reader.add(record)
    assert reader.callable.tolist() == [[callable_bases]]
    assert len(reader.observed) == len(alts)


def coding_record(pos, ref, alts, calls, *, end=None, bad=None, sv_type=None, chrom="10"):
    """Return a record over samples with these genotypes, each as a pair."""
    first, second = (np.array(side, np.int16) for side in zip(*calls, strict=True))
    number = np.full(len(calls), -1, np.int32)
    return Record(
        chrom,
        pos,
        end or pos + len(ref) - 1,
        ref,
        alts,
        first,
        second,
        number,
        np.array(bad or [0] * len(calls), np.uint8),
        number,
        number,
        number,
        number,
        (),
        None,
        sv_type,
        None,
    )


def coding_reader(samples=1, chrom="10", **more):
    target = SimpleNamespace(
        gene="TOY1", chrom=chrom, start0=40, end0=60, coding_start0=40, coding_end0=60
    )
    sequences = more.get("sequences", bases())
    explains = SimpleNamespace(explains=lambda record, number: False)
    return CodingReader(
        (target,), more.get("rare", frozenset({"TOY1"})), explains, samples, sequences
    )


BLOCK = (41, "A", ("<NON_REF>",), [(0, 0)])


@pytest.mark.parametrize("alt", ["<DEL>", "<DUP>", "<CNV>", "<INV>", "G[chr2:100["])
def test_absence_of_a_structural_variant_reads_no_base(alt):
    reader = coding_reader()
    reader.add(coding_record(30, "N", (alt,), [(0, 0)], end=70, sv_type="X"))
    assert reader.callable.tolist() == [[0]]


def test_absence_of_a_long_deletion_reads_its_anchor_alone():
    reader = coding_reader()
    reader.add(coding_record(41, "A" * 60, ("A",), [(0, 0)]))
    assert reader.callable.tolist() == [[1]]


@pytest.mark.parametrize(("calls", "bad"), [([(-1, -1)], [0]), ([(0, 0)], [5]), ([(-1, 0)], [0])])
@pytest.mark.parametrize("first", [True, False])
def test_base_that_was_not_called_is_not_read_within_a_block(calls, bad, first):
    reader = coding_reader()
    failed = coding_record(41 if first else 50, "A", ("C",), calls, bad=bad)
    records = [coding_record(*BLOCK, end=60), failed]
    for record in reversed(records) if first else records:
        reader.add(record)
    assert reader.callable.tolist() == [[19]]
    reader.declare(np.array([20], np.int32))
    assert reader.callable.tolist() == [[19]]


def test_declared_bases_without_a_record_are_callable():
    reader = coding_reader(2)
    reader.add(coding_record(50, "A", ("C",), [(0, 0), (-1, -1)]))
    reader.declare(np.array([20], np.int32))
    assert reader.callable.tolist() == [[20, 19]]


@pytest.mark.parametrize(("chrom", "bases"), [("10", 0), ("X", 20)])
def test_one_copy_is_a_whole_reading_only_where_there_is_one(chrom, bases):
    reader = coding_reader(chrom=chrom)
    reader.add(coding_record(41, "A", ("<NON_REF>",), [(0, -2)], end=60, chrom=chrom))
    assert reader.callable.tolist() == [[bases]]


def test_variant_in_two_records_is_one_finding():
    reader = coding_reader(2)
    for _ in range(2):
        reader.add(coding_record(50, "A", ("C",), [(0, 1), (1, 1)]))
    assert [(v.sample, v.copies, v.status) for v in reader.observed] == [
        (0, 1, SiteStatus.CALLED),
        (1, 2, SiteStatus.CALLED),
    ]


def test_records_that_disagree_on_a_variant_are_a_conflict():
    reader = coding_reader(3)
    reader.add(coding_record(50, "A", ("C",), [(0, 1), (0, 0), (0, 1)]))
    reader.add(coding_record(50, "A", ("C",), [(0, 0), (0, 1), (0, 1)]))
    assert {v.sample: v.status for v in reader.observed} == {
        0: SiteStatus.CONFLICT,
        1: SiteStatus.CONFLICT,
        2: SiteStatus.CALLED,
    }


@pytest.mark.parametrize("bad", [0, 4, 7])
def test_unlisted_variant_is_named_whatever_its_quality(bad):
    reader = coding_reader(rare=frozenset())
    reader.add(coding_record(50, "AC", ("A",), [(0, 1)], bad=[bad]))
    assert [(c.key.alt, c.columns, c.doubtful) for c in reader.undocumented] == [
        ("A", (0,), bad != 0)
    ]


@pytest.mark.parametrize(
    ("ref", "alts", "read"),
    [
        ("G", ("A",), 1),
        ("C", ("A",), 0),
        ("A", (".",), 0),
        ("N", ("<NON_REF>",), 1),
        ("TG", ("T",), 2),
        ("TC", ("T",), 0),
        ("T", ("C",), 1),
    ],
)
def test_a_base_that_a_listed_variant_contradicts_is_not_read(ref, alts, read):
    """In a gene without sequence the listed variants still tell their own bases."""
    reader = coding_reader(sequences=bases(listed={50: "G"}))
    position = 51 if len(ref) == 1 and ref != "T" else 50
    reader.add(coding_record(position, ref, alts, [(0, 0)]))
    assert reader.callable.tolist() == [[read]]
