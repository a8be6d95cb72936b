"""Quality in the form of each producer: what passes, what fails, and what cannot be judged."""

import tempfile
from itertools import combinations
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from epilepsy_pgx.calling.genes import call_genes, sample_results
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.field_rules import load_field_rules
from epilepsy_pgx.variants.read_forms import READ_FORMS
from epilepsy_pgx.variants.store import REASONS, STATUS_CODES
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples
from tests.toy.package import write_toy
from tests.toy.vcf import sound, vcf_text, with_records

NOT_STATED = "read; its quality, depth or reads are not stated"
BEST = "called", "."
READ = "called", NOT_STATED
LOW = "low_quality", "genotype quality below the threshold"
SHALLOW = "low_quality", "depth below the threshold"
SKEWED = "low_quality", "allele balance outside the thresholds"
IMPUTED = "low_quality", "imputed, not genotyped with certainty"
LOST = "low_quality", "depth or quality missing where the record has the field"


def judged(ref, folder, record, *, qual=".", info=".", head="", samples=("S1",), **limits):
    """Return status and reason of rs5 of the first sample, where all else is sound."""
    pos, base, alt, form, *calls = record.split(" ")
    others = sound(*with_records(f"-{pos}"))
    lines = [" ".join([*r.split(" "), *[r.split(" ")[-1]] * (len(samples) - 1)]) for r in others]
    text = vcf_text(*lines, samples=samples)
    line = "\t".join(["chr10", pos, ".", base, alt, qual, "PASS", info, form, *calls])
    if head:
        name = head.split("ID=")[1].split(",")[0]
        kept = [x for x in text.splitlines() if f"FORMAT=<ID={name}," not in x]
        text = "\n".join([kept[0], head, *kept[1:]]) + "\n"
    path = folder / "a.vcf"
    path.write_text(text + line + "\n")
    found = extract_group(
        [path],
        None,
        limits.pop("covers", None),
        load_targets(ref, GenomeBuild.GRCH38),
        ref,
        Thresholds(**limits),
    )
    row = next(i for i, s in enumerate(found.store.sites.sites) if s.name == "rs5")
    call = sample_results(call_genes(found.store, ref), found.store, 0)["TOY1"]
    status = STATUS_CODES[found.store.status[row, 0]]
    return (str(status), REASONS[found.store.reason[row, 0]]), call


