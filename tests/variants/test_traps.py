"""Traps of VCF files, one case each: the right call, no call, or a clear error."""

import gzip
import re
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.pipeline.extract import Extraction, extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.store import STATUS_OF, UNPHASED
from epilepsy_pgx.vocabulary import GenomeBuild, SiteStatus
from tests.toy.vcf import ALL_REFERENCE, vcf_text, with_records

BUILD = GenomeBuild.GRCH38
SITES = ("rs1", "rs2", "rs3", "rs4", "rs5")


def line(name: str, kind: str, number: str = "1", where: str = "FORMAT") -> str:
    return f'##{where}=<ID={name},Number={number},Type={kind},Description="toy">'


HEADER = (
    line("FT", "String"),
    line("RNC", "String"),
    line("RGQ", "Integer"),
    line("GQX", "Integer"),
    line("MIN_DP", "Integer"),
    line("GP", "Float", "G"),
    line("DS", "Float", "A"),
    line("CN", "Integer"),
    line("LAA", "Integer", "."),
    line("LGT", "String"),
    line("LA", "Integer", "."),
    line("LAD", "Integer", "."),
    line("LEN", "Integer"),
    line("DR2", "Float", "A", "INFO"),
    line("R2", "Float", "1", "INFO"),
    line("INFO", "Float", "1", "INFO"),
    line("SVTYPE", "String", "1", "INFO"),
    line("SVLEN", "Integer", "A", "INFO"),
    '##FILTER=<ID=RefCall,Description="reference">',
    '##FILTER=<ID=LowGQX,Description="low">',
    '##ALT=<ID=DEL,Description="deletion">',
)


def read(toy, folder: Path, text: str, name: str = "a.vcf", **more) -> Extraction:
    path = folder / name
    path.write_bytes(text.encode())
    return extract_group(
        [path], None, more.get("covers"), load_targets(toy, BUILD), toy, Thresholds()
    )


def usable(found: Extraction, column: int = 0) -> dict[str, list[int]]:
    """Return the codes that may be used, by site; -1 unknown, 100 not listed."""
    codes = found.store.usable()[:, column]
    return dict(zip(SITES, codes.tolist(), strict=True))


