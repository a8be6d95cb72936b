"""The protocol of a validation: a page to sign, a table and a record."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from itertools import groupby
from pathlib import Path

from epilepsy_pgx.files import write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.tsv import line
from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, failed

PARTS = {
    "installation": "Known answers that come with the tables.",
    "concordance": "Public inputs with published or independent answers.",
    "reportable range": "Each allele that the tables define is written into a file and called.",
    "robustness": "The same genotypes in other representations, of other callers, in both builds.",
    "repeatability": "The same inputs twice, in unlike circumstances.",
    "limits": "Inputs that must lead to no result, or be refused.",
    "bridging": "The results of the tables in use before against those of the new tables.",
}
SIGNATURES = ("Carried out by", "Reviewed by", "Released for use by (laboratory director)")
NOT_COVERED = (
    "Sequencing, alignment and calling of the laboratory: they need a validation of their own, "
    "with samples of known genotype taken through the whole way.",
    "Structural alleles, copy numbers and HLA: they come from other programs or typings.",
    "Rare variants of epilepsy genes and their classes: the kit has none.",
    "The clinical rules: their sources are in the tables; the kit shows that they do not change "
    "unnoticed, not that they are right.",
)
_STYLE = (
    "body{font:14px/1.4 sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "th{background:#eee}.fail{background:#7a1018;color:#fff;font-weight:bold}"
    ".sign td{height:2.6rem;width:25%}.verdict{font-size:1.3rem;font-weight:bold}"
    "@media print{body{margin:0}tr{break-inside:avoid}}"
)


@dataclass(frozen=True, slots=True)
class Installation:
    """What was validated, and where."""

    software: str
    tables: str
    digest: str
    overlay: str
    python: str
    system: str
    libraries: tuple[str, ...]
    """Name and version of each library that the software needs."""
    inputs: str
    """Digest of the shipped inputs and expectations."""
    date: str
    against: str = ""
    """Digest of the tables that the bridging compares with."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """All checks of one validation."""

    installation: Installation
    intended_use: str
    checks: tuple[Check, ...]
    compared: tuple[Comparison, ...]

    @property
    def passed(self) -> bool:
        """True if no check failed."""
        return not failed(self.checks)


def write_protocol(protocol: Protocol, out: Path) -> None:
    """Write the page, the table of checks, the table of comparisons and the record."""
    write_text(out / "protocol.html", page(protocol))
    names = ("id", "part", "title", "expected", "found", "verdict")
    rows = [[str(getattr(c, n)) for n in names] for c in protocol.checks]
    write_text(out / "checks.tsv", "".join(line(_flat(r)) for r in (names, *rows)))
    names = ("check", "subject", "expected", "found", "verdict", "note")
    rows = [[str(getattr(c, n)) for n in names] for c in protocol.compared]
    write_text(out / "comparisons.tsv", "".join(line(_flat(r)) for r in (names, *rows)))
    record = {
        "passed": protocol.passed,
        "intended_use": protocol.intended_use,
        "installation": asdict(protocol.installation),
        "checks": [asdict(c) for c in protocol.checks],
    }
    write_text(out / "validation.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _flat(cells: Sequence[str]) -> list[str]:
    return [" ".join(c.split()) or "." for c in cells]


def page(protocol: Protocol) -> str:
    """Return the protocol as a page that stands by itself."""
    verdict = "All checks passed." if protocol.passed else "The validation FAILED."
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        f"<title>Validation protocol</title><style>{_STYLE}</style></head><body>",
        "<h1>Validation protocol</h1>",
        f'<p class="verdict">{escape(verdict)}</p>',
        f"<h2>Intended use</h2><p>{escape(protocol.intended_use)}</p>",
        "<h2>What was validated</h2>",
        _installation(protocol.installation),
    ]
    order = list(PARTS)
    checks = sorted(protocol.checks, key=lambda c: order.index(c.part))
    for part, group in groupby(checks, key=lambda c: c.part):
        parts += [
            f"<h2>{escape(part.capitalize())}</h2><p>{escape(PARTS[part])}</p>",
            _table(group),
        ]
    parts += [_exceptions(protocol.compared), "<h2>Not covered by this protocol</h2><ul>"]
    parts += [f"<li>{escape(text)}</li>" for text in NOT_COVERED]
    parts += ["</ul>", _signatures(), "</body></html>\n"]
    return "\n".join(parts)


def _installation(made: Installation) -> str:
    rows = [
        (name.replace("_", " "), ", ".join(value) if isinstance(value, tuple) else str(value))
        for name, value in asdict(made).items()
        if value
    ]
    cells = (f"<tr><th>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in rows)
    return f"<table>{''.join(cells)}</table>"


def _table(checks: Iterable[Check]) -> str:
    rows = []
    for check in checks:
        mark = ' class="fail"' if check.verdict is Verdict.FAIL else ""
        cells = (check.id, check.title, check.expected, check.found)
        rows.append(
            "<tr>"
            + "".join(f"<td>{escape(c)}</td>" for c in cells)
            + f"<td{mark}>{check.verdict}</td></tr>"
        )
    head = "".join(f"<th>{h}</th>" for h in ("id", "check", "acceptance limit", "found", "verdict"))
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _exceptions(compared: tuple[Comparison, ...]) -> str:
    """List what failed and what was not compared; the table of comparisons has all."""
    shown = [c for c in compared if c.verdict is not Verdict.PASS]
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(v))}</td>"
            for v in (c.check, c.subject, c.expected, c.found, c.verdict, c.note)
        )
        + "</tr>"
        for c in sorted(shown, key=lambda c: c.verdict is not Verdict.FAIL)
    )
    head = "".join(
        f"<th>{h}</th>" for h in ("check", "subject", "expected", "found", "verdict", "note")
    )
    return (
        "<h2>What failed or was not compared</h2><p>All comparisons are in comparisons.tsv.</p>"
        f"<table><tr>{head}</tr>{rows}</table>"
        if shown
        else ""
    )


def _signatures() -> str:
    rows = "".join(
        f"<tr><td>{escape(role)}</td><td>Name:</td><td>Date:</td><td>Signature:</td></tr>"
        for role in SIGNATURES
    )
    return f'<h2>Signatures</h2><table class="sign">{rows}</table>'