GENCALL = '##FORMAT=<ID={},Number=1,Type={},Description="GenCall score. For merged entries, min">'
PRODUCERS = [
    # producer, record, what is more, result
    ("GATK", "GT:AD:DP:GQ:PL 0/1:15,14:29:99:400,0,410", {}, BEST),
    ("GATK, 4 % of the reads", "GT:AD:DP:GQ:PL 0/1:96,4:100:99:400,0,410", {}, SKEWED),
    ("GATK, low GQ", "GT:AD:DP:GQ:PL 0/1:15,14:29:9:400,0,410", {}, LOW),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL 0/1:50:30:15,15:0.5:50,0,60", {}, BEST),
    ("DeepVariant, VAF without AD", "GT:GQ:DP:VAF:PL 0/1:50:100:0.04:50,0,60", {}, SKEWED),
    ("Clair3", "GT:GQ:DP:AF 0/1:25:30:0.4839", {}, BEST),
    ("Clair3, low AF", "GT:GQ:DP:AF 0/1:25:30:0.05", {}, SKEWED),
    ("DRAGEN", "GT:AD:AF:DP:GQ:GP 0/1:14,16:0.533:30:48:50,0.0001,53", {}, BEST),
    ("DRAGEN, phred-scaled GP alone", "GT:AD:AF:DP:GP 0/1:14,16:0.533:30:8,0.7,53", {}, LOW),
    ("freebayes with GL", "GT:DP:AD:RO:QR:AO:QA:GL 0/1:30:15,15:15:500:15:500:-40,0,-41", {}, BEST),
    ("freebayes, low GL", "GT:DP:AD:RO:QR:AO:QA:GL 0/1:30:15,15:15:500:15:500:-1.2,0,-50", {}, LOW),
    ("freebayes, another genotype is likelier", "GT:DP:RO:AO:GL 1/1:30:0:30:-9,0,-3", {}, LOW),
    ("freebayes, RO and AO", "GT:GQ:DP:RO:AO 0/1:60:200:192:8", {}, SKEWED),
    ("freebayes, depth by RO and AO", "GT:GQ:RO:AO 1/1:60:0:1", {}, SHALLOW),
    ("freebayes, INFO alone", "GT:GQ 0/1:60", {"info": "RO=192;AO=8;DP=200"}, SKEWED),
    (
        "Torrent Variant Caller",
        "GT:GQ:DP:FDP:RO:FRO:AO:FAO:AF 0/1:40:40:40:20:20:20:20:0.5",
        {},
        BEST,
    ),
    (
        "Torrent Variant Caller, 5 %",
        "GT:GQ:DP:FDP:RO:FRO:AO:FAO 0/1:40:400:400:200:380:200:20",
        {},
        SKEWED,
    ),
    ("Torrent Variant Caller, FDP", "GT:GQ:FDP:FRO:FAO 1/1:40:3:0:3", {}, SHALLOW),
    ("Platypus", "GT:GQ:NR:NV 0/1:60:30:14", {}, BEST),
    ("Platypus, three reads", "GT:GQ:NR:NV 1/1:60:3:3", {}, SHALLOW),
    ("Platypus, 4 %", "GT:GQ:NR:NV 0/1:60:100:4", {}, SKEWED),
    ("VarScan", "GT:GQ:SDP:DP:RD:AD:FREQ 0/1:60:41:40:20:20:50%", {}, BEST),
    ("VarScan, 5 %", "GT:GQ:SDP:DP:RD:AD:FREQ 0/1:60:40:40:38:2:5%", {}, SKEWED),
    ("VarScan, FREQ alone", "GT:GQ:DP:FREQ 0/1:60:40:5.3%", {}, SKEWED),
    ("VarScan, DP4", "GT:GQ:DP:DP4 0/1:60:40:19,19,1,1", {}, SKEWED),
    ("AD of the ALT alone", "GT:GQ:DP:AD 0/1:60:40:2", {}, SKEWED),
    ("Strelka", "GT:GQ:GQX:DP:AD:ADF:ADR 0/1:60:40:30:15,15:8,8:7,7", {}, BEST),
    ("Strelka, low GQX", "GT:GQ:GQX:DP:AD 0/1:60:3:30:15,15", {}, LOW),
    ("Strelka, reads by strand alone", "GT:GQX:DPI:ADF:ADR 0/1:60:50:24,1:24,1", {}, SKEWED),
    ("Strelka somatic bases", "GT:GQ:DP:AU:CU:GU:TU 0/1:60:50:2,2:0,0:48,50:0,0", {}, SKEWED),
    ("Strelka somatic indel reads", "GT:GQ:DP:TAR:TIR 0/1:60:50:48,48:2,2", {}, SKEWED),
    ("Complete Genomics", "GT:PS:FT:GQ:HQ:AD:DP:CGA_RDP 1/1:.:PASS:60:60,60:30,30:31:1", {}, BEST),
    (
        "Complete Genomics, 2 of 40",
        "GT:FT:GQ:HQ:AD:DP:CGA_RDP 0/1:PASS:60:60,60:38,2:40:38",
        {},
        SKEWED,
    ),
    ("VarDict", "GT:DP:VD:AD:AF:RD:ALD 0/1:40:2:38,2:0.05:19,19:1,1", {}, SKEWED),
    ("VarDict without AD", "GT:GQ:DP:VD 0/1:60:40:2", {}, SKEWED),
    ("MuTect 1", "GT:GQ:DP:FA 0/1:60:40:0.05", {}, SKEWED),
    ("MiSeq Reporter", "GT:GQ:AD:VF:NL:SB:GQX 0/1:60:20,20:0.5:20:-100:60", {}, BEST),
    ("Pisces, VF alone", "GT:GQ:DP:VF 0/1:60:100:0.04", {}, SKEWED),
    ("Atlas2", "GT:VR:RR:DP:GQ 0/1:2:38:40:60", {}, SKEWED),
    ("Sniffles", "GT:GQ:DR:DV 0/1:60:38:2", {}, SKEWED),
    ("CLC", "GT:GQ:CLCAD2:DP 0/1:60:38,2:40", {}, SKEWED),
    ("samtools DPR", "GT:GQ:DP:DPR 0/1:60:40:38,2", {}, SKEWED),
    ("samtools DV", "GT:GQ:DP:DV 0/1:60:40:2", {}, SKEWED),
    ("Genome in a Bottle", "GT:DP:ADALL:GQ 0/1:400:200,200:400", {}, BEST),
    ("longshot", "GT:GQ:UG:UQ 0/1:60:0/1:60", {"info": "DP=40;AC=38,2"}, SKEWED),
    (
        "merged with another caller's file",
        "GT:GQ:DP:AD:RO:AO 0/1:60:40:.:20:20 0/1:60:40:20,20:.:.",
        {"samples": ("S1", "S2")},
        BEST,
    ),
    (
        "merged with another caller's file, 5 %",
        "GT:GQ:DP:AD:RO:AO 0/1:60:40:.:38:2 0/1:60:40:20,20:.:.",
        {"samples": ("S1", "S2")},
        SKEWED,
    ),
    (
        "Delly, precise",
        "GT:GL:GQ:FT:RCL:RC:RCR:DR:DV:RR:RV 0/1:-9,0,-9:90:PASS:1:2:1:0:0:20:18",
        {},
        BEST,
    ),
    ("Delly, 5 %", "GT:GL:GQ:FT:DR:DV:RR:RV 0/1:-9,0,-9:90:PASS:20:1:18:1", {}, SKEWED),
    ("NanoCaller", "GT:GQ:DP:FQ 0/1:60:100:0.04", {}, SKEWED),
    (
        "Clair3 gVCF",
        "GT:GQ:DP:AD:AF:PL 0/1:22:30:15,15:0.5:200,0,200,990,990,990",
        {"alt": "A,<NON_REF>"},
        BEST,
    ),
    (
        "Clair3 gVCF, 4 %",
        "GT:GQ:DP:AF:PL 0/1:22:100:0.04:200,0,200,990,990,990",
        {"alt": "A,<NON_REF>"},
        SKEWED,
    ),
    (
        "likelihoods without <NON_REF>",
        "GT:DP:AD:PL 1/1:30:0,30:0,5,90",
        {"alt": "A,<NON_REF>"},
        LOW,
    ),
    (
        "VarDict, RD by strand",
        "GT:GQ:DP:VD:AD:AF:RD:ALD 0/1:60:40:20:20,20:0.5:10,10:10,10",
        {},
        BEST,
    ),
    ("reads of one allele left out", "GT:GQ:DP:AD 0/1:60:30:15,.", {}, LOST),
    ("negative reads", "GT:GQ:DP:AD 0/1:60:30:15,-15", {}, LOST),
    ("octopus without reads by allele", "GT:GQ:DP:MQ:PS:PQ 0/1:60:40:60:1041:99", {}, READ),
    ("bcftools", "GT:PL 1/1:255,90,0", {"info": "DP=30;DP4=0,0,15,15"}, BEST),
    ("bcftools, one read", "GT:PL 1/1:34,30,0", {"info": "DP=1;DP4=0,0,1,0"}, SHALLOW),
    ("bcftools, low PL", "GT:PL 1/1:34,3,0", {"info": "DP=30;DP4=0,0,15,15"}, LOW),
    ("bcftools, empty PL", "GT:PL 1/1:.", {"info": "DP=30;DP4=0,0,15,15"}, LOST),
    (
        "bcftools, INFO of several samples",
        "GT:PL 1/1:255,90,0 0/0:0,9,90",
        {"info": "DP=1;DP4=0,0,1,0", "samples": ("S1", "S2")},
        READ,
    ),
    (
        "GL declared as text",
        "GT:DP:AD:GL 0/1:30:15,15:-1.2,0,-50",
        {"head": '##FORMAT=<ID=GL,Number=.,Type=String,Description="l">'},
        LOW,
    ),
    (
        "AD declared as text",
        "GT:GQ:DP:AD 0/1:60:30:29,1",
        {"head": '##FORMAT=<ID=AD,Number=.,Type=String,Description="r">'},
        SKEWED,
    ),
    (
        "AD declared as real",
        "GT:GQ:DP:AD 0/1:60:30:29.0,1.0",
        {"head": '##FORMAT=<ID=AD,Number=.,Type=Float,Description="r">'},
        SKEWED,
    ),
    ("GP of a caller", "GT:GP:DP:AD 0/1:0.0001,0.9998,0.0001:30:15,15", {}, BEST),
    ("GP of a caller, uncertain", "GT:GP:DP:AD 0/1:0.05,0.94,0.01:30:15,15", {}, LOW),
    ("GP of an imputed genotype", "GT:GP:DS 0/1:0.05,0.94,0.01:1.0", {}, READ),
    ("GP of an imputed genotype, uncertain", "GT:GP:DS 0/1:0.3,0.6,0.1:0.8", {}, IMPUTED),
    ("HDS of an imputed genotype", "GT:HDS 0/1:0,0.6", {}, IMPUTED),
    ("INFO_SCORE of QUILT", "GT:GP:DS 0/1:0,1,0:1", {"info": "INFO_SCORE=0.2"}, IMPUTED),
    ("AR2 of Beagle 4", "GT:GP:DS 0/1:0,1,0:1", {"info": "AR2=0.2;DR2=0.9"}, IMPUTED),
    ("GP of another genotype", "GT:GP 0/1:1,0,0", {}, IMPUTED),
    ("AO without RO", "GT:GQ:DP:AO 0/1:60:40:2", {}, SKEWED),
    ("nothing but the genotype", "GT 0/1", {}, READ),
    ("QUAL alone", "GT 0/1", {"qual": "50"}, READ),
    ("low QUAL alone", "GT 0/1", {"qual": "3"}, LOW),
    ("low QUAL beside GQ", "GT:GQ:DP:AD 0/1:60:30:15,15", {"qual": "3"}, BEST),
    ("low QUAL of several samples", "GT 0/1 0/0", {"qual": "3", "samples": ("S1", "S2")}, READ),
    ("homozygous with one read of it", "GT:GQ:DP:AD 1/1:60:21:20,1", {}, SKEWED),
    ("homozygous, most reads of no allele", "GT:GQ:DP:AD 1/1:60:30:0,1", {}, SHALLOW),
    (
        "heterozygous, a third allele in most",
        "GT:GQ:DP:AD 0/1:60:44:5,5,34",
        {"alt": "A,C"},
        SKEWED,
    ),
    ("GTCtoVCF", "GT:GQ 0/1:0.86", {"head": GENCALL.format("GQ", "String")}, READ),
    ("GTCtoVCF, low score", "GT:GQ 0/1:0.1", {"head": GENCALL.format("GQ", "String")}, LOW),
    (
        "GTCtoVCF, other limit",
        "GT:GQ 0/1:0.3",
        {"head": GENCALL.format("GQ", "Float"), "gencall_score": 0.4},
        LOW,
    ),
    ("GTCtoVCF, phred-scaled", "GT:GQ 0/1:8", {"head": GENCALL.format("GQ", "Integer")}, READ),
    ("GTCtoVCF, no score", "GT:GQ 0/1:.", {"head": GENCALL.format("GQ", "Float")}, LOST),
    ("gtc2vcf", "GT:GQ:IGC:BAF:LRR 0/1:8:0.85:0.5:0.01", {}, READ),
    ("gtc2vcf, low score", "GT:GQ:IGC:BAF:LRR 0/1:8:0.05:0.5:0.01", {}, LOW),
    ("Affymetrix, doubtful", "GT:CONF:BAF:LRR 0/1:0.9:0.5:0.01", {}, LOW),
]


