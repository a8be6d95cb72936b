"""Records that are decoded together read as they do alone."""

import random
from dataclasses import fields

import numpy as np
import pytest

from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants import records, stacks
from epilepsy_pgx.variants.record import Record
from epilepsy_pgx.variants.records import Thresholds, read_records
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = """##fileformat=VCFv4.5
##contig=<ID=chr1,length=248956422>
##contig=<ID=chrX,length=156040895>
##FILTER=<ID=PASS,Description="ok">
##FILTER=<ID=q10,Description="bad">
##INFO=<ID=END,Number=1,Type=Integer,Description="end">
##INFO=<ID=DR2,Number=1,Type=Float,Description="quality of imputation">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="class">
##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">
##INFO=<ID=MQ,Number=1,Type=Float,Description="quality of mapping">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="least depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="likelihoods">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="Probabilities">
##FORMAT=<ID=FT,Number=1,Type=String,Description="filter">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="set">
##FORMAT=<ID=PGT,Number=1,Type=String,Description="phase">
##FORMAT=<ID=PID,Number=1,Type=String,Description="phase set">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">
##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="length of a block">
"""
HEAD += "".join(
    f'##FORMAT=<ID={base}U,Number=2,Type=Integer,Description="reads of {base}">\n'
    for base in "ACGT"
)
FORMATS = (
    "GT:DP:AU:CU:GU:TU",
    "GT:DP:GQ:MIN_DP:PL",
    "GT:DP:GQ",
    "GT:AD:DP:GQ:PL",
    "GT:GP",
    "GT:FT:GQ",
    "GT:PS",
    "GT:PGT:PID:GQ",
    "GT:CN",
    "GT:GQ:LEN",
    "GQ:DP",
)
VALUES = {
    "GT": ("0/0", "0/1", "0|1", "1|0", "1/1", "./.", "0", "1", "./1", "0/0/1", "1/0/0/1"),
    "DP": ("30", "3", "."),
    **{
        f"{base}U": (f"{reads},{reads}", "1,2", ".")
        for base, reads in zip("ACGT", (9, 4, 7, 0), strict=True)
    },
    "MIN_DP": ("25", "0", "."),
    "GQ": ("99", "5", "."),
    "AD": ("20,10", "30,0", "9", "."),
    "PL": ("0,90,900", "0,3,30", "90,0,90", "0,5", "."),
    "GP": ("0.99,0.01,0", "0.4,0.6,0", "."),
    "FT": ("PASS", "q10", "longer_name", "."),
    "PS": ("17", "21", "."),
    "PGT": ("0|1", "1|0", "."),
    "PID": ("5_A_C", "9_G_T", "."),
    "CN": ("2", "1", "0", "."),
    "LEN": ("1", "40", "."),
}


SPELLED = ("C", "T", "CAT", "C,<NON_REF>", "g,<NON_REF>", "T,C", "C,*")


def vcf(seed, samples):
    """Return a file of blocks and variants, among them some of every odd form."""
    pick = random.Random(seed)
    names = "\t".join(f"S{i}" for i in range(samples))
    lines = ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + names]
    usual = pick.choice(FORMATS)
    for number in range(80):
        keys = usual if pick.random() < 0.7 else pick.choice(FORMATS)
        alt = pick.choice(("<NON_REF>", "<NON_REF>", "<NON_REF>", ".", "<DEL>", *SPELLED))
        # Rare values are rare, so that most records fit together and some do not.
        cells = [
            ":".join(
                VALUES[k][0] if pick.random() < 0.8 else pick.choice(VALUES[k])
                for k in keys.split(":")
            )
            for _ in range(samples)
        ]
        pos = 1000 + 10 * number
        info = pick.choice(
            (f"END={pos + 9}",) * 6
            + (
                ".",
                "DP=9;MQ=3",
                "DP=31;MQ=60",
                "MQ=4.5",
                "DR2=0.4",
                "CLNSIG=Pathogenic",
                "SVTYPE=DEL",
            )
        )
        qual, filters = (
            pick.choice((".", ".", ".", "12", "900.5")),
            pick.choice(("PASS", ".", ".", "q10")),
        )
        chrom = "chr1" if number < 40 else "chrX"
        head = [
            chrom,
            str(pos),
            ".",
            pick.choice(("A", "A", "A", "G", "at")),
            alt,
            qual,
            filters,
            info,
            keys,
        ]
        lines.append("\t".join([*head, *cells]))
    return HEAD + "\n".join(lines) + "\n"


