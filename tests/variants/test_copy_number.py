"""A copy number without a genotype is not lost."""

import gzip
from pathlib import Path

import pysam
import pytest

from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.listing import list_variants
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr2,length=242193529>
##ALT=<ID=CNV,Description="copy number">
##ALT=<ID=DEL,Description="deletion">
##INFO=<ID=END,Number=1,Type=Integer,Description="end">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
"""


@pytest.mark.parametrize(
    ("alt", "call", "consequence"),
    [
        ("<CNV>", "./.:1", "transcript_ablation"),
        ("<DEL>", "0/1:.", "transcript_ablation"),
        ("<DEL>", "./.:1", "transcript_ablation"),
        ("<CNV>", "./.:3", "transcript_amplification"),
        ("<CNV>", "./.:2", None),
        ("<CNV>", "./.:.", None),
    ],
)
def test_whole_gene(reference, tmp_path, alt, call, consequence):
    path = tmp_path / "a.vcf"
    path.write_text(
        HEAD + f"chr2\t165900000\t.\tN\t{alt}\t.\tPASS\tEND=166200000;SVTYPE=CNV\tGT:CN\t{call}\n"
    )
    targets = load_targets(reference, GenomeBuild.GRCH38)
    found = extract_group([path], None, None, targets, reference, Thresholds())
    rows = [r for r in list_variants(found, reference) if r[5] == "SCN1A"]
    assert [r[7].split("&")[0] for r in rows] == ([consequence] if consequence else [])


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("base", ["0/0", "1/1", None])
@pytest.mark.parametrize(
    ("segment", "reassures"),
    [
        ("0/0:2", True),
        ("./.:2", True),
        ("0:1", False),
        ("0/0:1", False),
        ("0/0:0", False),
        ("0/0:3", False),
    ],
)
def test_a_segment_of_other_copies_leaves_no_reference(
    toy, tmp_path, segment, reassures, base, first
):
    """A copy number with ALT `.` takes away what reassures, in any order, and no variant."""
    segment = f"chr10\t1001\t.\tA\t.\t.\tPASS\tEND=1100\tGT:CN\t{segment}\n"
    sound = f"chr10\t1041\t.\tG\tA\t50\tPASS\t.\tGT\t{base}\n" if base else ""
    bed = tmp_path / "a.bed"
    bed.write_text("10\t0\t2000\n")
    path = tmp_path / "a.vcf"
    head = HEAD.replace("chr2,length=242193529", "chr10").replace(
        "#CHROM", "##reference=GRCh38\n#CHROM"
    )
    path.write_text(head + (segment + sound if first else sound + segment))
    found = extract_group(
        [path], None, str(bed), load_targets(toy, GenomeBuild.GRCH38), toy, Thresholds()
    )
    row = next(i for i, s in enumerate(found.store.sites.sites) if s.name == "rs5")
    expected = [1, 1] if base == "1/1" else [0, 0] if reassures else [-1, -1]
    assert found.store.usable()[row, 0].tolist() == expected


GENE = 165_900_000, 166_200_000


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("pos", "alt", "info", "call", "unsized"),
    [
        # In an exon, in an intron and before the gene.
        (166_002_740, "<DEL>", "SVTYPE=DEL", "0/1:.", True),
        (166_002_740, "<DEL>", ".", "0/1:.", True),
        (166_002_740, "<DEL>", "END=166002740", "0/1:.", True),
        (166_002_740, "<DEL>", "SVLEN=.", "1/1:.", True),
        (166_002_740, "<DUP:TANDEM>", "SVTYPE=DUP", "0/1:.", True),
        (166_002_740, "<CN0>", ".", "0/1:.", True),
        (166_002_740, "<CNV>", "SVTYPE=CNV", "./.:1", True),
        (166_002_740, ".", "SVTYPE=DEL", "./.:1", True),
        (165_960_000, "<DEL>", "SVTYPE=DEL", "0/1:.", True),
        (165_500_000, "<DEL>", "SVTYPE=DEL", "0/1:.", True),
        # Nobody has it, or its size is known.
        (166_002_740, "<DEL>", "SVTYPE=DEL", "0/0:.", False),
        (166_002_740, "<CNV>", "SVTYPE=CNV", "./.:2", False),
        (166_002_740, "<DEL>", "END=166002900", "0/1:.", False),
        (166_002_740, "<DEL>", "SVLEN=-160", "0/1:.", False),
        (166_300_000, "<DEL>", "SVTYPE=DEL", "0/1:.", False),
    ],
)
def test_a_segment_without_a_size_is_told(
    reference, tmp_path, caplog, pos, alt, info, call, unsized, indexed
):
    """It is no finding of one base: who has it is told so, and the gene is not fully read."""
    head = HEAD.replace(
        "##FORMAT",
        '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="">\n##FORMAT',
        1,
    )
    record = f"chr2\t{pos}\t.\tN\t{alt}\t.\tPASS\t{info}\tGT:CN\t{call}\n"
    block = f"chr2\t{GENE[0]}\t.\tN\t<NON_REF>\t.\tPASS\tEND={GENE[1]}\tGT:DP:GQ\t0/0:30:60\n"
    path = tmp_path / "a.vcf"
    path.write_text(head + "".join(sorted([record, block], key=lambda r: int(r.split("\t")[1]))))
    # An index seeks no further than the exons.
    if indexed and 166_000_000 < pos < 166_100_000:
        path = Path(pysam.tabix_index(str(path), preset="vcf"))
    targets = load_targets(reference, GenomeBuild.GRCH38)
    found = extract_group([path], None, None, targets, reference, Thresholds())
    rows = [i for i, t in enumerate(targets.coding) if t.gene == "SCN1A"]
    told = {m.text_id for m in found.warnings_of(0)} & {"caveat-segment-size"}
    assert bool(told) == bool(found.unsized) == unsized
    if unsized:
        assert not found.callable_bases[rows].any()
        assert not found.observed
        line = 1 + path_lines(path, pos)
        assert f"{path.name}:{line}" in caplog.text
        assert "[vcf-segment-size]" in caplog.text
    elif "0/0" in call:
        assert found.callable_bases[rows].any()


def path_lines(path, pos):
    """Return how many lines stand before the record at a position."""
    text = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with text as lines:
        return next(i for i, line in enumerate(lines) if line.startswith(f"chr2\t{pos}\t"))