@pytest.mark.parametrize(
    ("record", "more", "expected"), [p[1:] for p in PRODUCERS], ids=[p[0] for p in PRODUCERS]
)
def test_each_producer(toy, tmp_path, record, more, expected):
    more = dict(more)
    found, call = judged(toy, tmp_path, f"1041 G {more.pop('alt', 'A')} {record}", **more)
    assert found == expected
    assert (call.status == "complete") == (expected == BEST)
    if expected in (READ, BEST):
        assert ("caveat-quality-not-judged" in call.caveats) == (expected == READ)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("1041 G A GT:GQ:DP:AD 0/0:60:30:15,15", SKEWED),
        ("1041 G A GT:GQ:DP:AD 0/0:60:30:29,1", ("reference", ".")),
        ("1041 G . GT:GQ:DP 0/0:60:30", ("reference", ".")),
        ("1041 G <NON_REF> GT:GQ:DP:MIN_DP 0/0:60:30:2", SHALLOW),
        ("1041 G . GT:PL:DP 0/0:0:30", ("reference", NOT_STATED)),
        ("1041 G . GT 0/0", ("reference", NOT_STATED)),
        ("1041 G . GT:GQ:SDP:DP:RD:AD:FREQ 0/0:60:41:40:40:0:0%", ("reference", ".")),
        ("1041 G . GT:GQ:SDP:DP:RD:AD:FREQ 0/0:60:3:3:3:0:0%", SHALLOW),
        ("1041 G . GT:GQ:DP:RO:AO 0/0:60:30:30:.", ("reference", ".")),
        ("1041 G . GT:RO:AO 0/0:3:.", SHALLOW),
        ("1041 G <NON_REF> GT:GQ:DP:AD 0/0:60:30:30", ("reference", ".")),
    ],
)
def test_reference_calls(toy, tmp_path, record, expected):
    assert judged(toy, tmp_path, record)[0] == expected


