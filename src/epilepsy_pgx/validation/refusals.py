"""Limits: what the software must not call, and what it must refuse to read."""

from collections.abc import Callable
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.calls import Calls, VcfText, call_file, shown
from epilepsy_pgx.validation.checks import Check, Comparison, judge, verdict_of
from epilepsy_pgx.validation.concordance import BUILD, DATA, expectations
from epilepsy_pgx.validation.reportable import allele_file, definitions
from epilepsy_pgx.validation.robustness import FIRST
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild

PART = "limits"
Found = list[Comparison]


def check_limits(ref: Reference, folder: Path) -> tuple[list[Check], list[Comparison]]:
    """Give inputs that must not lead to a result."""
    checks, compared = [], []
    for name, (title, limit, work) in LIMITS.items():
        check = f"limit-{name}"
        own = work(check, ref, folder)
        checks.append(judge((check, PART, title), limit, own))
        compared += own
    return checks, compared


def _usual(ref: Reference) -> VcfText:
    """Return a file of one sample that carries the usual allele of every gene."""
    text = allele_file(ref, BUILD)
    first = next(definitions(ref, BUILD))[0]
    column = text.columns.index(f"{first.gene}:{first.wild_type}")
    return VcfText(
        text.head,
        (*text.columns[:FIRST], "ONE"),
        tuple((*r[:FIRST], r[column]) for r in text.records),
    )


def _call(text: VcfText, ref: Reference, path: Path) -> Calls:
    path.write_text(str(text), encoding="utf-8")
    return call_file(path, BUILD, ref, {d.gene for d, _ in definitions(ref, BUILD)})


def _judged(check: str, calls: Calls, expected: str, right: Callable[[GeneResult], bool]) -> Found:
    return [
        Comparison(check, gene, expected, shown(result), verdict_of(right(result)))
        for (_, gene), result in calls.items()
    ]


def _absent(check: str, ref: Reference, folder: Path) -> Found:
    """Leave out every second record; no gene may then be complete that lost one."""
    text = _usual(ref)
    kept = VcfText(text.head, text.columns, text.records[::2])
    calls = _call(kept, ref, folder / "limit.absent.vcf")
    calls = {key: r for key, r in calls.items() if r.missing_sites or not r.diplotypes}
    return _judged(check, calls, "not complete", lambda r: r.status is not GeneStatus.COMPLETE)


def _poor(check: str, ref: Reference, folder: Path) -> Found:
    text = _usual(ref)
    head = (*text.head, '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">')
    rows = tuple((*r[:8], "GT:GQ", f"{r[FIRST]}:3") for r in text.records)
    calls = _call(VcfText(head, text.columns, rows), ref, folder / "limit.poor.vcf")
    return _judged(check, calls, "not assessed", lambda r: r.status is GeneStatus.NOT_ASSESSED)


def _refused(check: str, subject: str, wanted: str, read: Callable[[], object]) -> Found:
    try:
        read()
        said = "it was read"
    except InputError as error:
        said = ", ".join(sorted({p.check for p in error.problems}))
    return [Comparison(check, subject, wanted, said, verdict_of(said == wanted))]


def _other_build(check: str, ref: Reference, folder: Path) -> Found:
    path = folder / "limit.build.vcf"
    text = allele_file(ref, GenomeBuild.GRCH37)
    # Without lengths of contigs only the bases can tell.
    head = tuple(h.partition(",length=")[0] + ">" if ",length=" in h else h for h in text.head)
    path.write_text(str(VcfText(head, text.columns, text.records)), encoding="utf-8")
    return _refused(check, path.name, "vcf-build", lambda: call_file(path, BUILD, ref))


def _cut_short(check: str, ref: Reference, folder: Path) -> Found:
    source = DATA / next(e.file for e in expectations() if e.set == "genome")
    path = folder / source.name
    whole = source.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return _refused(check, path.name, "vcf-complete", lambda: call_file(path, BUILD, ref))


LIMITS: dict[str, tuple[str, str, Callable[[str, Reference, Path], Found]]] = {
    "absent": (
        "Positions without a record are not taken for reference",
        "no gene that lost a position is complete",
        _absent,
    ),
    "quality": (
        "Genotypes below the quality limit are no calls",
        "no gene is assessed from genotypes of quality 3",
        _poor,
    ),
    "build": ("A file of the other build", "it is refused as such", _other_build),
    "cut": ("A file that was cut short", "it is refused as such", _cut_short),
}
