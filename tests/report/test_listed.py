"""A file that holds listed positions alone: every rendering counts them, and no coding base."""

import html
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.pipeline.gene_coverage import known_pathogenic
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild

REF = load_reference()
GENES = ("OTC", "SCN2A", "POLG")
"""Two genes without bases, and one with bases that are not read."""
SAID = {
    "en": (
        "Of 2 of them only listed pathogenic variants were read: {absent} of {total} read and",
        "Not assessed, no data in the file: ",
        "read at listed positions only ({absent} of {total} known pathogenic variants read",
    ),
    "es": (
        "De 2 de ellos solo se leyeron variantes patogénicas de la lista: {absent} de {total}",
        "No evaluados, sin datos en el archivo: ",
        "leído solo en posiciones de la lista ({absent} de {total} variantes patogénicas",
    ),
}


def listed_only(path: Path, build: GenomeBuild) -> dict[str, int]:
    """Write every listed variant of two genes as absent; return how many each gene has."""
    known = known_pathogenic(REF, build)
    contigs = REF.contigs(build)
    keys = {(k.chrom, k.pos, k.ref, k.alt) for gene in GENES[:2] for k in known[gene]}
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={c},length={n}>" for c, n in contigs.lengths.items()]
    lines += [
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1",
    ]
    for chrom, pos, ref, alt in sorted(keys, key=lambda k: (contigs.order[k[0]], *k[1:])):
        lines.append(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t60\tPASS\t.\tGT:AD:DP:GQ\t0/0:40,0:40:99")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {gene: len(known[gene]) for gene in GENES[:2]}


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("build", list(GenomeBuild))
def test_listed_positions_are_no_coding_bases(tmp_path: Path, build, language) -> None:
    assert not {"OTC", "SCN2A"} & open_sequences(REF, build).covered
    vcf, out = tmp_path / "S1.vcf", tmp_path / "out"
    counts = listed_only(vcf, build)
    arguments = ["run", "--vcf", str(vcf), "--build", build.value, "--out", str(out)]
    arguments += ["--language", language, "--date", "2026-11-28", "--formats", "html,json,fhir"]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    (folder,) = (p.parent for p in (out / "reports").rglob("S1.html"))
    page = html.unescape(re.sub("<[^>]+>", "", (folder / "S1.html").read_text(encoding="utf-8")))
    report = json.loads((folder / "S1.json").read_text(encoding="utf-8"))
    bundle = (folder / "S1.fhir.json").read_text(encoding="utf-8")
    total = sum(counts.values())
    read, missing, state = SAID[language]
    assert read.format(absent=total, total=total) in page
    assert "POLG" in page.partition(missing)[2][:80]
    assert state.format(absent=counts["OTC"], total=counts["OTC"]) in page
    assert "Coding bases assessed" not in page
    assert "Bases codificantes evaluadas" not in page
    for gene, count in counts.items():
        of = f"{gene} {count} {'of' if language == 'en' else 'de'} {count}"
        assert of in page
        assert of in bundle
        row = next(c for c in report["coverage"] if c["gene"] == gene)
        assert (row["status"], row["exons"]) == ("not_assessed", [])
        assert (row["known_absent"], row["known_total"]) == (count, count)


@pytest.mark.parametrize(
    ("gene", "said"),
    [
        ("CSTB", "A repeat before this gene"),
        ("GLDC", "Deletions of exons of this gene"),
        ("EPM2A", "Lafora disease has two genes"),
        ("SLC6A8", "This gene has pseudogenes"),
        ("UBE3A", "This gene is imprinted"),
        ("MTOR", "mosaic in the brain"),
        ("NPRL3", "GRCh37 lacks one base"),
    ],
)
def test_a_patient_whose_gene_is_concerned_reads_its_limit(
    tmp_path: Path, gene: str, said: str
) -> None:
    vcf, out = tmp_path / "S1.vcf", tmp_path / "out"
    listed_only(vcf, GenomeBuild.GRCH38)
    key = next(k for k in known_pathogenic(REF, GenomeBuild.GRCH38)[gene])
    head = [x for x in vcf.read_text().splitlines() if x[0] == "#"]
    record = f"{key.chrom}\t{key.pos}\t.\t{key.ref}\t{key.alt}\t60\tPASS\t.\tGT:AD:DP:GQ"
    vcf.write_text("\n".join([*head, f"{record}\t0/1:20,20:40:99"]) + "\n")
    arguments = ["run", "--vcf", str(vcf), "--build", "GRCh38", "--out", str(out)]
    done = CliRunner().invoke(commands, [*arguments, "--formats", "html"])
    assert done.exit_code == 0, done.output
    page = next((out / "reports").rglob("S1.html")).read_text(encoding="utf-8")
    assert said in html.unescape(page)