@pytest.mark.parametrize("qual", ["0", "3", "99"])
def test_qual_never_speaks_for_reference(toy, tmp_path, qual):
    found, call = judged(toy, tmp_path, "1041 G A GT 0/0", qual=qual)
    assert found == ("reference", NOT_STATED)
    assert call.status == "partial"


@pytest.mark.parametrize(
    ("info", "expected"),
    [("DP=30;DP4=15,15,0,0", ("reference", NOT_STATED)), ("DP=2;DP4=1,1,0,0", SHALLOW)],
)
def test_a_reference_base_of_a_file_of_all_sites(toy, tmp_path, info, expected):
    assert judged(toy, tmp_path, "1041 G . GT:PL 0/0:0", info=info)[0] == expected


def test_an_array_is_reference_nowhere_by_declaration(toy, tmp_path):
    bed = tmp_path / "all.bed"
    bed.write_text("chr10\t900\t1100\n")
    path = tmp_path / "a.vcf"
    for form, status in (
        ("GT:IGC:BAF:LRR 0/0:0.9:0:0", "not_assessed"),
        ("GT:GQ:DP:AD 0/0:60:30:30,0", "reference"),
    ):
        path.write_text(vcf_text(f"1001 A G {form}"))
        found = extract_group(
            [path], None, str(bed), load_targets(toy, GenomeBuild.GRCH38), toy, Thresholds()
        )
        row = next(i for i, s in enumerate(found.store.sites.sites) if s.name == "rs5")
        assert STATUS_CODES[found.store.status[row, 0]] == status
        assert ("caveat-genotyping-array" in found.warnings) == ("IGC" in form)


