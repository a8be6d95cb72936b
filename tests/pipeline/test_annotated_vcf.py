"""The annotated VCF: records as they were, fields of ours that bcftools reads."""

import gzip
import re
from pathlib import Path
from urllib.parse import unquote

import pysam
import pysam.bcftools
import pytest
from click.testing import CliRunner, Result

from epilepsy_pgx.cli import commands
from epilepsy_pgx.pipeline.annotated_vcf import FIELDS, PREFIX
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.variants.sites import load_sites
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild

BUILD = GenomeBuild.GRCH38
HEAD = """##fileformat=VCFv4.2
##fileDate=20261101
##source=a caller; with "marks" = and %
##contig=<ID=chr1,length=248956422,assembly=GRCh38>
##contig=<ID=chr2,length=242193529,assembly=GRCh38>
##contig=<ID=chr10,length=133797422,assembly=GRCh38>
##INFO=<ID=AC,Number=A,Type=Integer,Description="Alleles">
##INFO=<ID=CLNSIG,Number=A,Type=String,Description="Class">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=XX,Number=1,Type=String,Description="Own">
#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A B
"""


@pytest.fixture(scope="module")
def records(package: Reference) -> list[str]:
    """Substitutions, a multi-allelic record, an indel in a repeat, a star allele and no target."""
    source = open_sequences(package, BUILD)
    scn1a = load_transcripts(package, BUILD)["SCN1A"]
    at = scn1a.genome_position(663)
    base = source.fetch("2", at, at + 1)
    site = next(s for s in load_sites(package, BUILD).sites if s.name == "rs1057910")
    donor = scn1a.coding[3][0] - 1
    gt = source.fetch("2", donor, donor + 1)
    rows = [
        "chr1 1000 . A T 9.50 PASS AC=1 GT:DP:GQ:XX 0/1:30:99:a%b 0/0:30:99:.",
        f"chr2 {donor + 1} far {gt} A,T 30 PASS AC=1,1 GT:DP:GQ:XX 0/1:30:99:x 0/2:30:99:y",
        f"chr2 {at + 1} . {base} A,<NON_REF> 1e3 PASS AC=1,0;CLNSIG=Pathogenic,. "
        "GT:DP:GQ:XX 0/1:30:99:z 0/0:30:99:.",
        f"chr10 {site.pos} rs1057910 {site.ref} C . . . GT:DP:GQ:XX 0/0:30:99:. 0|1:30:99:.",
    ]
    return sorted(rows[:1]) + sorted(rows[1:3], key=lambda r: int(r.split()[1])) + rows[3:]


