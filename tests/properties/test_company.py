"""What is said of a sample never depends on who else is in the file, the batch or the run."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Contig
from epilepsy_pgx.variants.collect import CodingReader
from epilepsy_pgx.variants.decode import SiteReader, Thresholds, declare_callable, read_records
from epilepsy_pgx.variants.documented import CuratedRepresentations
from epilepsy_pgx.variants.sample_metrics import SampleMetricsCounter
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples

REF = load_reference()
STAR, RARE = ("CYP2C9", "CYP2D6", "UGT1A1", "CYP2C19"), "SCN1A"
WHOLE = load_targets(REF, GenomeBuild.GRCH38)
TARGETS = replace(WHOLE, coding=tuple(t for t in WHOLE.coding if t.gene in (*STAR, RARE)))
"""Of the exons only those where records are drawn: others would be read in vain."""
REPRESENTATIONS = CuratedRepresentations(TARGETS.sites)
CHROMS = {f"chr{r.chrom}": r.chrom for r in REF.rows(Contig)}
SAMPLES = ("S1", "S2", "S3")
HEAD = """##fileformat=VCFv4.2
##FILTER=<ID=LowQual,Description="x">
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=LGT,Number=1,Type=String,Description="x">
##FORMAT=<ID=LAA,Number=.,Type=Integer,Description="x">
##FORMAT=<ID=LAD,Number=.,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=AD,Number={number},Type={kind},Description="x">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="x">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="x">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="x">
##FORMAT=<ID=FT,Number=1,Type=String,Description="x">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=PGT,Number=1,Type=String,Description="x">
##FORMAT=<ID=PID,Number=1,Type=String,Description="x">
"""
CONTIGS = "".join(
    f"##contig=<ID=chr{chrom},length={length}>\n"
    for chrom, length in REF.contigs("GRCh38").lengths.items()
)
PLACES = tuple(
    (s.chrom, s.pos, s.ref, tuple(a for a in s.alleles if a != s.ref))
    for s in TARGETS.sites.sites
    if s.gene in STAR
) + tuple(
    (t.chrom, t.start0 + 20, base, tuple(sorted(set("ACGT") - {base})))
    for t in TARGETS.coding
    if t.gene == RARE
    if (base := TARGETS.sequences.fetch(t.chrom, t.start0 + 19, t.start0 + 20))
)
numbers = st.sampled_from(("0", "5", "30", "60", "."))


def lists(most):
    """Lists of any length: of too few values, of too many, and of none."""
    return st.lists(numbers, min_size=1, max_size=most).map(",".join)


@st.composite
def calls(draw, fields, alts):
    """Cells of one sample; trailing fields may be left out."""
    highest = max(alts, 1)
    allele = st.sampled_from([*map(str, range(highest + 1)), "."])
    sign = draw(st.sampled_from("/|"))
    ploidy = draw(st.sampled_from((2, 2, 2, 2, 1, 3)))
    genotype = sign.join(draw(allele) for _ in range(ploidy))
    value = {
        "GT": st.just(genotype),
        "LGT": st.just(genotype),
        "LAA": st.lists(st.sampled_from(("1", "2")), max_size=2, unique=True).map(
            lambda x: ",".join(x) or "."
        ),
        "AD": lists(4),
        "LAD": lists(4),
        "PL": lists(4),
        "DP": numbers,
        "GQ": numbers,
        "LEN": st.sampled_from(("1", "8", "40", ".")),
        "CN": st.sampled_from(("0", "1", "2", ".")),
        "GP": st.sampled_from(("0.99,0.01,0", "0.1,0.9,0", ".")),
        "DS": st.sampled_from(("0", "1.01", "2", ".")),
        "FT": st.sampled_from(("PASS", "low", ".")),
        "PS": st.sampled_from(("7", "90", ".")),
        "PGT": st.sampled_from(("0|1", "1|0", ".")),
        "PID": st.sampled_from(("a", "b", ".")),
    }
    cells = [draw(value[f]) for f in fields]
    kept = draw(st.integers(1, len(cells)))
    return ":".join(cells if draw(st.booleans()) else cells[:kept])


@st.composite
def records(draw):
    """One record of a file of three samples: what they share, and the cells of each."""
    chrom, pos, ref, listed = draw(st.sampled_from(PLACES))
    shape = draw(st.sampled_from(("site", "site", "other", "delete", "insert", "block", "cnv")))
    alts = {
        "site": listed or ("T",),
        "other": ("ACGT"[("ACGT".index(ref[0]) + 1) % 4] + ref[1:],),
        "delete": (ref[0],),
        "insert": (ref + "TT",),
        "block": ("<*>",),
        "cnv": ("<DEL>",),
    }[shape]
    if shape == "delete":
        more = TARGETS.sequences.fetch(chrom, pos, pos + 2)
        ref = ref[0] + (more if more and "N" not in more else ref[1:] or "A")
    if shape in ("site", "other") and draw(st.booleans()):
        alts = (*alts, draw(st.sampled_from(("<NON_REF>", "*"))))
    info = {"cnv": f"END={pos + 500};SVTYPE=DEL"}.get(shape, ".")
    if shape == "block":
        ref, info = ref[0], draw(st.sampled_from((".", f"END={pos + 3}")))
    usual = ["DP", "GQ", "AD", "PL", "GP", "DS", "FT", "PS", "PGT", "PID"]
    usual += {"block": ["LEN"], "cnv": ["CN"]}.get(shape, [])
    local = shape in ("site", "other") and draw(st.sampled_from((False, False, True)))
    chosen = draw(st.lists(st.sampled_from(usual), unique=True, max_size=5))
    fields = ["LGT", "LAA", "LAD"] if local else ["GT"]
    fields += [f for f in chosen if not local or f not in ("AD", "PS")]
    quality = draw(st.sampled_from((".", "5", "300")))
    filters = draw(st.sampled_from(("PASS", "PASS", ".", "LowQual")))
    shared = (chrom, pos, ".", ref, ",".join(alts), quality, filters, info, ":".join(fields))
    return shared, tuple(draw(calls(fields, len(alts))) for _ in SAMPLES)


cohorts = st.tuples(
    st.lists(records(), min_size=1, max_size=10).map(
        lambda found: sorted(found, key=lambda r: (r[0][0], r[0][1]))
    ),
    st.sampled_from((("R", "Integer"), (".", "Integer"), (".", "String"), ("R", "Float"))),
)


def write(path, cohort, columns):
    found, (number, kind) = cohort
    lines = [
        HEAD.format(number=number, kind=kind),
        CONTIGS,
        "\t".join(
            "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + [SAMPLES[c] for c in columns]
        )
        + "\n",
    ]
    lines += [
        "\t".join([f"chr{shared[0]}", *map(str, shared[1:]), *(cells[c] for c in columns)]) + "\n"
        for shared, cells in found
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def views(store, coding, readings):
    """Return what was found of each sample, as plain values."""
    return [
        (
            *(
                getattr(store, name)[:, c].tolist()
                for name in ("alleles", "status", "reason", "phase", "depth", "quality")
            ),
            [replace(v, sample=0) for v in coding.observed if v.sample == c],
            [(x.gene, x.key, x.doubtful) for x in coding.undocumented if c in x.columns],
            np.asarray(coding.callable if hasattr(coding, "callable") else coding.callable_bases)[
                :, c
            ].tolist(),
            readings.counts[:, c].tolist(),
        )
        for c in range(len(store.samples))
    ]


@cache
def _merged(spans):
    return Intervals(spans)


def wanted(sites, coding, readings):
    """Return where records are wanted: the same for every file."""
    return _merged((*sites.spans(), *coding.spans(), *readings.spans()))


def read(path, names):
    """Read a file record by record, and believe every position callable."""
    sites = SiteReader(TARGETS.sites, names)
    coding = CodingReader(
        TARGETS.coding, TARGETS.rare_genes, REPRESENTATIONS, len(names), TARGETS.sequences
    )
    readings = SampleMetricsCounter(TARGETS.quality_regions, len(names), TARGETS.balance_depth)
    area = wanted(sites, coding, readings)
    for record in read_records(
        path,
        CHROMS,
        Thresholds(),
        physical_phase_only=False,
        wanted=area,
        rules=TARGETS.field_rules,
        words=TARGETS.words,
        one_sample=False,
    ):
        sites.add(record)
        coding.add(record)
        readings.add(record)
    store = sites.finish()
    declare_callable(store, np.ones(len(TARGETS.sites), bool), sites.told, sites.no_call)
    found = views(store, coding, readings.finish())
    return found, (sites.covered, sites.proved, sites.mismatches)


@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(cohorts, st.permutations((0, 1, 2)), st.integers(1, 3))
def test_a_sample_is_read_as_if_it_were_alone(cohort, order, kept):
    with tempfile.TemporaryDirectory() as folder:
        together, counts = read(write(Path(folder) / "all.vcf", cohort, (0, 1, 2)), SAMPLES)
        some = order[:kept]
        part, few = read(
            write(Path(folder) / "some.vcf", cohort, some), tuple(SAMPLES[c] for c in some)
        )
    if not any("LEN" in shared[-1].split(":") for shared, _ in cohort[0]):
        # Sites that records of the file cover; with LEN that is a matter of each sample.
        assert few == counts
    for place, column in enumerate(some):
        assert part[place] == together[column]


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(cohorts, st.permutations((0, 1, 2)), st.integers(1, 2))
def test_any_choice_of_samples_gives_the_same(cohort, order, kept):
    """The same file through the whole extraction, with other samples chosen from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "all.vcf", cohort, (0, 1, 2))
        bed = Path(folder) / "callable.bed"
        bed.write_text("".join(f"chr{c}\t{p - 60}\t{p + 60}\n" for c, p, _, _ in PLACES))
        chosen = tuple(SAMPLES[c] for c in order[:kept])
        found = []
        for names in (None, chosen):
            try:
                found.append(extract_group([path], names, str(bed), TARGETS, REF, Thresholds()))
            except InputError as error:
                found.append(str(error))
    if isinstance(found[0], str) or isinstance(found[1], str):
        assert found[0] == found[1]
        return
    whole, part = (views(x.store, x, x.readings) for x in found)
    for place, column in enumerate(order[:kept]):
        assert part[place] == whole[column]
        assert found[1].warnings_of(place) == found[0].warnings_of(column)
        assert found[0].only(column).store.status.tolist() == [[s] for s in whole[column][1]]


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False])
def test_records_of_others_are_no_witness(tmp_path, alone):
    """A sample without genotypes is not believed to be a whole genome, whoever is beside it."""
    sites = TARGETS.sites.sites
    lines = []
    for chrom, pos in sorted(
        {(s.chrom, s.pos + step) for s in sites for step in range(-15_000, 15_000, 700)}
    ):
        lines.append(f"chr{chrom}\t{pos}\t.\tN\tA\t.\tPASS\t.\tGT\t0/1\t./.\t0/0\n")
    path = tmp_path / "a.vcf"
    path.write_text(
        HEAD.format(number="R", kind="Integer") + CONTIGS + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\t"
        "FILTER\tINFO\tFORMAT\tS1\tS2\tS3\n" + "".join(lines)
    )
    if alone:
        with pytest.raises(InputError, match="callable-plausible"):
            extract_group([path], ("S2",), "all", TARGETS, REF, Thresholds())
        return
    found = extract_group([path], None, "all", TARGETS, REF, Thresholds())
    assert [p.sample for p in found.sample_problems] == ["S2"]
    assert found.unwitnessed == (1,)
