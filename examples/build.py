"""Build the example patients. All are invented.

    python examples/build.py [FOLDER]

Genotypes come from the curated tables: the diplotypes below are spelled out as genotypes at
every curated site, and read depths come from a generator with a fixed seed.
"""

import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import SITE_ALLELES_BY_SITE, Gene
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

SEED = 20261122
STAR_GENES = (
    "ABCG2",
    "CYP1A2",
    "CYP2A6",
    "CYP2B6",
    "CYP2C19",
    "CYP2C9",
    "CYP2D6",
    "CYP3A4",
    "CYP3A5",
    "SLCO1B1",
    "UGT1A1",
    "UGT1A4",
    "UGT2B7",
)
COMMON = {"CYP2C9": ("*1", "*1"), "CYP2C19": ("*1", "*1"), "CYP3A5": ("*3", "*3")}


@dataclass
class Invented:
    """One invented patient."""

    sample: str
    build: GenomeBuild = GenomeBuild.GRCH38
    diplotypes: dict[str, tuple[str, str]] = field(default_factory=dict)
    variants: tuple[VariantKey, ...] = ()
    """Heterozygous variants besides the curated sites."""
    keep: float = 1.0
    """Part of the curated sites that the file holds."""


def genotypes(patient: Invented, targets: Targets, ref: Reference) -> dict[int, tuple[int, int]]:
    """Return two allele codes for every curated site of a patient."""
    calls = {row: (site.ref_code, site.ref_code) for row, site in enumerate(targets.sites.sites)}
    for gene in STAR_GENES:
        definition = define_gene(ref, targets.sites, gene)
        pair = patient.diplotypes.get(gene) or COMMON.get(gene) or (definition.wild_type,) * 2
        codes = []
        for name in pair:
            permits = definition.permits[definition.alleles.index(name)]
            codes.append(np.where(permits[:, 0], 0, permits.argmax(axis=1)))
        for column, row in enumerate(definition.rows):
            first, second = sorted((int(codes[0][column]), int(codes[1][column])))
            calls[row] = (first, second)
    return calls | background(patient, targets, ref)


def background(patient: Invented, targets: Targets, ref: Reference) -> dict[int, tuple[int, int]]:
    """Return common variants of genes without star alleles, so that no two patients are alike."""
    draw = random.Random(f"{SEED} {patient.sample}")
    single = {r.gene for r in ref.rows(Gene) if r.call_method == CallMethod.SINGLE_VARIANT}
    listed = ref.grouped(SITE_ALLELES_BY_SITE)
    calls = {}
    for row, site in enumerate(targets.sites.sites):
        if site.use != "variant" or site.gene not in single or len(site.alleles) != 2:
            continue
        frequency = {a.allele: float(a.frequency or 0) for a in listed[site.name]}
        chance = frequency[site.alleles[1]]
        first, second = sorted(int(draw.random() < chance) for _ in range(2))
        calls[row] = (first, second)
    return calls


def reads(call: str, depth: int, alleles: int, draw: random.Random) -> str:
    """Return read counts by allele that fit a genotype."""
    counts = [0] * alleles
    first, second = (int(i) for i in call.split("/"))
    part = depth if first == second else depth // 2 + draw.randint(-3, 3)
    counts[first] += part
    counts[second] += depth - part
    return ",".join(map(str, counts))


def records(
    patient: Invented, targets: Targets, ref: Reference, draw: random.Random
) -> list[tuple[str, int, str, str, str]]:
    """Return (chrom, pos, ref, alt, sample text) in genome order."""
    order = ref.contigs(targets.build).order
    rows = []
    for row, (first, second) in genotypes(patient, targets, ref).items():
        site = targets.sites.sites[row]
        if patient.keep < 1 and draw.random() > patient.keep:
            continue
        alts = sorted({site.alleles[c] for c in (first, second) if c != site.ref_code})
        listed = [site.ref, *alts]
        index = sorted(listed.index(site.alleles[c]) for c in (first, second))
        text = f"{index[0]}/{index[1]}:{draw.randint(28, 44)}:{draw.randint(70, 99)}"
        rows.append((site.chrom, site.pos, site.ref, ",".join(alts) or ".", text))
    for key in patient.variants:
        depth = draw.randint(30, 44)
        rows.append((key.chrom, key.pos, key.ref, key.alt, f"0/1:{depth}:99"))
    rows.sort(key=lambda r: (order[r[0]], r[1]))
    return rows


