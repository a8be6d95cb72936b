"""A copy number without a genotype is not lost."""

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