UNKNOWN = [-1, -1]
CASES = [
    # name, records, site, codes
    ("GATK block", ["1040 C <NON_REF> PASS END=1045 GT:DP:GQ:MIN_DP 0/0:30:60:28"], "rs5", [0, 0]),
    (
        "GATK block of small depth",
        ["1040 C <NON_REF> PASS END=1045 GT:DP:GQ:MIN_DP 0/0:30:60:2"],
        "rs5",
        UNKNOWN,
    ),
    ("DeepVariant block", ["1040 C <*> PASS END=1045 GT:GQ:MIN_DP 0/0:50:20"], "rs5", [0, 0]),
    ("DeepVariant RefCall", ["1041 G A,<*> RefCall . GT:GQ 0/0:50"], "rs5", [0, 0]),
    (
        "DeepVariant RefCall without genotype",
        ["1041 G A,<*> RefCall . GT:GQ ./.:50"],
        "rs5",
        UNKNOWN,
    ),
    ("block without genotype", ["1040 C <*> PASS END=1045 GT ./."], "rs5", UNKNOWN),
    ("Strelka block", ["1040 C . PASS END=1045 GT:GQX:DP 0/0:40:20"], "rs5", [0, 0]),
    ("Strelka block of low GQX", ["1040 C . PASS END=1045 GT:GQX:DP 0/0:5:20"], "rs5", UNKNOWN),
    ("Strelka GQX below GQ", ["1041 G A PASS . GT:GQ:GQX 0/1:60:3"], "rs5", UNKNOWN),
    ("Strelka LowGQX", ["1041 G A LowGQX . GT:GQX 0/1:3"], "rs5", UNKNOWN),
    ("ploidy 1", ["1041 G A GT 1"], "rs5", [1, -1]),
    ("ploidy 3", ["1041 G A GT 0/0/1"], "rs5", UNKNOWN),
    ("FORMAT/FT", ["1041 G A GT:FT 0/1:LowDP"], "rs5", UNKNOWN),
    ("FORMAT/FT passed", ["1041 G A GT:FT 0/1:PASS"], "rs5", [0, 1]),
    ("GLnexus half call", ["1041 G A GT:RNC ./0:M."], "rs5", [-1, 0]),
    ("GLnexus half call of the variant", ["1041 G A GT:RNC ./1:M."], "rs5", [-1, 1]),
    ("RGQ", ["1041 G . GT:RGQ 0/0:2"], "rs5", UNKNOWN),
    ("RGQ beside an empty GQ", ["1041 G . GT:GQ:RGQ 0/0:.:2"], "rs5", UNKNOWN),
    ("0/0 with DP 0", ["1041 G A GT:DP 0/0:0"], "rs5", UNKNOWN),
    ("0/0 with no reads in AD", ["1041 G A GT:AD 0/0:0,0"], "rs5", UNKNOWN),
    ("empty AD is no depth", ["1041 G A GT:AD 0/0:."], "rs5", UNKNOWN),
    ("AD left out where DP is known", ["1041 G A GT:AD:DP 0/0:.:30"], "rs5", [0, 0]),
    ("absent filled as reference", ["1041 G A GT:DP:GQ 0/0:.:."], "rs5", UNKNOWN),
    ("absent filled as reference, fields dropped", ["1041 G A GT:AD:DP:GQ 0/0"], "rs5", UNKNOWN),
    ("depth without the quality", ["1041 G A GT:DP:GQ 0/1:30:."], "rs5", UNKNOWN),
    ("quality without the depth", ["1041 G A GT:DP:GQ 0/1:.:60"], "rs5", UNKNOWN),
    ("local alleles", ["1031 T G,C,A LGT:LAA 1/2:2,3"], "rs4", None),
    ("local alleles, one copy of REF", ["1041 G C,A LGT:LAA 0/1:2"], "rs5", [0, 1]),
    ("local alleles, reference", ["1041 G C,A LGT:LAA 0/0:."], "rs5", [0, 0]),
    ("local alleles with REF in the list", ["1041 G C,A LGT:LA 0/1:0,2"], "rs5", [0, 1]),
    ("local allele that is not listed", ["1041 G C,A LGT:LAA 0/2:2"], "rs5", [0, -1]),
    ("local alleles and their reads", ["1041 G C,A LGT:LAA:LAD 0/1:2:14,15"], "rs5", [0, 1]),
    ("local reads out of balance", ["1041 G C,A LGT:LAA:LAD 0/1:2:40,2"], "rs5", UNKNOWN),
    ("local reads left out", ["1041 G C,A LGT:LAA:LAD 0/1:2:."], "rs5", UNKNOWN),
    ("local genotype missing", ["1041 G C,A LGT:LAA ./.:."], "rs5", UNKNOWN),
    ("local genotype of three copies", ["1041 G C,A LGT:LAA 0/0/1:2"], "rs5", UNKNOWN),
    ("genotype beside local alleles", ["1041 G C,A GT:LGT:LAA 0/0:0/1:2"], "rs5", [0, 0]),
    ("exome at depth 2", ["1041 G A GT:DP:GQ 0/0:2:6"], "rs5", UNKNOWN),
    ("missing genotype", ["1041 G A GT ./."], "rs5", UNKNOWN),
    ("missing genotype as one point", ["1041 G A GT ."], "rs5", UNKNOWN),
    ("third base", ["1041 G T GT 0/1"], "rs5", [0, 100]),
    ("SNV under a deletion", ["1041 G * GT 0/1"], "rs5", [0, 100]),
    ("SNV and the deletion over it", ["1041 G A,* GT 1/2"], "rs5", [1, 100]),
    ("SNV in an MNV", ["1040 CG CA GT 0/1"], "rs5", [0, 1]),
    ("longer MNV", ["1039 CCG TCA GT 0/1"], "rs5", [0, 1]),
    ("MNV that leaves the site", ["1040 CG TG GT 0/1"], "rs5", [0, 0]),
    ("lower-case bases", ["1041 g a GT 0/1"], "rs5", [0, 1]),
    (
        "block and variant",
        ["1040 C <NON_REF> PASS END=1045 GT:GQ 0/0:60", "1041 G A GT:GQ 0/1:60"],
        "rs5",
        [0, 1],
    ),
    (
        "block and variant without genotype",
        ["1040 C <NON_REF> PASS END=1045 GT:GQ 0/0:60", "1041 G A GT:GQ ./.:60"],
        "rs5",
        UNKNOWN,
    ),
    ("same record twice", ["1041 G A GT 0/1", "1041 G A GT 0/1"], "rs5", [0, 1]),
    ("contradicting records", ["1041 G A GT 0/1", "1041 G A GT 1/1"], "rs5", UNKNOWN),
    ("record and missing record", ["1041 G A GT 0/1", "1041 G A GT ./."], "rs5", UNKNOWN),
    ("split multiallelic", ["1031 T C GT 1/0", "1031 T A GT 0/1"], "rs4", None),
    ("split multiallelic with points", ["1031 T C GT 1/.", "1031 T A GT ./1"], "rs4", UNKNOWN),
    ("swapped REF after a lift-over", ["1041 A G GT 0/1"], "rs5", UNKNOWN),
    (
        "symbolic deletion, one copy",
        ["990 N <DEL> PASS END=1100;SVTYPE=DEL GT 0/1", "1041 G A GT 0/0"],
        "rs5",
        [0, 100],
    ),
    (
        "symbolic deletion, one copy, variant on the other",
        ["990 N <DEL> PASS END=1100;SVTYPE=DEL GT 0/1", "1041 G A GT 1/1"],
        "rs5",
        UNKNOWN,
    ),
    (
        "symbolic deletion, no copy",
        ["990 N <DEL> PASS END=1100;SVTYPE=DEL GT 1/1", "1041 G A GT ./."],
        "rs5",
        UNKNOWN,
    ),
    (
        "symbolic deletion by SVLEN",
        ["990 N <DEL> PASS SVLEN=-110;SVTYPE=DEL GT 0/1", "1041 G A GT 0/0"],
        "rs5",
        [0, 100],
    ),
    (
        "symbolic deletion by copy number alone",
        ["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:CN ./.:1", "1041 G A GT 0/0"],
        "rs5",
        [-1, 100],
    ),
    (
        "symbolic deletion not carried",
        ["990 N <DEL> PASS END=1100;SVTYPE=DEL GT 0/0", "1041 G A GT 0/1"],
        "rs5",
        [0, 1],
    ),
    ("imputed, certain", ["1041 G A GT:GP 0/1:0.01,0.98,0.01"], "rs5", [0, 1]),
    ("imputed, uncertain", ["1041 G A GT:GP 0/1:0.3,0.6,0.1"], "rs5", UNKNOWN),
    ("imputed, dosage far from the call", ["1041 G A GT:DS 0/0:0.4"], "rs5", UNKNOWN),
    ("imputed, dosage near the call", ["1041 G A GT:DS 0/1:1.02"], "rs5", [0, 1]),
    ("imputed, low R2", ["1041 G A PASS R2=0.3 GT 0/0"], "rs5", UNKNOWN),
    ("imputed, low INFO", ["1041 G A PASS INFO=0.3 GT 0/0"], "rs5", UNKNOWN),
    ("imputed, R2 by allele", ["1031 T C,A PASS DR2=0.99,0.2 GT 0/0"], "rs4", UNKNOWN),
    ("array allele I", ["1011 C I GT 0/1"], "rs2", [0, 100]),
    ("array alleles D and I", ["1011 D I GT 0/1"], "rs2", UNKNOWN),
    ("array allele D at a deletion", ["1021 I D GT 0/0"], "rs3", UNKNOWN),
    ("array allele N", ["1041 G N GT 0/1"], "rs5", [0, 100]),
    ("IUPAC code", ["1041 G R GT 0/1"], "rs5", [0, 100]),
    ("carried non-reference of a block", ["1041 G <NON_REF> GT:GQ 0/1:60"], "rs5", [0, 100]),
    ("END before POS", ["1041 G A PASS END=1000 GT 0/1"], "rs5", [0, 1]),
    ("block with END before POS", ["1040 C <*> PASS END=1000 GT:GQ 0/0:50"], "rs5", UNKNOWN),
    ("AD with one value missing", ["1041 G A GT:AD 0/1:.,12"], "rs5", UNKNOWN),
    ("AD of too few values", ["1041 G A GT:AD 0/1:12"], "rs5", UNKNOWN),
    ("trailing fields left out", ["1041 G A GT:DP:GQ:AD 0/1"], "rs5", UNKNOWN),
    ("reads left out of a heterozygous call", ["1041 G A GT:DP:GQ:AD 0/1:30:60"], "rs5", UNKNOWN),
    ("reads left out of a reference call", ["1041 G A GT:DP:GQ:AD 0/0:30:60"], "rs5", [0, 0]),
    ("heterozygous call without a read", ["1041 G A GT:DP:AD 0/1:30:0,0"], "rs5", UNKNOWN),
    ("reads of a record that was split", ["1041 G A GT:DP:AD 0/1:30:14,2,14"], "rs5", [0, 1]),
    ("empty GP", ["1041 G A GT:GP 0/1:."], "rs5", UNKNOWN),
    ("empty DS", ["1041 G A GT:DS 0/1:."], "rs5", UNKNOWN),
    ("reference with empty DS", ["1041 G A GT:DS 0/0:."], "rs5", UNKNOWN),
    ("haploid reference", ["1041 G A GT 0"], "rs5", [0, -1]),
    ("triploid reference", ["1041 G A GT 0/0/0"], "rs5", UNKNOWN),
    ("segment of two copies", ["990 N . PASS END=1100;SVTYPE=CNV GT:CN 0/0:2"], "rs5", UNKNOWN),
    ("segment of two copies, by its fields", ["990 N . PASS END=1100 GT:CN 0:2"], "rs5", UNKNOWN),
    (
        "copy gain without a genotype",
        ["990 N <DUP> PASS END=1100;SVTYPE=DUP GT:CN ./.:3", "1041 G A GT 0/0"],
        "rs5",
        [-1, 100],
    ),
    ("same allele twice, turned around", ["1041 G A GT 0|1", "1041 G A GT 1|0"], "rs5", [0, 1]),
    (
        "same allele twice, once as reference",
        ["1041 G A GT 0/1", "1041 G A GT 0/0"],
        "rs5",
        UNKNOWN,
    ),
    (
        "same allele twice, first as reference",
        ["1041 G A GT 0/0", "1041 G A GT 1/1"],
        "rs5",
        UNKNOWN,
    ),
    (
        "same allele twice, in another spelling",
        ["1040 CG CA GT 0/1", "1041 G A GT 0/1"],
        "rs5",
        [0, 1],
    ),
    ("ploidy 3, one missing", ["1041 G A GT 0/0/."], "rs5", UNKNOWN),
    ("ploidy 3 of a variant, one missing", ["1041 G A GT 0/1/."], "rs5", UNKNOWN),
    ("block that ends at the anchor", ["1015 C <*> PASS END=1021 GT:GQ 0/0:50"], "rs3", UNKNOWN),
    (
        "block over the anchor, no reads after it",
        ["1015 C <*> PASS END=1021 GT:GQ 0/0:50", "1022 A <*> PASS END=1030 GT:GQ:MIN_DP 0/0:0:1"],
        "rs3",
        UNKNOWN,
    ),
    (
        "block over the anchor, low quality after it",
        ["1015 C <*> PASS END=1021 GT:GQ 0/0:50", "1022 A <*> PASS END=1030 GT:GQ:MIN_DP 0/0:0:30"],
        "rs3",
        [0, 0],
    ),
    (
        "star of a deletion that is spelled",
        ["1021 GAA G GT 0/1", "1022 A C,* GT 0/2"],
        "rs3",
        [0, 1],
    ),
    ("block with REF N", ["1040 N <NON_REF> PASS END=1045 GT:DP:GQ 0/0:30:60"], "rs5", [0, 0]),
    ("length of a block in FORMAT", ["1040 C <*> GT:GQ:LEN 0/0:50:6"], "rs5", [0, 0]),
    ("length of a block in FORMAT, too short", ["1036 C <*> GT:GQ:LEN 0/0:50:3"], "rs5", UNKNOWN),
]


