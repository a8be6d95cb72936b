"""Files that are read as they stand: what the mutator starts from."""

import gzip
import json
from pathlib import Path

from epilepsy_pgx.intake.result_files.content import ResultKind
from tests.fuzz.mutator import block_gzip
from tests.intake.test_phenopacket import FULL, snake
from tests.results import example, examples

SHEET = (
    b"sample_id\tvcf\tbuild\tcallable\thla\toutside_calls\tclassifications\tphenopacket\tsex\t"
    b"age_years\tbirth_date\tweight_kg\tonset_months\tsyndromes\tsigns\tcurrent_drugs\t"
    b"failed_drugs\tentry_date\n"
    b"EX01\tEX01.vcf.gz\tGRCh38\tpanel.bed\thla.tsv\t.\tclasses.tsv\t.\tfemale\t24\t2002-05-01\t"
    b"61.5\t7\tdravet|focal_epilepsy\trash|fever\t"
    b"Tegretol[start=2026-10-18;dose=400 mg/day;level=8 mg/L;reaction=rash+fever]|valproate\t"
    b"lamotrigine[reason=lack_of_effect;adequate=yes]|phenytoin[reason=rash]\t2026-11-22\n"
    b"EX02\tEX02.vcf.gz|EX01.vcf.gz\tGRCh38\tall\t.\tcalls.tsv\t.\t.\tmale\t.\t.\t.\t.\t.\t.\tnone\t"
    b".\t.\n"
    b"# a note\n"
    b"EX03\tEX01.vcf.gz\tGRCh37\t.\t.\t.\t.\tpacket.json\t.\t.\t.\t.\t.\t.\t.\t.\t.\t.\n"
)
PACKET = json.dumps(FULL, indent=1).encode()
HLA = (
    b"sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
    b"EX01\tHLA-A\t31:01\t24:02\tclinical\tCity\t2026-11-19\n"
    b"EX01\tHLA-B\tB*15:02:01G\t40:01N\tclinical\tCity\t2026-11-19\n"
    b"EX02\tHLA-B\t07:02\t.\tresearch\t.\t.\n"
)
OUTSIDE = (
    b"CYP2D6\t*1/*4x2\tIntermediate Metabolizer\t1.0\nCYP2C19\t\tPoor Metabolizer\t\n"
    b"CYP2C9\t*2/*3\t\t0.5\nUGT1A1\t*80+*28/*1\n"
)
CLASSES = (
    b"build\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\tsample_id\n"
    b"GRCh38\t2\t166052882\tG\tA\tpathogenic\t2026-10-20\tCity\tEX01\n"
    b"GRCh38\t2\t166041301\tG\tA\tLP\t2026-10-20\tCity\tEX02\n"
)
NAMED_CLASSES = (
    b"hgvs\tclass\tdate\tlaboratory\n"
    b"NM_001165963.4:c.664C>T\tpathogenic\t2026-10-20\tCity\n"
    b"NM_001165963.4:c.2044-1G>A\tlikely_pathogenic\t2026-10-20\tCity\n"
)
RECORDS = (
    b"##fileformat=VCFv4.2\n##contig=<ID=chr2,length=242193529>\n"
    b"##contig=<ID=chr10,length=133797422>\n"
    b'##FILTER=<ID=PASS,Description="All">\n'
    b'##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    b'##INFO=<ID=CLNSIG,Number=A,Type=String,Description="Class">\n'
    b'##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    b'##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n'
    b'##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">\n'
    b'##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n'
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tEX01\n"
    b"chr2\t166000000\t.\tG\t<NON_REF>\t.\t.\tEND=166002000\tGT:GQ\t0/0:50\n"
    b"chr2\t166052882\t.\tG\tA,<NON_REF>\t50\tPASS\tCLNSIG=Pathogenic,.\tGT:AD:GQ\t0/1:14,15,0:60\n"
    b"chr10\t94775489\trs1\tG\tA\t50\tPASS\t.\tGT:AD:GQ:PS\t0|1:14,15:60:94775000\n"
    b"chr10\t94842866\trs2\tA\tG,*\t50\tPASS\t.\tGT:AD:GQ\t1/2:1,15,12:60\n"
)


def _named_pharmcat() -> bytes:
    """Return PharmCAT's report of several samples."""
    _, header, *rows = example("PharmCAT").decode().splitlines()
    return "\n".join([f"Sample ID\t{header}", *(f"EX01\t{row}" for row in rows)]).encode()


def seeds(root: Path) -> dict[str, list[bytes]]:
    """Return the files by the kind of reader that reads them."""
    bed = (root / "examples/vcf/panel.bed").read_bytes().splitlines(keepends=True)
    blocks = gzip.decompress((root / "examples/vcf/EX07.g.vcf.gz").read_bytes())
    head, *rest = blocks.partition(b"#CHROM")
    return {
        "sheet": [SHEET],
        "packet": [PACKET, json.dumps(snake(FULL)).encode()],
        "hla": [HLA, *examples(ResultKind.HLA)],
        "outside": [OUTSIDE, *examples(ResultKind.STAR_ALLELES), _named_pharmcat()],
        "classes": [CLASSES, NAMED_CLASSES],
        "bed": [b"".join(bed[:8]), b"track name=x\n" + b"".join(bed[:3])],
        "vcf": [
            RECORDS,
            block_gzip(RECORDS),
            gzip.compress(RECORDS, mtime=0),
            head + b"".join(rest)[:6000].rpartition(b"\n")[0] + b"\n",
        ],
        "records": [RECORDS],
    }
