"""`|` is phase over a chromosome only where nothing in the files speaks against it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.intake.phase import load_phase_marks
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.collect import CodingReader
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.phase import PhaseWitness
from epilepsy_pgx.variants.record import Record
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples
from tests.toy.vcf import vcf_text, with_records

BUILD = GenomeBuild.GRCH38
PLAIN = ("1001 A G GT 0|1", "1011 C CTT GT 0|1")


def sets(toy, folder, *texts):
    """Return the phase of rs1 and rs2 in the first sample of some files."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.vcf")
        paths[-1].write_text(text)
    found = extract_group(paths, None, None, load_targets(toy, BUILD), toy, Thresholds())
    return found.store.phase[:2, 0].tolist()


def tied(phase):
    one, two = phase
    return one == two != -1


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (PLAIN, True),
        ((*PLAIN, "1041 G A GT 1|0"), True),
        ((*PLAIN, "1041 G A GT 1/1"), True),
        ((*PLAIN, "1041 G A GT 0/1"), False),
        ((*PLAIN, "1041 G A GT ./1"), False),
        ((*PLAIN, "1041 G A LowQual . GT 0/1"), False),
        ((*PLAIN, "1060 G A GT 0/1"), True),
        (("1001 A G GT 0|1", "1011 C CTT GT 0/1"), False),
        (("1001 A G GT:PS 0|1:.", "1011 C CTT GT:PS 0|1:."), False),
        (("1001 A G GT:PS 0|1:9", "1011 C CTT GT:PS 0|1:9"), True),
        (("1001 A G GT:PS 0|1:9", "1011 C CTT GT:PS 0|1:10"), False),
        (("1001 A G GT:PS 0|1:9", "1011 C CTT GT 0|1"), False),
        (("1001 A G GT:PGT:PID 0|1:0|1:9_A", "1011 C CTT GT 0|1"), False),
        (("1001 A G GT:PGT:PID 0|1:0|1:9_A", "1011 C CTT GT:PGT:PID 0|1:0|1:9_A"), True),
        (("1001 A G GT:PGT:PID 0/1:0|1:.", "1011 C CTT GT:PGT:PID 0/1:0|1:."), False),
    ],
)
def test_what_the_records_say(toy, tmp_path, records, expected):
    assert tied(sets(toy, tmp_path, vcf_text(*with_records(*records)))) is expected


@pytest.mark.parametrize("kind", ["Integer", "String", "Float"])
@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("9", "9", True),
        ("9", "10", False),
        (".", ".", False),
        ("9", ".", False),
        ("0", "0", True),
        ("9,10", "9,11", False),
        ("9,10", "9,10", True),
        ("9", "9,10", False),
    ],
)
def test_values_of_a_phase_set(toy, tmp_path, kind, one, two, expected):
    text = vcf_text(*with_records(f"1001 A G GT:PS 0|1:{one}", f"1011 C CTT GT:PS 0|1:{two}"))
    text = text.replace("ID=PS,Number=1,Type=Integer", f"ID=PS,Number=.,Type={kind}")
    assert tied(sets(toy, tmp_path, text)) is expected


def test_record_order_does_not_matter(toy, tmp_path):
    records = with_records(*PLAIN, "1041 G A GT 0/1")
    assert (
        sets(toy, tmp_path, vcf_text(*records))
        == sets(toy, tmp_path, vcf_text(*records[::-1]))
        == [-1, -1]
    )


@pytest.mark.parametrize(
    "genotypes",
    [("/0|1", "/0|1"), ("|0/1", "|0/1"), ("/0|1", "0|1"), ("/0/1", "|0|1"), ("|0|1", "|0|1")],
)
def test_marks_before_the_first_allele(toy, tmp_path, genotypes):
    """Only where all marks of both calls say so are they phased."""
    one, two = genotypes
    text = vcf_text(*with_records(f"1001 A G GT {one}", f"1011 C CTT GT {two}"))
    phase = sets(toy, tmp_path, text.replace("VCFv4.2", "VCFv4.4"))
    assert tied(phase) == ("/" not in one + two)


@pytest.mark.parametrize("key", sorted({"ps", *load_phase_marks(load_reference()).formats}))
@pytest.mark.parametrize("kind", ["Integer", "String"])
def test_every_key_of_local_phase(toy, tmp_path, key, kind):
    line = f'##FORMAT=<ID={key},Number=.,Type={kind},Description="x">'
    assert not tied(sets(toy, tmp_path, vcf_text(*with_records(*PLAIN), extra=(line,))))