def read(path, samples):
    """Return all records of a file, each as plain values."""
    targets = load_targets(load_reference(), GenomeBuild.GRCH38)
    found = read_records(
        path,
        {"chr1": "1", "chrX": "X"},
        Thresholds(),
        physical_phase_only=False,
        wanted=Intervals([("1", 0, 10**6), ("X", 1200, 2100)]),
        rules=targets.field_rules,
        words=targets.words,
        one_sample=samples == 1,
    )
    return [[plain(getattr(record, f.name)) for f in fields(Record)] for record in found]


def plain(value):
    return (value.dtype, value.tolist()) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("samples", [1, 3])
def test_records_read_together_as_they_do_alone(tmp_path, monkeypatch, samples):
    path = tmp_path / "a.vcf"
    together = 0
    for seed in range(5):
        path.write_text(vcf(seed, samples))
        monkeypatch.setattr(stacks, "ROWS", 1)
        alone = read(path, samples)
        assert len(alone) > 70
        for rows in (7, 2048):
            monkeypatch.setattr(stacks, "ROWS", rows)
            parts = []
            monkeypatch.setattr(stacks, "_part", lambda *a, p=parts: p.append(0) or PART(*a))
            assert read(path, samples) == alone
            together += len(parts)
    # Of ten readings of some 75 records.
    assert together > 60


SAME = "GT:AD:DP:GQ:PL\t0/1:12,9,0:21:60:60,0,90,90,99,99"
VARIANTS = (
    ("A\tC,<NON_REF>\t310.5\t.\tDP=21;MQ=60", 0),
    ("CAT\tC,<NON_REF>\t99\tPASS\tDP=25;MQ=55", 0),
    ("G\tT,<NON_REF>\t12\t.\t.", 0),
    ("G\tT,<NON_REF>\t.\t.\t.", 1),
    ("G\tT,<NON_REF>\t12\tq10\tMQ=60", 1),
    ("G\tT,<NON_REF>\t12\t.\tDR2=0.2", 1),
    ("G\tT,<NON_REF>\t12\t.\tCLNSIG=Pathogenic", 1),
)
"""Records of one sample, and how often the decoder is called more for each beside the first."""


@pytest.mark.parametrize(("more", "calls"), [(VARIANTS[i][0], VARIANTS[i][1]) for i in range(1, 7)])
def test_variants_are_decoded_with_those_that_are_alike(tmp_path, monkeypatch, more, calls):
    made = []
    decode = records._decode
    monkeypatch.setattr(records, "_decode", lambda *a: made.append(0) or decode(*a))
    first = VARIANTS[0][0]
    path = tmp_path / "a.vcf"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS0\n"
    found = {}
    for name, kinds in (("one", (first, first)), ("two", (first, first, more))):
        lines = [f"chr1\t{100 + 9 * i}\t.\t{kind}\t{SAME}\n" for i, kind in enumerate(kinds)]
        path.write_text(f"{HEAD}{columns}{''.join(lines)}")
        made.clear()
        read(path, 1)
        found[name] = len(made)
    assert (found["one"], found["two"] - 1) == (1, calls)


def test_each_of_several_segments_has_its_own_end(tmp_path):
    lines = "".join(
        f"chr1\t{at}\t.\tA\t<DEL>\t.\t.\tEND={at + 50}\tGT:GQ\t0/1:90\n" for at in (100, 300, 500)
    )
    path = tmp_path / "a.vcf"
    path.write_text(f"{HEAD}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS0\n{lines}")
    unsized = [f.name for f in fields(Record)].index("unsized")
    assert [record[unsized] for record in read(path, 1)] == [False] * 3


PART = stacks._part


def test_blocks_take_few_calls_of_the_decoder(tmp_path):
    line = "chr1\t{}\t.\tA\t<NON_REF>\t.\t.\tEND={}\tGT:DP:GQ:MIN_DP:PL\t0/0:30:90:{}:0,90,900\n"
    body = "".join(line.format(100 + 10 * i, 109 + 10 * i, 20 + i % 9) for i in range(500))
    path = tmp_path / "a.vcf"
    path.write_text(f"{HEAD}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS0\n{body}")
    import cyvcf2

    calls = []

    def decode(raw, chrom, end, rows):
        calls.append(rows)
        none = np.zeros(rows, np.int32)
        return Record(chrom, raw.POS, end, raw.REF, (), *([none] * 8), (), (), None, None)

    pending = (stacks.Pending(raw, "1", raw.POS, None) for raw in cyvcf2.VCF(str(path)))
    made = list(stacks.decode_each(pending, 1, decode))
    assert calls == [500]
    assert [record.pos for record, _ in made] == [100 + 10 * i for i in range(500)]
