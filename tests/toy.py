"""The toy package, and VCF text about its genes.

FWD and REV, coding genes on the two strands of chromosome 2: `toy_coding.py` has their bases.
LOST is a gene of that kind without a transcript. TOY1, on chromosome 10, has named alleles.

Sites of TOY1 (GRCh38; GRCh37 is 1,000 bases lower, and has C where GRCh38 has T at rsT4):

    rsT1  10:1001 A>G    SNV
    rsT2  10:1011 C>CTT  insertion
    rsT3  10:1021 GAA>G  deletion; not in a repeat
    rsT4  10:1031 T>C,A  three bases; the reference differs between builds
    rsT5  10:1041 G>A    only the rare allele *5 needs it

Alleles: *1 none; *2 rsT1 G (no function); *3 rsT1 G with rsT2 CTT; *4 rsT3 G; *5 rsT5 A (rare);
*6 rsT4 C; *7 rsT4 A with rsT1 either base.
"""

import re
import shutil
from pathlib import Path

from epilepsy_pgx.reference.package import Reference, default_reference_dir, load_reference
from tests.toy_coding import transcript_rows, write_bases

CHROM, LENGTH38, LENGTH37 = "10", 133797422, 135534747

TABLES = {
    "contigs": "chrom build length refseq source\n"
    "10 GRCh37 135534747 NC_000010.10 toy\n10 GRCh38 133797422 NC_000010.11 toy\n"
    "2 GRCh37 4000 NC_000002.11 toy\n2 GRCh38 4000 NC_000002.12 toy\n",
    "contig_names": "name kind chrom build description source\n"
    "chr{chrom} chromosome . . toy toy\n{chrom} chromosome . . toy toy\n"
    "CM000672.2 chromosome 10 GRCh38 toy toy\nCM000672.1 chromosome 10 GRCh37 toy toy\n"
    "(chr)?[1-9]|chrUn_.*|chr10_.*_alt|hs37d5|HLA-.* other . . toy toy\n",
    "contig_lengths": "length chrom assembly description source\n"
    "134758134 10 T2T-CHM13 toy toy\n2147483647 . . toy toy\n",
    "genes": "gene hgnc_id role call_method phenotype_method chrom strand grch38_start grch38_end"
    " grch37_start grch37_end transcript inheritance usual_allele limits source\n"
    "FWD . disease rare_variant none . . . . . . . . . . toy\n"
    "LOST . disease rare_variant none . . . . . . . . . . toy\n"
    "REV . disease rare_variant none . . . . . . . . . . toy\n"
    "TOY1 . enzyme diplotype function_pair 10 + 900 1100 . . . . *1 . toy\n",
    "sites": "site gene use rsid chrom grch38_pos grch38_ref grch37_pos grch37_ref default_allele"
    " kind flank_left flank_right name grch37_verified note source\n"
    "rsT1 TOY1 allele rsT1 10 1001 A 1 A A snv . . . yes . toy\n"
    "rsT2 TOY1 allele rsT2 10 1011 C 11 C C indel AGGA TTGC . yes . toy\n"
    "rsT3 TOY1 allele rsT3 10 1021 GAA 21 GAA GAA indel . . . yes . toy\n"
    "rsT4 TOY1 allele rsT4 10 1031 T 31 C T snv . . . yes . toy\n"
    "rsT5 TOY1 allele rsT5 10 1041 G 41 G G snv . . . yes . toy\n",
    "site_alleles": "site allele hgvs_g frequency frequency_source\n"
    "rsT1 A . . .\nrsT1 G . . .\nrsT2 C . . .\nrsT2 CTT . . .\nrsT3 G . . .\nrsT3 GAA . . .\n"
    "rsT4 A . . .\nrsT4 C . . .\nrsT4 T . . .\nrsT5 A . . .\nrsT5 G . . .\n",
    "alleles": "gene allele function activity_value tier max_frequency frequency_source amp_tier"
    " usual structural structural_kind seen_by parent reported_as verified source\n"
    + "".join(
        f"TOY1 {name} {function} . {tier} . . . {usual} no . . . {name} yes toy\n"
        for name, function, tier, usual in (
            ("*1", "Normal_function", "core", "yes"),
            ("*2", "No_function", "core", "no"),
            ("*3", "No_function", "core", "no"),
            ("*4", "Decreased_function", "core", "no"),
            ("*5", "No_function", "rare", "no"),
            ("*6", "Normal_function", "core", "no"),
            ("*7", "No_function", "core", "no"),
        )
    ),
    "allele_sites": "gene allele site base requirement\n"
    "TOY1 *2 rsT1 G required\nTOY1 *3 rsT1 G required\nTOY1 *3 rsT2 CTT required\n"
    "TOY1 *4 rsT3 G required\nTOY1 *5 rsT5 A required\nTOY1 *6 rsT4 C required\n"
    "TOY1 *7 rsT1 A allowed\nTOY1 *7 rsT1 G allowed\nTOY1 *7 rsT4 A required\n",
    "phenotypes": "gene method function_1 function_2 activity_score score_from score_to phenotype"
    " source verified\n"
    + "".join(
        f"TOY1 function_pair {one} {two} . . . {phenotype} toy yes\n"
        for one, two, phenotype in (
            ("Decreased_function", "Decreased_function", "Poor_Metabolizer"),
            ("Decreased_function", "No_function", "Poor_Metabolizer"),
            ("Decreased_function", "Normal_function", "Intermediate_Metabolizer"),
            ("No_function", "No_function", "Poor_Metabolizer"),
            ("No_function", "Normal_function", "Intermediate_Metabolizer"),
            ("Normal_function", "Normal_function", "Normal_Metabolizer"),
        )
    ),
    "quality_regions": "build chrom start end purpose name source citations verified\n",
    "quality_limits": "name value unit description source citations verified\n"
    "mixture-minimum-depth 15 reads toy toy . no\n"
    "callable-silent-bases 10000 bases toy toy . no\n",
    "transcripts": "gene transcript ensembl build chrom strand exon_starts exon_ends cds_start"
    " cds_end source\n" + transcript_rows(),
    "functional_evidence": "gene protein_change residue entry direction method source citations"
    " verified note\n",
    "protein_features": "gene feature start end kind note source citations verified\n"
    "FWD gate 5 9 pore . toy . yes\n",
    "paralogue_alignment": "gene residues aligned source citations verified\n",
    "classified_variants": "variant gene chrom grch38_pos grch38_ref grch38_alt grch37_pos"
    " grch37_ref grch37_alt hgvs_c hgvs_p consequence classification source_class review_status"
    " review_stars source citations verified\n",
    "frequencies": "gene chrom grch38_pos grch38_ref grch38_alt grch37_pos grch37_ref grch37_alt"
    " frequency max_frequency max_population version dataset_date source citations verified\n",
    "isoforms": "gene isoform residues first last shift source citations verified\n",
}