STRUCTURAL = [
    # records, rs5
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/1:60"], [-1, 100]),
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 1/1:60"], [100, 100]),
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/0:60"], [-1, -1]),
    (["1041 G <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/1:60"], [-1, -1]),
    (["1041 G <DUP> PASS END=1100;SVTYPE=DUP GT:GQ 0/1:60"], [-1, -1]),
    (["1041 G <INS> PASS END=1041;SVTYPE=INS GT:GQ 0/1:60"], [-1, -1]),
    (["1041 G <INS> PASS END=1041;SVTYPE=INS GT:GQ 0/0:60"], [-1, -1]),
    (["990 N <DUP> PASS END=1100;SVTYPE=DUP GT:GQ 0/1:60"], [-1, 100]),
    (["990 N <CNV> PASS END=1100;SVTYPE=CNV GT:CN 0/1:1"], [-1, 100]),
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:CN 1:1"], [-1, 100]),
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:CN 1:0"], [100, 100]),
    (["990 N <DEL> PASS END=1100;SVTYPE=DEL GT:CN 0:2"], [-1, -1]),
    (
        [
            "990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/1:60",
            "1040 C <NON_REF> PASS END=1045 GT:GQ:DP 0/0:60:30",
        ],
        [0, 100],
    ),
    (
        [
            "990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/1:60",
            "1040 C <NON_REF> PASS END=1045 GT:GQ:DP 0/0:0:30",
        ],
        [-1, 100],
    ),
    (
        [
            "990 N <DEL> PASS END=1100;SVTYPE=DEL GT:GQ 0/1:60",
            "1041 G A GT:GQ:DP:AD 0/0:60:30:30,0",
        ],
        [0, 100],
    ),
    (["1041 G *,A GT:GQ:DP:AD 1/2:60:30:0,15,15"], [1, 100]),
]