def write(path: Path, rows: list[str]) -> Path:
    head, last = HEAD.rstrip("\n").rsplit("\n", 1)
    lines = [head, last.replace(" ", "\t"), *(r.replace(" ", "\t") for r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(vcf: Path, out: Path, *more: str) -> Result:
    words = ["annotate", str(vcf), "--build", BUILD.value, "--out", str(out), *more]
    return CliRunner().invoke(commands, words)


def body(path: Path) -> list[str]:
    text = gzip.decompress(path.read_bytes()).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def ours(line: str) -> dict[str, list[str]]:
    entries = [e for e in line.split("\t")[7].split(";") if e.startswith(PREFIX)]
    return {
        name.removeprefix(PREFIX): values.split(",")
        for name, values in (e.split("=") for e in entries)
    }


def bare(line: str) -> str:
    """Return a record without our fields."""
    cells = line.split("\t")
    kept = [e for e in cells[7].split(";") if not e.startswith(PREFIX)]
    cells[7] = ";".join(kept) or "."
    return "\t".join(cells)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, records: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("annotated")
    done = run(write(folder / "in.vcf", records), folder / "out.vcf.gz")
    assert done.exit_code == 0, done.output
    return folder / "out.vcf.gz"


def test_target_records_are_as_they_were(made: Path, records: list[str]) -> None:
    assert [bare(r) for r in body(made)] == [r.replace(" ", "\t") for r in records[1:]]


def test_each_allele_has_its_values(made: Path) -> None:
    second, first, star = (ours(r) for r in body(made))
    assert first["GENE"] == ["SCN1A", "SCN1A"]
    assert all("splice" in c for c in first["CONSEQUENCE"])
    assert second["GENE"] == ["SCN1A", "."]
    assert second["HGVSC"] == ["c.664C>T", "."]
    assert second["HGVSP"] == ["p.(Arg222Ter)", "."]
    assert second["CONSEQUENCE"] == ["stop_gained", "."]
    assert second["CLASS"] == ["likely_pathogenic", "."]
    assert "VCF%20INFO" in second["CLASS_SOURCE"][0].split("&")
    assert second["DIRECTION"] == ["loss_of_function", "."]
    assert star["GENE"] == ["CYP2C9"]
    assert star["VARIANT"] == ["rs1057910"]
    assert "*3" in star["ALLELE"][0].split("&")


def test_bcftools_and_pysam_read_it(made: Path) -> None:
    text = str(pysam.bcftools.view("--no-version", str(made)))
    assert "[W::" not in text
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == 3
    with pysam.VariantFile(str(made)) as handle:
        assert list(handle.header.samples) == ["A", "B"]
        for name in FIELDS:
            assert handle.header.info[PREFIX + name].number == "A"
        found = list(handle.fetch("chr10", 0, 133_797_422))
    assert len(found) == 1
    assert found[0].info["EPGX_GENE"] == ("CYP2C9",)
    queried = pysam.bcftools.query("-f", "%POS\t%INFO/EPGX_HGVSC{0}\n", "-r", "chr2", str(made))
    assert "c.664C>T" in str(queried)


def test_the_header_keeps_what_the_file_says(made: Path) -> None:
    text = gzip.decompress(made.read_bytes()).decode()
    for line in HEAD.splitlines()[:-1]:
        assert line in text.splitlines()
    (nothing,) = (x for x in text.splitlines() if x.startswith("##epilepsy-pgx-not-read="))
    assert "CHRNA2" in nothing
    # Read at its listed variants, and without splice sites.
    assert "ALDH7A1" not in nothing
    assert "DEPDC5" not in nothing
    assert "##epilepsy-pgx-read=GRCh38: of " in text


def test_the_table_stands_beside_it(made: Path) -> None:
    rows = made.with_name("out.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("sample_id\tchrom")
    assert any("c.664C>T" in row for row in rows)


def test_same_input_same_bytes_and_again_over_itself(made: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.vcf.gz"
    assert run(made.with_name("in.vcf"), again).exit_code == 0
    assert again.read_bytes() == made.read_bytes()
    assert Path(f"{again}.tbi").read_bytes() == Path(f"{made}.tbi").read_bytes()
    twice = tmp_path / "twice.vcf.gz"
    assert run(made, twice).exit_code == 0
    assert body(twice) == body(made)
    text = gzip.decompress(twice.read_bytes()).decode()
    assert text.count("ID=EPGX_GENE,") == text.count("##epilepsy-pgx=") == 1


@pytest.mark.parametrize("kind", ["bcf", "indexed", "gzip"])
def test_any_form_of_the_file(made: Path, tmp_path: Path, kind: str) -> None:
    plain = made.with_name("in.vcf")
    vcf = tmp_path / ("in.bcf" if kind == "bcf" else "in.vcf.gz")
    if kind == "gzip":
        vcf.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        form = "-Ob" if kind == "bcf" else "-Oz"
        pysam.bcftools.view("--no-version", form, "-o", str(vcf), str(plain), catch_stdout=False)
        pysam.bcftools.index(str(vcf), catch_stdout=False)
    out = tmp_path / "out.vcf.gz"
    done = run(vcf, out)
    assert done.exit_code == 0, done.output
    seen, wanted = body(out), body(made)
    assert [ours(r) for r in seen] == [ours(r) for r in wanted]
    assert [r.split("\t")[8:] for r in seen] == [r.split("\t")[8:] for r in wanted]


def test_reserved_characters_are_encoded(made: Path) -> None:
    for line in body(made):
        for values in ours(line).values():
            for value in values:
                assert re.fullmatch(r"[!-~]+", value)
                assert not set(value) & set(':;=,"')
                assert "%" not in re.sub(r"%[0-9A-F]{2}", "", value)
                assert "\n" not in unquote(value)


def test_a_file_without_samples_or_targets(tmp_path: Path, records: list[str]) -> None:
    cut = [" ".join(r.split(" ")[:8]) for r in records]
    head = HEAD.replace(" FORMAT A B", "")
    path = tmp_path / "sites.vcf"
    lines = [head.rstrip("\n").rsplit("\n", 1)[0], head.splitlines()[-1], *cut]
    path.write_text("\n".join([lines[0], *(x.replace(" ", "\t") for x in lines[1:])]) + "\n")
    done = run(path, tmp_path / "sites.vcf.gz")
    assert done.exit_code in (0, 2)
    assert "Traceback" not in done.output
    done = run(write(tmp_path / "none.vcf", records[:1]), tmp_path / "none.vcf.gz")
    assert done.exit_code == 0, done.output
    assert body(tmp_path / "none.vcf.gz") == []


@pytest.mark.parametrize(
    ("entry", "terms", "protein"),
    [
        ("stop_gained|SYNGAP1|NM_006772.3|NM_006772.3:c.1621C>T|NP_006763.2:p.Gln541Ter",
         "stop_gained", "p.(Gln541Ter)"),
        ("missense_variant|SYNGAP1|NM_006772.3|NM_006772.3:c.1621C>T|NP_006763.2:p.Gln541Glu",
         "missense_variant", "p.(Gln541Glu)"),
        # On another transcript: the consequence with its label, and no residue as if it were ours.
        ("stop_gained|SYNGAP1|NM_9.1|NM_9.1:c.4C>T|NP_9.1:p.Gln2Ter", "stop_gained", None),
    ],
)  # fmt: skip
def test_table_and_vcf_agree_on_what_the_file_says(
    tmp_path: Path, entry: str, terms: str, protein: str | None
) -> None:
    head = HEAD.replace(
        "##FORMAT=<ID=GT",
        "##contig=<ID=chr6,length=170805979,assembly=GRCh38>\n##INFO=<ID=CSQ,Number=.,Type=String,"
        'Description="Consequence annotations from Ensembl VEP. Format: '
        'Allele|Consequence|SYMBOL|Feature|HGVSc|HGVSp">\n##FORMAT=<ID=GT',
        1,
    ).rstrip("\n")
    text, last = head.rsplit("\n", 1)
    row = f"chr6 33438864 . C T 50 PASS CSQ=T|{entry} GT:DP:GQ:XX 0/1:30:99:. 0/0:30:99:."
    vcf, out = tmp_path / "in.vcf", tmp_path / "out.vcf.gz"
    vcf.write_text("\n".join([text, *(x.replace(" ", "\t") for x in (last, row))]) + "\n")
    assert run(vcf, out).exit_code == 0
    (line,) = body(out)
    said = ours(line)
    columns, first = (x.split("\t") for x in (tmp_path / "out.tsv").read_text().splitlines()[:2])
    shown = dict(zip(columns, first, strict=True))
    assert said["CONSEQUENCE"] == [terms]
    assert shown["consequence"] == terms
    assert said.get("HGVSP") == ([protein] if protein else None)
    assert shown["hgvs_p"] == (protein or ".")
    assert said["ANNOTATED_BY"] == ["vep"]
    assert "file-annotation-vep" in shown["notes"]
    assert ("file-transcript" in shown["notes"]) is (protein is None)
    assert ("(NM_9.1)" in shown["also_named"]) is (protein is None)


@pytest.mark.parametrize(
    ("value", "shown"), [("0.3", "AF_POP=0.3 (common)"), ("0.00001", "AF_POP=0.00001"), (".", ".")]
)
def test_the_table_shows_a_frequency_that_is_named(
    tmp_path: Path, package: Reference, value: str, shown: str
) -> None:
    scn1a = load_transcripts(package, BUILD)["SCN1A"]
    at = scn1a.genome_position(663)
    base = open_sequences(package, BUILD).fetch("2", at, at + 1)
    head = HEAD.replace(
        "##FORMAT=<ID=GT",
        '##INFO=<ID=AF_POP,Number=A,Type=Float,Description="f">\n##FORMAT=<ID=GT',
        1,
    ).rstrip("\n")
    text, last = head.rsplit("\n", 1)
    row = f"chr2 {at + 1} . {base} A 50 PASS AF_POP={value} GT:DP:GQ:XX 0/1:30:99:. 0/0:30:99:."
    vcf, out = tmp_path / "in.vcf", tmp_path / "out.tsv"
    vcf.write_text("\n".join([text, *(x.replace(" ", "\t") for x in (last, row))]) + "\n")
    assert run(vcf, out, "--frequency-field", "AF_POP").exit_code == 0
    columns, first = (x.split("\t") for x in out.read_text().splitlines()[:2])
    assert dict(zip(columns, first, strict=True))["frequency"] == shown


@pytest.mark.parametrize(
    ("alt", "info", "named"),
    [
        ("<DEL>", "SVTYPE=DEL", False),
        ("<DUP>", "SVTYPE=DUP;END={pos}", False),
        ("<CN0>", "SVTYPE=CNV;SVLEN=0", False),
        ("<DEL>", "SVTYPE=DEL;END={end}", True),
        ("<DEL>", "SVTYPE=DEL;SVLEN=-400", True),
        ("<INS>", "SVTYPE=INS", True),
    ],
)
def test_a_segment_without_a_size_is_not_said_to_be_one_base(
    alt: str, info: str, named: bool, package: Reference, tmp_path: Path
) -> None:
    """It is not read, as on a report: nothing is said of how far it goes."""
    start = load_transcripts(package, BUILD)["SCN1A"].coding[3][0] + 9
    said = info.format(pos=start, end=start + 400)
    rows = [f"chr2 {start} . N {alt} 30 PASS {said} GT:DP:GQ:XX 0/1:30:99:x 0/0:30:99:y"]
    out = tmp_path / "out.vcf.gz"
    done = run(write(tmp_path / "in.vcf", rows), out)
    assert done.exit_code in (0, 3), done.output
    lines = body(out)
    assert [bool(ours(line)) for line in lines] == [named] * len(lines)
    assert lines
