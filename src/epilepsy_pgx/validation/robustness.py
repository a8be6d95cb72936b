"""Robustness: the same genotypes written in other ways give the same results."""

import gzip
from collections.abc import Callable
from pathlib import Path

from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.calls import Calls, VcfText, call_file, pairs_of, shown
from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, judge, verdict_of
from epilepsy_pgx.validation.concordance import BUILD
from epilepsy_pgx.validation.reportable import allele_file, definitions
from epilepsy_pgx.vocabulary import GenomeBuild

PART = "robustness"
LIMIT = "the same candidates and phenotypes as the plain form, for every allele"
FIRST = 9
"""The column of the first sample."""
Rewrite = Callable[[VcfText], VcfText]


def _cells(change: Callable[[str], str]) -> Rewrite:
    """Rewrite each genotype cell."""

    def rewrite(text: VcfText) -> VcfText:
        rows = tuple((*r[:FIRST], *map(change, r[FIRST:])) for r in text.records)
        return VcfText(text.head, text.columns, rows)

    return rewrite


def _prefixed(text: VcfText) -> VcfText:
    head = tuple(h.replace("##contig=<ID=", "##contig=<ID=chr") for h in text.head)
    return VcfText(head, text.columns, tuple((f"chr{r[0]}", *r[1:]) for r in text.records))


def _other_copy(cell: str) -> str:
    first, mark, second = cell.partition("|")
    return second + mark + first


def _samples_reversed(text: VcfText) -> VcfText:
    return VcfText(
        text.head,
        (*text.columns[:FIRST], *reversed(text.columns[FIRST:])),
        tuple((*r[:FIRST], *reversed(r[FIRST:])) for r in text.records),
    )


def _annotated(text: VcfText) -> VcfText:
    """Add ids, qualities and a field of INFO."""
    head = (*text.head, '##INFO=<ID=DB,Number=0,Type=Flag,Description="Known">')
    rows = (
        (*r[:2], f"id{i}", *r[3:5], "99.5", r[6], "DB", *r[8:]) for i, r in enumerate(text.records)
    )
    return VcfText(head, text.columns, tuple(rows))


def _split(text: VcfText) -> VcfText:
    """Write a record for each alternative allele; the others' place is taken by the reference."""
    rows = []
    for r in text.records:
        alts = r[4].split(",")
        for number, alt in enumerate(alts, 1):
            cells = (
                "|".join("1" if c == str(number) else "0" for c in cell.split("|"))
                for cell in r[FIRST:]
            )
            rows.append((*r[:4], alt, *r[5:FIRST], *cells) if len(alts) > 1 else r)
    return VcfText(text.head, text.columns, tuple(rows))


_FIELDS = {
    "AD": ("R", "Integer"),
    "AO": ("A", "Integer"),
    "DP": ("1", "Integer"),
    "FT": ("1", "String"),
    "GQ": ("1", "Integer"),
    "GQX": ("1", "Integer"),
    "PS": ("1", "Integer"),
    "RO": ("1", "Integer"),
    "VAF": ("A", "Float"),
}
CALLERS = {
    "gatk": ("AD", "DP", "GQ"),
    "deepvariant": ("GQ", "DP", "AD", "VAF"),
    "freebayes": ("DP", "RO", "AO"),
    "strelka": ("GQ", "GQX", "DP", "AD", "FT"),
    "phase-set": ("GQ", "PS"),
}
"""Fields beside the genotype, as some callers and phasers order them."""


def _as_called_by(fields: tuple[str, ...]) -> Rewrite:
    """Add fields of good quality, with 30 reads shared by the copies."""

    def rewrite(text: VcfText) -> VcfText:
        head = [
            f'##FORMAT=<ID={f},Number={_FIELDS[f][0]},Type={_FIELDS[f][1]},Description="{f}">'
            for f in fields
        ]
        rows = []
        for r in text.records:
            number = 0 if r[4] == "." else r[4].count(",") + 1
            form = ":".join(("GT", *fields))
            cells = (_filled(c, number, fields) for c in r[FIRST:])
            rows.append((*r[:8], form, *cells))
        return VcfText((*text.head, *head), text.columns, tuple(rows))

    return rewrite


def _filled(genotype: str, alts: int, fields: tuple[str, ...]) -> str:
    copies = genotype.split("|")
    reads = [15 * copies.count(str(i)) for i in range(alts + 1)]
    shares = ",".join(f"{n / 30:g}" for n in reads[1:]) or "."
    values = {
        "AD": ",".join(map(str, reads)),
        "AO": ",".join(map(str, reads[1:])) or ".",
        "DP": "30",
        "FT": "PASS",
        "GQ": "60",
        "GQX": "60",
        "PS": "1",
        "RO": str(reads[0]),
        "VAF": shares,
    }
    return ":".join((genotype, *(values[f] for f in fields)))


FORMS: dict[str, tuple[str, Rewrite]] = {
    "chr-prefix": ("Contigs named chr1 and so on", _prefixed),
    "other-copy": ("The two copies exchanged in every phased genotype", _cells(_other_copy)),
    "sample-order": ("Samples in the reverse order", _samples_reversed),
    "annotated": ("Ids, qualities and annotations added", _annotated),
    "split": ("A record for each alternative allele", _split),
    **{f"caller-{n}": (f"Fields as {n} writes them", _as_called_by(f)) for n, f in CALLERS.items()},
}


def check_robustness(ref: Reference, folder: Path) -> tuple[list[Check], list[Comparison]]:
    """Call every allele of the tables in each form, and compare with the plain form."""
    plain = allele_file(ref, BUILD)
    wanted = _call(str(plain), "plain", ref, folder)
    found = {
        name: (title, _call(str(rewrite(plain)), name, ref, folder))
        for name, (title, rewrite) in FORMS.items()
    }
    path = folder / "form.gzip.vcf.gz"
    path.write_bytes(gzip.compress(str(plain).encode(), mtime=0))
    found["gzip"] = ("Compressed with gzip, without an index", call_file(path, BUILD, ref))
    found["build"] = (
        f"The same alleles in {GenomeBuild.GRCH37.value}",
        _call(str(allele_file(ref, GenomeBuild.GRCH37)), "build", ref, folder, GenomeBuild.GRCH37),
    )
    own = {d.gene for d, _ in definitions(ref, BUILD)}
    wanted = {key: r for key, r in wanted.items() if key[0].split(":")[0] == key[1] in own}
    checks, compared = [], []
    for name, (title, calls) in found.items():
        mine = _compare(f"robustness-{name}", wanted, calls)
        checks.append(judge((f"robustness-{name}", PART, title), LIMIT, mine))
        compared += [c for c in mine if c.verdict is Verdict.FAIL]
    return checks, compared


def _call(text: str, name: str, ref: Reference, folder: Path, build: GenomeBuild = BUILD) -> Calls:
    path = folder / f"form.{name}.vcf"
    path.write_text(text, encoding="utf-8")
    try:
        return call_file(path, build, ref)
    except PgxError:
        # A form that is refused is a form that gives no result.
        return {}


def _compare(check: str, wanted: Calls, calls: Calls) -> list[Comparison]:
    found = []
    for key, result in wanted.items():
        other = calls.get(key)
        said = "refused" if other is None else shown(other)
        right = other is not None and _same(result, other)
        found.append(Comparison(check, key[0], shown(result), said, verdict_of(right)))
    return found


def _same(one: GeneResult, other: GeneResult) -> bool:
    return pairs_of(one) == pairs_of(other) and set(one.phenotypes) == set(other.phenotypes)