@pytest.mark.parametrize(
    "line",
    [
        "##source=WhatsHap 2.3",
        '##commandline="(whatshap 1.7) phase --indels"',
        "##source=HapCUT2",
        "##longphaseVersion=1.7",
        "##source=10X/pipelines/stages/snpindels",
        '##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="x">',
        '##GATKCommandLine=<ID=GenotypeGVCFs,CommandLine="x">',
        "##GATKCommandLine.ReadBackedPhasing=<ID=ReadBackedPhasing,Version=3>",
        "##DeepVariant_version=1.6.0",
        "##source=Clair3",
        "##HiPhase_version=1.4",
        "##source=strelka",
        "##SentieonCommandLine.Haplotyper=<ID=Haplotyper>",
        "##DRAGENVersion=<ID=dragen>",
    ],
)
def test_every_local_phaser_in_the_header(toy, tmp_path, line):
    assert not tied(sets(toy, tmp_path, vcf_text(*with_records(*PLAIN), extra=(line,))))


@pytest.mark.parametrize(
    "line",
    [
        "##source=SHAPEIT5",
        "##source=Beagle 5.4",
        "##eagleVersion=2.4",
        "##source=simplfy-vcf",
        "##bcftools_concatCommand=concat -a chr10.vcf.gz",
        '##INFO=<ID=SRC,Number=.,Type=String,Description="DeepVariant or HaplotypeCaller">',
    ],
)
def test_a_panel_stays_phased(toy, tmp_path, line):
    assert sets(toy, tmp_path, vcf_text(*with_records(*PLAIN), extra=(line,))) == [0, 0]


def test_what_another_file_says(toy, tmp_path):
    """Phase ends with a mix in another file, and between two files of one chromosome."""
    first = vcf_text(*with_records(PLAIN[0], "-1011", "-1041"))
    second = "1011 C CTT GT 0|1"
    assert not tied(sets(toy, tmp_path, first, vcf_text(second)))
    whole = vcf_text(*with_records(*PLAIN, "-1041"))
    assert tied(sets(toy, tmp_path, whole, vcf_text("1041 G A GT 0/0")))
    assert not tied(sets(toy, tmp_path, whole, vcf_text("1041 G A GT 0/1")))


def test_a_mix_is_of_one_sample(toy, tmp_path):
    text = vcf_text(
        *(
            f"{r} {'0/1' if r.startswith('1041') else r.split(' ')[4]}"
            for r in with_records(*PLAIN, "1041 G A GT 0|1")
        ),
        samples=("A", "B"),
    )
    path = tmp_path / "a.vcf"
    path.write_text(text)
    found = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.phase[:2].T.tolist() == [[0, 0], [-1, -1]]


def record(pos, phase):
    one = np.zeros(1, np.int16), np.ones(1, np.int16)
    number = np.full(1, -1, np.int32)
    return Record(
        "10",
        pos,
        pos,
        "G",
        ("A",),
        *one,
        np.array([phase], np.int32),
        np.zeros(1, np.uint8),
        number,
        number,
        number,
        number,
        (),
        (),
        None,
        None,
    )


def pairs(phases, order):
    """Return which calls are tied to which, after all that was read."""
    target = SimpleNamespace(
        gene="TOY1", chrom="10", start0=40, end0=60, coding_start0=40, coding_end0=60
    )
    sequences = SequenceSource(GenomeBuild.GRCH38, "none", {}, {"10": 1000}, {})
    reader = CodingReader((target,), frozenset({"TOY1"}), None, 1, sequences)
    witness = PhaseWitness(1, several_files=False, local=False)
    for place in order:
        read = record(45 + place, phases[place])
        witness.add(read, 0)
        reader.add(read)
    reader.finish(witness.against)
    seen = {v.key.pos - 45: v.phase_sets or None for v in reader.observed}
    return {(a, b) for a in seen for b in seen if a < b and seen[a] == seen[b] is not None}


@given(st.lists(st.sampled_from([0, 0, 0, -1, 7, 8]), min_size=2, max_size=6), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_less_phase_ties_no_more_calls(phases, data):
    """Taking `|` away, or adding a set of its own, never ties calls that were free."""
    order = data.draw(st.permutations(range(len(phases))))
    place = data.draw(st.integers(0, len(phases) - 1))
    other = [*phases]
    other[place] = data.draw(st.sampled_from([-1, 99]))
    before, after = pairs(phases, range(len(phases))), pairs(other, order)
    assert after <= before
    assert pairs(phases, order) == before