@pytest.mark.parametrize(("records", "codes"), STRUCTURAL)
def test_a_structural_record_tells_of_no_base_that_stays(toy, tmp_path, records, codes):
    path = tmp_path / "a.vcf"
    path.write_text(
        vcf_text(
            *sound(*with_records("-1041")),
            *records,
            extra=('##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">',),
        )
    )
    found = extract_group(
        [path], None, None, load_targets(toy, GenomeBuild.GRCH38), toy, Thresholds()
    )
    row = next(i for i, s in enumerate(found.store.sites.sites) if s.name == "rs5")
    assert sorted(found.store.usable()[row, 0].tolist()) == sorted(codes)


FIELDS = {
    "GQ": st.sampled_from(["5", "60", "."]),
    "DP": st.sampled_from(["1", "30", "."]),
    "AD": st.sampled_from(["15,15", "29,1", "1,29", "0,1", "."]),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_toy(tmp_path_factory.mktemp("toy"))


@settings(max_examples=examples(15), deadline=None)
@given(st.sampled_from(["0/0", "0/1", "1/1"]), st.fixed_dictionaries(FIELDS))
def test_leaving_fields_out_never_completes_a_result(small, genotype, fields):
    """Whatever the values are: without some of the fields, no gene becomes complete.

    A depth of one beside thirty reads is left out: which of the two is wrong cannot be told.
    """
    assume(fields["DP"] != "1" or fields["AD"] in ("0,1", "."))
    with tempfile.TemporaryDirectory() as folder:

        def complete(names):
            form = ":".join(["GT", *names])
            values = ":".join([genotype, *(fields[n] for n in names)])
            record = f"1041 G A {form} {values}"
            return judged(small, Path(folder), record)[1].status == "complete"

        whole = complete(tuple(fields))
        for size in range(len(fields)):
            for names in combinations(fields, size):
                assert whole or not complete(names)


FORMS = {
    "quality": {"phred", "phred_list", "log10_list", "probability", "probability_list"},
    "score": {"number", "number_or_phred", "doubt"},
    "array": {"number"},
    "depth": {"block", "number", "largest"},
    "reads": READ_FORMS,
}
"""The forms that are read, by what they give."""


def test_every_rule_of_the_table_has_a_form_that_is_read():
    for rule in load_field_rules(load_reference()):
        assert rule.form in FORMS[rule.gives], rule
