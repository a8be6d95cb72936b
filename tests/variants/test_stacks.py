"""Records that are decoded together read as they do alone."""

import random
from dataclasses import fields

import numpy as np
import pytest

from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants import stacks
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
FORMATS = (
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


def vcf(seed, samples):
    """Return a file of blocks and variants, among them some of every odd form."""
    pick = random.Random(seed)
    names = "\t".join(f"S{i}" for i in range(samples))
    lines = ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + names]
    usual = pick.choice(FORMATS)
    for number in range(80):
        keys = usual if pick.random() < 0.7 else pick.choice(FORMATS)
        alt = pick.choice(("<NON_REF>", "<NON_REF>", "<NON_REF>", ".", "C", "<DEL>", "C,<NON_REF>"))
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
            (f"END={pos + 9}",) * 6 + (".", "DR2=0.4", "CLNSIG=Pathogenic", "SVTYPE=DEL")
        )
        qual, filters = pick.choice((".", ".", ".", "12")), pick.choice(("PASS", ".", ".", "q10"))
        chrom = "chr1" if number < 40 else "chrX"
        head = [chrom, str(pos), ".", pick.choice("AAAG"), alt, qual, filters, info, keys]
        lines.append("\t".join([*head, *cells]))
    return HEAD + "\n".join(lines) + "\n"


def read(path, samples):
    """Return all records of a file, each as plain values."""
    targets = load_targets(load_reference(), GenomeBuild.GRCH38)
    records = read_records(
        path,
        {"chr1": "1", "chrX": "X"},
        Thresholds(),
        physical_phase_only=False,
        wanted=Intervals([("1", 0, 10**6), ("X", 1200, 2100)]),
        rules=targets.field_rules,
        words=targets.words,
        one_sample=samples == 1,
    )
    return [[plain(getattr(record, f.name)) for f in fields(Record)] for record in records]


def plain(value):
    return (value.dtype, value.tolist()) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("samples", [1, 3])
def test_records_read_together_as_they_do_alone(tmp_path, monkeypatch, samples):
    path = tmp_path / "a.vcf"
    together = 0
    for seed in range(3):
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
    # Of six readings of some 75 records.
    assert together > 60


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