def write_table(folder: Path, name: str, columns: str, rows: list[str]) -> None:
    """Write another table of a package; cells of a row are parted by ` ; `."""
    text = "\n".join(["\t".join(columns.split()), *("\t".join(r.split(" ; ")) for r in rows)])
    (folder / f"{name}.tsv").write_text(text + "\n", encoding="utf-8")


def write_toy(folder: Path, *, sequence: bool = True, coding: bool = True) -> Reference:
    """Write the toy package.

    `sequence=False` leaves out the bases of chromosome 2, `coding=False` the genes there: then
    nothing is wanted but chromosome 10.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TABLES.items():
        rows = [line.split(" ") for line in text.strip().splitlines()]
        if not coding:
            rows = [row for row in rows if row[0] not in ("FWD", "REV", "LOST")]
        lines = [
            "\t".join(cell.replace("_", " ") if row else cell for cell in cells)
            if row and name in ("alleles", "phenotypes")
            else "\t".join(cells)
            for row, cells in enumerate(rows)
        ]
        if name == "phenotypes":
            lines = [line.replace("function pair", "function_pair") for line in lines]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copy(default_reference_dir() / "quality_fields.tsv", folder)
    (folder / "datapackage.json").write_text('{"name": "toy", "version": "1"}\n', encoding="utf-8")
    if sequence:
        write_bases(folder)
    return load_reference(folder)


def vcf_text(
    *records: str,
    samples: tuple[str, ...] = ("S1",),
    contig: str = "chr10",
    length: int | None = LENGTH38,
    extra: tuple[str, ...] = (),
) -> str:
    """Return a VCF.

    A record is `pos ref alt format sample…` or, with more to say,
    `pos ref alt filter info format sample…`, separated by spaces.
    """
    head = ["##fileformat=VCFv4.2", *extra]
    head.append(f"##contig=<ID={contig}" + (f",length={length}>" if length else ">"))
    head += [
        '##FILTER=<ID=PASS,Description="ok">',
        '##FILTER=<ID=LowQual,Description="bad">',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="end">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads">',
    ]
    if any(":PS" in r for r in records):
        head.append('##FORMAT=<ID=PS,Number=1,Type=Integer,Description="set">')
    if any(":PGT" in r for r in records):
        head += [
            '##FORMAT=<ID=PGT,Number=1,Type=String,Description="phase">',
            '##FORMAT=<ID=PID,Number=1,Type=String,Description="phase set">',
        ]
    head.append("\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + [*samples]))
    body = []
    for record in records:
        cells = record.split(" ")
        filters, info = "PASS", "."
        if len(cells) == 6 + len(samples):
            filters, info = cells[3:5]
            cells = cells[:3] + cells[5:]
        pos, ref, alt, form, *calls = cells
        body.append("\t".join([contig, pos, ".", ref, alt, ".", filters, info, form, *calls]))
    return "\n".join([*head, *body]) + "\n"


ALL_REFERENCE = (
    "1001 A . GT 0/0",
    "1011 C . GT 0/0",
    "1021 GAA . GT 0/0",
    "1031 T . GT 0/0",
    "1041 G . GT 0/0",
)
"""Every toy site called reference."""


def with_records(*records: str) -> tuple[str, ...]:
    """Return the reference records with some of them replaced, by position; `-1021` drops one."""
    chosen = {r.split(" ")[0]: r for r in ALL_REFERENCE}
    for record in records:
        if record.startswith("-"):
            chosen.pop(record[1:])
        else:
            chosen[record.split(" ")[0]] = record
    return tuple(chosen[p] for p in sorted(chosen, key=int))


def sound(*records: str) -> tuple[str, ...]:
    """Return records of one sample with what they do not state: depth, quality, reads that pass."""
    return tuple(_sound(record) for record in records)


def _sound(record: str) -> str:
    *fixed, form, call = record.split(" ")
    fields = dict(zip(form.split(":"), call.split(":"), strict=False))
    called = {int(a) for a in re.split(r"[/|]", fields.get("GT", "")) if a.isdecimal()}
    alts = 0 if fixed[2] == "." else fixed[2].count(",") + 1
    share = 40 // max(1, len(called))
    reads = ",".join(str(share if a in called else 0) for a in range(alts + 1))
    for key, value in (("DP", "40"), ("GQ", "60"), ("AD", reads)):
        fields.setdefault(key, value)
    return " ".join([*fixed, ":".join(fields), ":".join(fields.values())])