def header(build: GenomeBuild, ref: Reference, samples: list[str], *, blocks: bool = False) -> str:
    """Return the head of a VCF with contig lengths."""
    lines = ["##fileformat=VCFv4.2", "##source=invented example"]
    lines += [
        f"##contig=<ID=chr{chrom},length={length}>"
        for chrom, length in ref.contigs(build).lengths.items()
    ]
    if blocks:
        lines += [
            '##ALT=<ID=NON_REF,Description="Any other allele">',
            '##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the block">',
        ]
    lines += [
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        "\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + samples),
    ]
    return "\n".join(lines) + "\n"


def write_vcf(path: Path, text: str) -> None:
    """Write a VCF, compressed and indexed if its name ends in .gz."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    plain.write_text(text, encoding="utf-8")
    if path.suffix == ".gz":
        pysam.tabix_compress(str(plain), str(path), force=True)
        plain.unlink()
        pysam.tabix_index(str(path), preset="vcf", force=True)


def write_samples(path: Path, patients: list[Invented], ref: Reference) -> None:
    """Write one VCF of some patients that share a build."""
    build = patients[0].build
    targets = load_targets(ref, build)
    draw, split = random.Random(f"{SEED} {path.name}"), random.Random(f"{SEED} reads {path.name}")
    columns = [records(p, targets, ref, draw) for p in patients]
    order = ref.contigs(build).order
    sites: dict[tuple[str, int, str], dict[int, tuple[str, str]]] = {}
    for number, rows in enumerate(columns):
        for chrom, pos, base, alt, text in rows:
            sites.setdefault((chrom, pos, base), {})[number] = (alt, text)
    lines = []
    for (chrom, pos, base), found in sorted(sites.items(), key=lambda s: (order[s[0][0]], s[0][1])):
        alts = sorted({a for alt, _ in found.values() for a in alt.split(",") if a != "."})
        cells = []
        for number in range(len(patients)):
            if number not in found:
                cells.append("./.:.:.:.")
                continue
            own, text = found[number]
            names = [base, *own.split(",")]
            call, _, rest = text.partition(":")
            index = sorted(
                0 if names[int(i)] == base else 1 + alts.index(names[int(i)])
                for i in call.split("/")
            )
            call = f"{index[0]}/{index[1]}"
            counts = reads(call, int(rest.split(":")[0]), 1 + len(alts), split)
            cells.append(f"{call}:{counts}:{rest}")
        fixed = [f"chr{chrom}", str(pos), ".", base, ",".join(alts) or ".", ".", "PASS", "."]
        lines.append("\t".join([*fixed, "GT:AD:DP:GQ", *cells]) + "\n")
    write_vcf(path, header(build, ref, [p.sample for p in patients]) + "".join(lines))


def write_gvcf(path: Path, patient: Invented, ref: Reference) -> None:
    """Write a gVCF: blocks over every coding exon and curated site, records where they differ."""
    targets = load_targets(ref, patient.build)
    draw, split = random.Random(f"{SEED} {path.name}"), random.Random(f"{SEED} reads {path.name}")
    order = ref.contigs(patient.build).order
    rows: list[tuple[str, int, str]] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for chrom, pos, base, alt, text in records(patient, targets, ref, draw):
        taken.setdefault(chrom, []).append((pos, pos + len(base) - 1))
        if alt == ".":
            line = f"{base}\t<NON_REF>\t.\t.\tEND={pos + len(base) - 1}\tGT:DP:GQ\t{text}"
            rows.append((chrom, pos, line.replace(base, base[0], 1)))
        else:
            call, _, rest = text.partition(":")
            counts = reads(call, int(rest.split(":")[0]), 2 + len(alt.split(",")), split)
            line = f"{base}\t{alt},<NON_REF>\t.\t.\t.\tGT:AD:DP:GQ\t{call}:{counts}:{rest}"
            rows.append((chrom, pos, line))
    for target in targets.coding:
        if not targets.sequences.covers(target.gene):
            continue
        at = target.start0 + 1
        inside = sorted(
            s for s in taken.get(target.chrom, []) if s[1] > target.start0 and s[0] <= target.end0
        )
        for first, last in [*inside, (target.end0 + 1, target.end0 + 1)]:
            if at < first:
                bases = targets.sequences.fetch(target.chrom, at - 1, at)
                text = f"END={first - 1}\tGT:DP:GQ\t0/0:{draw.randint(28, 40)}:99"
                rows.append((target.chrom, at, f"{bases}\t<NON_REF>\t.\t.\t{text}"))
            at = last + 1
    rows.sort(key=lambda r: (order[r[0]], r[1]))
    body = "".join(f"chr{c}\t{p}\t.\t{rest}\n" for c, p, rest in rows)
    write_vcf(path, header(patient.build, ref, [patient.sample], blocks=True) + body)


def write_bed(path: Path, targets: Targets) -> None:
    """Write the callable regions of the panel: curated sites and the coding exons of SCN1A."""
    spans = [(s.chrom, s.pos - 1, s.end) for s in targets.sites.sites]
    spans += [
        (t.chrom, t.start0, t.end0) for t in targets.coding if targets.sequences.covers(t.gene)
    ]
    text = "".join(f"chr{c}\t{s}\t{e}\n" for c, s, e in sorted(set(spans)))
    path.write_text(text, encoding="utf-8")


def coding_variant(ref: Reference, build: GenomeBuild, gene: str, name: str) -> VariantKey:
    """Return the genome position of a coding substitution such as `664C>T`."""
    position, change = int(name[:-3]), name[-3:]
    transcript = load_transcripts(ref, build)[gene]
    before = 0
    for start, end in transcript.coding:
        if position <= before + end - start:
            offset = position - before
            pos = start + offset if transcript.forward else end - offset + 1
            bases = change[0], change[2]
            if not transcript.forward:
                bases = tuple("TGCA"["ACGT".index(b)] for b in bases)
            return VariantKey(transcript.chrom, pos, bases[0], bases[1])
        before += end - start
    raise SystemExit(f"{gene} has no c.{name}")


SHEET = (
    "sample_id\tvcf\tvcf_sample\tbuild\tcallable\thla\tclassifications\tname\tbirth_date\t"
    "record_number\taccession\tspecimen\tcollected\treceived\trequester\taffected\tsex\tage_years\t"
    "weight_kg\tonset_months\tsyndromes\tpregnancy_potential\tmitochondrial_suspected\t"
    "mri\tzone\tdiagnosis_confirmed\tseizure_types\tlast_seizure\tseizures_per_month\t"
    "longest_interval_before\tadherence\tcurrent_drugs\tfailed_drugs\tplanned_drugs\tentry_date"
).split("\t")


def sheet_rows() -> list[dict[str, str]]:
    """Return the sample sheet."""
    common = {
        "specimen": "blood, EDTA",
        "collected": "2026-10-05",
        "received": "2026-10-06",
        "requester": "Epilepsy clinic (invented)",
        "affected": "yes",
        "entry_date": "2026-11-20",
    }
    panel = {"vcf": "vcf/clinic.GRCh38.vcf.gz", "build": "GRCh38", "callable": "vcf/panel.bed"}

    def row(number: int, name: str, born: str, **more: str) -> dict[str, str]:
        sample = f"EX{number:02d}"
        return (
            common
            | {
                "sample_id": sample,
                "name": name,
                "birth_date": born,
                "record_number": f"MRN-10{number:02d}",
                "accession": f"A26-{700 + number}",
            }
            | more
        )

    return [
        row(
            1,
            "Ada Nonsense",
            "2021-06-01",
            vcf="vcf/EX01.vcf.gz",
            build="GRCh38",
            callable="vcf/panel.bed",
            classifications="classifications.tsv",
            sex="female",
            age_years="5",
            weight_kg="18",
            onset_months="6",
            current_drugs="valproate[start=2024-02-01;dose=20 mg/kg/day]",
            failed_drugs="lamotrigine[reason=lack_of_effect]",
        ),
        row(
            2,
            "Ben Gain",
            "2026-05-01",
            vcf="vcf/EX02.vcf.gz",
            build="GRCh38",
            callable="vcf/panel.bed",
            classifications="classifications.tsv",
            sex="male",
            age_years="0.5",
            weight_kg="7",
            onset_months="2",
            current_drugs="phenobarbital",
        ),
        row(
            3,
            "Cora Slow",
            "1990-02-11",
            **panel,
            sex="female",
            age_years="36",
            weight_kg="70",
            onset_months="240",
            current_drugs="levetiracetam",
            pregnancy_potential="yes",
            failed_drugs="carbamazepine[reason=side_effect]",
        ),
        row(
            4,
            "Dan Clobazam",
            "2014-09-30",
            **panel,
            sex="male",
            age_years="12",
            weight_kg="40",
            onset_months="36",
            syndromes="lennox_gastaut",
            current_drugs="clobazam[start=2026-09-01;dose=20 mg/day]|cannabidiol[start=2026-10-15]",
            failed_drugs="valproate[reason=lack_of_effect;adequate=yes]"
            "|rufinamide[reason=lack_of_effect;adequate=yes]",
            last_seizure="2026-11-18",
        ),
        row(
            5,
            "Eve Aromatic",
            "1978-12-24",
            **panel,
            hla="hla.tsv",
            sex="female",
            age_years="47",
            weight_kg="61",
            onset_months="540",
            current_drugs="carbamazepine[start=2026-10-16;dose=400 mg/day]",
        ),
        row(
            6,
            "Fay Valproate",
            "2002-04-17",
            **panel,
            sex="female",
            age_years="24",
            weight_kg="58",
            onset_months="180",
            syndromes="juvenile_myoclonic_epilepsy",
            pregnancy_potential="yes",
            mitochondrial_suspected="no",
            current_drugs="valproate[start=2019-01-10;dose=1000 mg/day]",
            planned_drugs="lamotrigine",
        ),
        row(
            7,
            "Gus Normal",
            "1985-07-07",
            vcf="vcf/EX07.g.vcf.gz",
            build="GRCh38",
            hla="hla.tsv",
            sex="male",
            age_years="41",
            weight_kg="82",
            onset_months="396",
            current_drugs="none",
        ),
        row(
            8,
            "Hal Halfway",
            "1999-01-31",
            vcf="vcf/EX08.vcf",
            build="GRCh38",
            sex="male",
            age_years="27",
            weight_kg="75",
            onset_months="120",
            current_drugs="phenytoin[start=2026-11-01;dose=300 mg/day]",
        ),
        row(
            9,
            "Ida Thirtyseven",
            "1968-03-03",
            vcf="vcf/EX09.GRCh37.vcf.gz",
            build="GRCh37",
            sex="female",
            age_years="58",
            weight_kg="66",
            onset_months="600",
            current_drugs="brivaracetam[start=2026-08-01;dose=100 mg/day]|Tegretol",
            failed_drugs="levetiracetam[reason=side_effect]",
        ),
        row(
            10,
            "Joy Lowlevel",
            "1995-05-05",
            **panel,
            sex="female",
            age_years="31",
            weight_kg="60",
            onset_months="200",
            pregnancy_potential="yes",
            diagnosis_confirmed="video_eeg",
            seizure_types="focal_impaired_awareness",
            last_seizure="2026-11-12",
            seizures_per_month="3",
            adherence="taken",
            current_drugs="lamotrigine[start=2025-02-01;dose=200 mg/day;level=0.8 mg/L;"
            "level_date=2026-11-02;level_hours=12]|combined pill[start=2026-03-01]",
            failed_drugs="levetiracetam[reason=lack_of_effect;adequate=no;start=2024-06-01;"
            "stop=2025-01-31;highest_dose=500 mg/day;highest_level=4 mg/L]",
        ),
        row(
            11,
            "Kit Lesion",
            "1990-10-10",
            **panel,
            sex="male",
            age_years="36",
            weight_kg="78",
            onset_months="240",
            diagnosis_confirmed="video_eeg",
            mri="lesion",
            zone="one_resectable",
            seizure_types="focal_impaired_awareness|focal_to_bilateral",
            last_seizure="2026-11-15",
            seizures_per_month="4",
            longest_interval_before="2 months",
            adherence="taken",
            current_drugs="lacosamide[start=2025-09-01;dose=400 mg/day;level=8 mg/L;"
            "level_date=2026-10-20;level_hours=12]",
            failed_drugs="levetiracetam[reason=lack_of_effect;adequate=yes;start=2021-01-15;"
            "stop=2022-06-30;highest_dose=3000 mg/day;highest_level=32 mg/L]"
            "|lamotrigine[reason=lack_of_effect;adequate=yes;start=2022-07-01;stop=2025-08-31;"
            "highest_dose=400 mg/day;highest_level=9 mg/L]",
        ),
    ]


def main(folder: Path) -> None:
    """Write every example file."""
    ref = load_reference()
    new, old = GenomeBuild.GRCH38, GenomeBuild.GRCH37
    vcf = folder / "vcf"
    vcf.mkdir(parents=True, exist_ok=True)
    nonsense = coding_variant(ref, new, "SCN1A", "664C>T")
    gain = coding_variant(ref, new, "SCN1A", "2345C>T")
    write_samples(vcf / "EX01.vcf.gz", [Invented("EX01", variants=(nonsense,))], ref)
    write_samples(vcf / "EX02.vcf.gz", [Invented("EX02", variants=(gain,))], ref)
    write_samples(
        vcf / "clinic.GRCh38.vcf.gz",
        [
            Invented("EX03", diplotypes={"CYP2C9": ("*3", "*3"), "CYP2C19": ("*1", "*17")}),
            Invented("EX04", diplotypes={"CYP2C19": ("*2", "*2"), "CYP2C9": ("*1", "*2")}),
            Invented("EX05", diplotypes={"CYP3A5": ("*1", "*3"), "SLCO1B1": ("*1", "*5")}),
            Invented("EX06", diplotypes={"ABCG2": ("Reference", "rs2231142")}),
            Invented("EX10"),
            Invented("EX11"),
        ],
        ref,
    )
    write_gvcf(vcf / "EX07.g.vcf.gz", Invented("EX07"), ref)
    write_samples(
        vcf / "EX08.vcf", [Invented("EX08", diplotypes={"CYP2C9": ("*1", "*3")}, keep=0.5)], ref
    )
    write_samples(
        vcf / "EX09.GRCh37.vcf.gz",
        [Invented("EX09", build=old, diplotypes={"CYP2C19": ("*1", "*2"), "CYP2C9": ("*2", "*3")})],
        ref,
    )
    write_bed(vcf / "panel.bed", load_targets(ref, new))
    table = ["\t".join(SHEET)]
    table += ["\t".join(r.get(c, ".") for c in SHEET) for r in sheet_rows()]
    (folder / "samples.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    (folder / "hla.tsv").write_text(
        "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
        "EX05\tHLA-A\t11:01\t24:02\tclinical\tCity HLA laboratory (invented)\t2026-11-19\n"
        "EX05\tHLA-B\t15:02\t40:01\tclinical\tCity HLA laboratory (invented)\t2026-11-19\n"
        "EX07\tHLA-A\t01:01\t02:01\tclinical\tCity HLA laboratory (invented)\t2026-10-12\n"
        "EX07\tHLA-B\t07:02\t08:01\tclinical\tCity HLA laboratory (invented)\t2026-10-12\n",
        encoding="utf-8",
    )
    classes = ["build\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\tsample_id"]
    known = (("EX01", nonsense, "pathogenic"), ("EX02", gain, "likely_pathogenic"))
    for sample, key, word in known:
        classes.append(
            f"GRCh38\t{key.chrom}\t{key.pos}\t{key.ref}\t{key.alt}\t{word}\t2026-10-20\t"
            f"City genetics laboratory (invented)\t{sample}"
        )
    (folder / "classifications.tsv").write_text("\n".join(classes) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