def declared(text: str, how: str) -> str:
    """Return a VCF with another header: other types of all fields, or nothing declared."""
    if how == "as text":
        return text.replace("Type=Integer", "Type=String").replace("Type=Float", "Type=String")
    if how == "as nothing known":
        return re.sub("(##FORMAT=<ID=(?!GT).*Type=)[A-Z]", r"\1", text)
    if how == "nothing":
        lines = text.splitlines(keepends=True)
        return lines[0] + "".join(x for x in lines if not x.startswith("##"))
    return text


@pytest.mark.parametrize("header", ["whole", "as text", "as nothing known", "nothing"])
@pytest.mark.parametrize(
    ("records", "site", "codes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_site(toy, tmp_path, monkeypatch, records, site, codes, header):
    dropped = {"rs2": "-1011", "rs3": "-1021", "rs4": "-1031", "rs5": "-1041"}[site]
    rest = with_records(dropped)
    lines = sorted([*rest, *records], key=lambda r: int(r.split(" ")[0]))
    # Enough sites with the right REF, so that one lift-over fault is not taken for a build.
    monkeypatch.setattr("epilepsy_pgx.pipeline.group_checks.MISMATCH_FRACTION", 0.5)
    found = read(toy, tmp_path, declared(vcf_text(*lines, extra=HEADER), header))
    seen = usable(found)[site]
    if codes is None:
        sites = load_targets(toy, BUILD).sites
        listed = sites.sites[sites.index[site]].alleles
        assert sorted(listed[c] for c in seen) == ["A", "C"]
    else:
        assert sorted(seen) == sorted(codes)


def test_length_of_a_block_counts_for_the_sample_that_gives_it(toy, tmp_path):
    """A sample without the length claims one base, whatever the others of the file give."""
    rest = [f"{r} {r.split(' ')[-1]}" for r in with_records("-1041")]
    lines = [*rest, "1036 C <*> GT:GQ:LEN 0/0:50:10 0/0:50:."]
    text = vcf_text(
        *sorted(lines, key=lambda r: int(r.split(" ")[0])), extra=HEADER, samples=("S1", "S2")
    )
    found = read(toy, tmp_path, text)
    assert usable(found, 0)["rs5"] == [0, 0]
    assert usable(found, 1)["rs5"] == UNKNOWN


@pytest.mark.parametrize(
    "record",
    ["1021 GAA G GT ./.", "1021 GAA D GT ./.", "990 N <DEL> PASS END=1100;SVTYPE=DEL GT ./."],
)
def test_declared_region_does_not_fill_what_was_not_called(toy, tmp_path, record):
    bed = tmp_path / "all.bed"
    bed.write_text("10\t900\t1200\n")
    lines = sorted([*with_records("-1021"), record], key=lambda r: int(r.split(" ")[0]))
    text = vcf_text(*lines, extra=HEADER)
    assert usable(read(toy, tmp_path, text, covers=str(bed)))["rs3"] == UNKNOWN


def test_records_out_of_order_are_read_or_refused(toy, tmp_path):
    text = vcf_text(*reversed(with_records("1001 A G GT 0/1")))
    try:
        found = usable(read(toy, tmp_path, text))
    except InputError:
        return
    assert found["rs1"] == [0, 1]


def phase(found: Extraction, site: str = "rs1") -> tuple[int, list[int]]:
    row = SITES.index(site)
    return int(found.store.phase[row, 0]), found.store.alleles[row, 0].tolist()


GATK = ('##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="x">',)


@pytest.mark.parametrize(
    ("record", "extra", "expected"),
    [
        ("1001 A G GT 0|1", (), (0, [0, 1])),
        ("1001 A G GT 0|1", GATK, (-1, [0, 1])),
        ("1001 A G GT |0/1", (), (-1, [0, 1])),
        ("1001 A G GT:PGT:PID 1/1:1|1:9_A", (), (-1, [1, 1])),
        ("1001 A G GT:PGT:PID 0/1:.:.", (), (-1, [0, 1])),
    ],
    ids=["panel", "GATK without PS", "leading phased", "PGT 1|1", "no PGT"],
)
def test_phase_that_is_not_global(toy, tmp_path, record, extra, expected):
    text = vcf_text(*with_records(record), extra=extra)
    if "|0/1" in text:
        text = text.replace("VCFv4.2", "VCFv4.4")
    assert phase(read(toy, tmp_path, text)) == expected


@pytest.mark.parametrize("genotype", ["1", "0"])
def test_one_copy_has_no_phase(toy, tmp_path, genotype):
    for _ in range(8):
        found = read(toy, tmp_path, vcf_text(*with_records(f"1001 A G GT {genotype}")))
        assert phase(found)[0] == -1


def test_reversed_physical_phase(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT:PGT:PID 0/1:1|0:9_A"))
    number, codes = phase(read(toy, tmp_path, text))
    assert number > 0
    assert codes == [1, 0]


def test_phase_set_of_type_string(toy, tmp_path):
    text = vcf_text(
        *with_records(
            "1001 A G GT:PS 0|1:set1", "1011 C CTT GT:PS 0|1:set1", "1041 G A GT:PS 0|1:."
        )
    )
    text = text.replace("ID=PS,Number=1,Type=Integer", "ID=PS,Number=1,Type=String")
    found = read(toy, tmp_path, text)
    assert phase(found)[0] == phase(found, "rs2")[0] > 0
    assert phase(found, "rs5")[0] == -1


def test_no_genotype_column_is_an_error(toy, tmp_path):
    text = vcf_text("1001 A G DP 30", "1041 G A DP 30")
    text = "\n".join(x for x in text.splitlines() if "ID=GT" not in x) + "\n"
    with pytest.raises(InputError, match="vcf-genotypes"):
        read(toy, tmp_path, text)


def test_local_genotypes_without_their_alleles_are_an_error(toy, tmp_path):
    text = vcf_text("1001 A G LGT 0/1", extra=HEADER)
    text = "\n".join(x for x in text.splitlines() if "ID=GT" not in x) + "\n"
    with pytest.raises(InputError, match="vcf-genotypes"):
        read(toy, tmp_path, text)


def line_of(pos: int, *, filters="PASS", info=".", more="", value="", contig="chr10") -> str:
    """Return a record away from everything that is read."""
    return f"{contig}\t{pos}\t.\tA\tG\t.\t{filters}\t{info}\tGT{more}\t0/1{value}\n"


def stored(path: Path, form: str) -> Path:
    if form == "plain":
        return path
    packed = path.with_suffix(".vcf.gz")
    if form == "gzip":
        packed.write_bytes(gzip.compress(path.read_bytes()))
        return packed
    pysam.tabix_compress(str(path), str(packed), force=True)
    if form != "bgzip":
        pysam.tabix_index(str(packed), preset="vcf", csi=form == "csi")
    return packed


@pytest.mark.parametrize("form", ["plain", "gzip", "bgzip", "tbi", "csi"])
@pytest.mark.parametrize(
    "used",
    [
        {"info": "FOO"},
        {"info": "FOO=3"},
        {"filters": "q10"},
        {"more": ":ZZ", "value": ":3"},
        {"contig": "chr9"},
    ],
    ids=lambda used: next(iter(used)),
)
def test_what_the_header_lacks_is_first_used_off_target(toy, tmp_path, used, form):
    text = vcf_text(*with_records("1001 A G GT 0/1"))
    head, first, body = text.partition("chr10\t1001")
    plain = tmp_path / "a.vcf"
    plain.write_text(
        head
        + line_of(500, **used)
        + first
        + body
        + ("" if "contig" in used else line_of(99999, **used))
    )
    found = extract_group(
        [stored(plain, form)], None, None, load_targets(toy, BUILD), toy, Thresholds()
    )
    assert usable(found)["rs1"] == [0, 1]
    assert usable(found)["rs5"] == [0, 0]


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        ("1041 G A q10 . GT 0/1", UNKNOWN),
        ("1041 G A PASS FOO GT 0/1", [0, 1]),
        ("1041 G A PASS FOO=3;BAR GT 0/1", [0, 1]),
        ("1041 G A GT:ZZ 0/1:x,y", [0, 1]),
        ("1041 G A PASS;q10 . GT 0/1", UNKNOWN),
        ("1041 G A PASS R2=0.3 GT 0/1", UNKNOWN),
        ("1041 G A GT:FT 0/1:bad", UNKNOWN),
    ],
    ids=["FILTER", "flag", "INFO", "FORMAT", "FILTER beside PASS", "imputed", "FT"],
)
def test_what_the_header_lacks_on_target(toy, tmp_path, record, codes):
    found = read(toy, tmp_path, vcf_text(*with_records(record)))
    assert usable(found)["rs5"] == codes


def test_one_sample_of_a_file_whose_header_lacks_something(toy, tmp_path):
    text = vcf_text(
        "1001 A G PASS FOO GT 0/1 1/1", "1041 G A q . GT:ZZ 1/1:1 0/0:2", samples=("S1", "S2")
    )
    (tmp_path / "a.vcf").write_text(text)
    found = extract_group(
        [tmp_path / "a.vcf"], ["S2"], None, load_targets(toy, BUILD), toy, Thresholds()
    )
    assert usable(found)["rs1"] == [1, 1]
    assert usable(found)["rs5"] == UNKNOWN


@pytest.mark.parametrize("form", ["plain", "tbi"])
def test_records_that_span_two_stretches_come_once(toy, tmp_path, form):
    """A long block of an indexed file lies in every interval that is sought."""
    from epilepsy_pgx.worker.perform import cut_text

    plain = tmp_path / "a.vcf"
    plain.write_text(
        vcf_text(
            "100 A <*> PASS END=9000;FOO GT 0/0",
            "150 A G GT 0/1",
            "5000 A G GT 0/1",
            "5001 A G GT 0/1",
            "8000 C G GT 0/1",
        )
    )
    bed = tmp_path / "a.bed"
    bed.write_text("chr10\t140\t160\nchr10\t4999\t5000\nchr9\t1\t9\n")
    path = stored(plain, form)
    cut_text(str(path), str(bed), str(bed) if form == "tbi" else "", str(tmp_path / "cut.vcf"))
    lines = (tmp_path / "cut.vcf").read_text().splitlines()
    assert [x.split("\t")[1] for x in lines if x[0] != "#"] == ["100", "150", "5000"]
    assert sum("ID=FOO,Number=0,Type=Flag" in x for x in lines) == 1
    assert sum("ID=END," in x for x in lines) == 1


def test_undeclared_phase_sets_end_phase_over_the_chromosome(toy, tmp_path):
    """That the records name phase sets counts, whether the header says so or not."""
    text = vcf_text(
        *with_records("1001 A G GT:PS 0|1:7", "1011 C CTT GT:PS 0|1:7", "1041 G A GT 0|1")
    )
    found = read(toy, tmp_path, declared(text, "nothing"))
    assert phase(found)[0] == phase(found, "rs2")[0] > 0
    assert phase(found, "rs5")[0] == -1


@pytest.mark.parametrize(
    ("field", "kind", "record"),
    [
        ("AD", "String", "1041 G A GT:AD 0/1:x,12"),
        ("AD", "String", "1041 G A GT:AD 0/1:many"),
        ("AD", "Float", "1041 G A GT:AD 0/1:nan,12"),
        ("GQ", "String", "1041 G A GT:GQ 0/1:good"),
        ("GQ", "String", "1041 G A GT:GQ 0/1:nan"),
        ("DP", "String", "1041 G A GT:DP 0/1:inf"),
        ("DP", "Float", "1041 G A GT:DP 0/1:1e30"),
        ("GP", "String", "1041 G A GT:GP 0/1:high"),
        ("DS", "String", "1041 G A GT:DS 0/1:one"),
        ("DS", "Integer", "1041 G A GT:DS 0/0:."),
        ("GP", "Integer", "1041 G A GT:GP 0/0:.,.,."),
        ("FT", "Integer", "1041 G A GT:FT 0/1:3"),
    ],
)
def test_a_value_that_is_no_number_is_missing(toy, tmp_path, field, kind, record):
    """A call whose field is there but cannot be read counts as not seen."""
    extra = tuple(x for x in HEADER if f"ID={field}," not in x) + (line(field, kind, "."),)
    text = vcf_text(*with_records(record))
    text = "".join(x for x in text.splitlines(keepends=True) if f"ID={field}," not in x)
    text = text.replace("##contig", "\n".join(extra) + "\n##contig", 1)
    assert usable(read(toy, tmp_path, text))["rs5"] == UNKNOWN


def test_phase_sets_of_type_float(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT:PS 0|1:.", "1011 C CTT GT:PS 0|1:7"))
    text = text.replace("ID=PS,Number=1,Type=Integer", "ID=PS,Number=1,Type=Float")
    found = read(toy, tmp_path, text)
    assert phase(found)[0] == -1
    assert phase(found, "rs2")[0] > 0


def test_a_line_of_too_few_columns_in_a_file_whose_header_lacks_something(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G PASS FOO GT 0/1"))
    with pytest.raises(InputError, match="vcf-reads"):
        read(toy, tmp_path, text + "chr10\t50000\t.\tA\tG\n")


def test_copy_numbers_before_the_first_genotype(toy, tmp_path):
    text = vcf_text("900 N <DEL> PASS END=910 CN 2", *with_records("1001 A G GT 0/1"), extra=HEADER)
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


def test_header_without_contig_lines(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT 0/1"))
    text = "\n".join(x for x in text.splitlines() if "##contig" not in x) + "\n"
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


def test_undeclared_contig(toy, tmp_path):
    """The header declares another contig of no interest, and not the one of the records."""
    text = vcf_text(*with_records("1001 A G GT 0/1"), length=None)
    text = text.replace("##contig=<ID=chr10>", "##contig=<ID=chrM>")
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


def test_hla_and_alternative_contigs_are_ignored(toy, tmp_path):
    extra = ("##contig=<ID=HLA-A*01:01:01:01,length=3503>", "##contig=<ID=chr10_KI270824v1_alt>")
    text = vcf_text(*with_records("1001 A G GT 0/1"), extra=extra)
    text += "HLA-A*01:01:01:01\t1001\t.\tA\tG\t.\tPASS\t.\tGT\t1/1\n"
    text += "chr10_KI270824v1_alt\t1001\t.\tA\tG\t.\tPASS\t.\tGT\t1/1\n"
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


@pytest.mark.parametrize("extra", [("##reference=chm13v2.0.fa",), ("##reference=T2T-CHM13.fa",)])
def test_t2t_is_refused(toy, tmp_path, extra):
    with pytest.raises(InputError, match="vcf-build"):
        read(toy, tmp_path, vcf_text(*ALL_REFERENCE, length=None, extra=extra))


def test_carriage_returns(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT 0/1")).replace("\n", "\r\n")
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


def test_no_records(toy, tmp_path):
    with pytest.raises(InputError, match="a header and no record"):
        read(toy, tmp_path, vcf_text())


def test_very_long_line(toy, tmp_path):
    count = 20000
    names = tuple(f"S{i}" for i in range(count))
    cells = "\t".join(["0/0"] * (count - 1) + ["0/1"])
    text = vcf_text(samples=names)
    text += f"chr10\t1001\t.\tA\tG\t.\tPASS\t.\tGT\t{cells}\n"
    found = read(toy, tmp_path, text)
    assert usable(found, count - 1)["rs1"] == [0, 1]
    assert usable(found, 0)["rs1"] == [0, 0]


def test_bit_flips_in_bgzf_are_caught(toy, tmp_path):
    plain = tmp_path / "a.vcf"
    plain.write_text(vcf_text(*with_records("1001 A G GT 0/1")))
    packed = tmp_path / "a.vcf.gz"
    pysam.tabix_compress(str(plain), str(packed), force=True)
    sound = packed.read_bytes()
    for at in range(20, len(sound) - 40, 37):
        packed.write_bytes(sound[:at] + bytes([sound[at] ^ 4]) + sound[at + 1 :])
        with pytest.raises(InputError):
            extract_group([packed], None, None, load_targets(toy, BUILD), toy, Thresholds())


@pytest.mark.parametrize("form", ["bcf", "vcf.gz"])
def test_csi_index(toy, tmp_path, form):
    plain = tmp_path / "a.vcf"
    plain.write_text(vcf_text(*with_records("1001 A G GT 0/1")))
    path = tmp_path / f"b.{form}"
    if form == "bcf":
        with (
            pysam.VariantFile(str(plain)) as source,
            pysam.VariantFile(str(path), "wb", header=source.header) as target,
        ):
            for record in source:
                target.write(record)
        pysam.tabix_index(str(path), preset="bcf", csi=True)
    else:
        pysam.tabix_compress(str(plain), str(path), force=True)
        pysam.tabix_index(str(path), preset="vcf", csi=True)
    assert inspect_vcf(path, BUILD, toy).indexed
    found = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert usable(found)["rs1"] == [0, 1]


def test_index_beside_a_plain_file_is_not_used(toy, tmp_path):
    (tmp_path / "a.vcf.tbi").write_bytes(b"stray")
    text = vcf_text(*with_records("1001 A G GT 0/1"))
    assert usable(read(toy, tmp_path, text))["rs1"] == [0, 1]


def test_shifted_deletion_without_flanks_is_not_reference(toy, tmp_path):
    """The record's own REF proves the bases over which the deletion is moved."""
    bed = tmp_path / "callable.bed"
    bed.write_text("10\t0\t2000\n")
    text = vcf_text("1001 A . GT 0/0", "1023 AAA A GT 0/1")
    assert usable(read(toy, tmp_path, text, covers=str(bed)))["rs3"] == [0, 1]


@pytest.mark.parametrize("version", ["VCFv4.2", "VCFv4.4"])
def test_a_mark_before_the_first_allele_is_no_copy(toy, tmp_path, version):
    text = vcf_text(*with_records("1001 A G GT /0/1")).replace("VCFv4.2", version)
    found = read(toy, tmp_path, text)
    assert usable(found)["rs1"] == [0, 1]
    assert found.store.phase[SITES.index("rs1"), 0] == UNPHASED


@pytest.mark.parametrize("genotype", ["0/0", "0/1", "1/1"])
def test_swapped_alleles_are_named_and_never_inverted(toy, tmp_path, monkeypatch, genotype):
    monkeypatch.setattr("epilepsy_pgx.pipeline.group_checks.MISMATCH_FRACTION", 0.5)
    found = read(toy, tmp_path, vcf_text(*with_records("-1041"), f"1041 A G GT {genotype}"))
    assert usable(found)["rs5"] == UNKNOWN
    status = found.store.status[SITES.index("rs5"), 0]
    assert status == STATUS_OF[SiteStatus.REF_MISMATCH]


@pytest.mark.parametrize("field", ["GQ", "DP"])
def test_a_bcf_with_a_field_of_no_known_type_is_refused_in_one_line(toy, tmp_path, field):
    """Its bytes may be numbers or text: nothing says which."""
    text = vcf_text(*with_records("1041 G A GT:DP:GQ 0/1:30:60"), extra=HEADER)
    plain, path = tmp_path / "a.vcf", tmp_path / "a.bcf"
    plain.write_text(text)
    path.write_bytes(pysam.bcftools.view("--no-version", "-Ou", str(plain)))
    whole = path.read_bytes()
    start = whole.index(f"ID={field},".encode())
    place = whole.index(b"Type=Integer", start)
    path.write_bytes(whole[:place] + b"Type=Integes" + whole[place + 12 :])
    with pytest.raises(InputError, match="a declaration of a field without ID, Number or Type"):
        extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
