"""One page over all patients of a run, made from the tables of the run."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from epilepsy_pgx.cohort.open_questions import YES
from epilepsy_pgx.cohort.urgent import queue_section, read_queue
from epilepsy_pgx.files import write_text
from epilepsy_pgx.quality.sites import allele_counts
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import SITE_ALLELES_BY_SITE, CuratedSite
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import PAGE
from epilepsy_pgx.tsv import read_table
from epilepsy_pgx.vocabulary import GeneStatus, Tier

Say = Callable[..., str]

FIRST, ATTENTION = 25, 200
"""Patients that the page shows at once, and those it lists by name; the table holds them all."""
RARE = 0.01
"""Published alleles below this frequency are listed only if somebody carries them."""
_TIERS = (Tier.ACT, Tier.CONSIDER, Tier.CONTEXT, Tier.NONE)
_TIER_FILLS = ("#7a1018", "#c77f1a", "#7f97ad", "#dde3e8")
_STATUS_FILLS = ("#c9d9e6", "#7f97ad", "#e0b25c", "#c77f1a", "#4c5a68", "#7a1018")
_WIDTH = 620
_BAR = 16


def write_cohort_page(out: Path, ref: Reference, language: str = "en") -> Path:
    """Write `index.html` beside the tables `cohort`, `drugs`, `genes`, `sites` and `problems`."""
    words = ReportWords(Wording(ref, language))
    say = words.say
    patients = list(read_table(out / "cohort.tsv"))
    problems = list(read_table(out / "problems.tsv"))
    sections = [
        queue_section(read_queue(out.parent), words),
        _numbers(patients, problems, say),
        _problems(problems, say),
        _attention(patients, words),
        _open_questions(patients, words),
        _drugs(out / "drugs.tsv", words),
        *_genes(out / "genes.tsv", words),
        _sites(out / "sites.tsv", ref, words),
    ]
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    title = escape(say("heading-cohort"))
    page = (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{style}svg{{max-width:100%;height:auto}}"
        "svg text{font:12px system-ui,sans-serif;fill:currentColor}</style>\n</head>\n<body>\n"
        f'<header class="top"><h1>{title}</h1></header>\n<main>\n{"".join(sections)}</main>\n'
        f"<footer>{escape(say('label-intended-use'))}</footer>\n</body>\n</html>\n"
    )
    path = out / "index.html"
    write_text(path, page)
    return path


def refresh_cohort_page(results: Path, ref: Reference) -> None:
    """Write the page again, if there is one: what the ledger says has changed."""
    page = results / "cohort" / "index.html"
    if page.is_file() and (page.parent / "cohort.tsv").is_file():
        found = re.search(r'<html lang="(\w+)"', page.read_text(encoding="utf-8")[:200])
        write_cohort_page(page.parent, ref, found[1] if found else "en")


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>\n{body}</section>\n"


def _table(columns: list[str], rows: list[list[str]]) -> str:
    """Return a table; cells are markup already."""
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(
        '<tr><th scope="row">'
        + "</th><td>".join(r[:2])
        + "".join(f"</td><td>{c}" for c in r[2:])
        + "</td></tr>\n"
        for r in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


def _numbers(patients: list[dict[str, str]], problems: list[dict[str, str]], say: Say) -> str:
    failed = len({p["sample_id"] for p in problems})
    urgent = sum(p["urgent"] != "0" for p in patients)
    refused = sum(p["status"] == "not reportable" for p in patients)
    text = say(
        "label-cohort-numbers",
        reports=str(len(patients)),
        failed=str(failed),
        urgent=str(urgent),
        refused=str(refused),
    )
    return f"<section><p><strong>{escape(text)}</strong></p></section>\n"


def _problems(problems: list[dict[str, str]], say: Say) -> str:
    if not problems:
        return ""
    rows = [
        [
            escape(p["sample_id"]),
            escape(p["check"]),
            escape(p["file"]),
            escape(p["found"]),
            escape(p["fix"]),
        ]
        for p in problems[:ATTENTION]
    ]
    columns = [
        say("label-sample"),
        say("label-check"),
        say("label-file"),
        say("label-found"),
        say("label-fix"),
    ]
    return _section(
        say("heading-problems"), _table(columns, rows) + _more(len(problems), "problems.tsv", say)
    )


def _attention(patients: list[dict[str, str]], words: ReportWords) -> str:
    """List patients with something urgent or to act on, urgent first."""
    say = words.say
    chosen = [
        p
        for p in patients
        if p["urgent"] != "0"
        or p["status"] == "not reportable"
        or p["act"] != "0"
        or p["current_drugs_to_review"] != "."
        or p["monogenic"] != "."
    ]
    chosen.sort(
        key=lambda p: (
            -int(p["urgent"]),
            p["status"] != "not reportable",
            -int(p["act"]),
            p["sample_id"],
        )
    )
    # Whoever cannot wait is never behind a line or a limit.
    pressing = sum(p["urgent"] != "0" for p in chosen)
    limit = max(ATTENTION, pressing)
    rows = []
    for p in chosen[:limit]:
        mark = "■ " if p["urgent"] != "0" else ""
        failed = ", ".join(
            words.word("quality-check", x) for x in p["failed_checks"].split("|") if x != "."
        )
        named = (_named(p[c], words) for c in ("current_drugs_to_review", "monogenic", "avoid"))
        rows.append(
            [_link(p), mark + escape(p["urgent"]), escape(p["act"]), escape(failed), *named]
        )
    columns = [
        say("label-sample"),
        say("heading-urgent"),
        say("label-tier-act"),
        say("label-failed-checks"),
    ]
    columns += [say("heading-current"), say("heading-monogenic"), say("label-response-avoid")]
    body = _first_rows(columns, rows, max(FIRST, pressing), say)
    return _section(say("heading-attention"), body + _more(len(chosen), "cohort.tsv", say, limit))


def _first_rows(columns: list[str], rows: list[list[str]], shown: int, say: Say) -> str:
    """Return a table of the first rows, and one of the others that the reader opens."""
    body = _table(columns, rows[:shown])
    if rows[shown:]:
        title = say("label-further", number=str(len(rows) - shown))
        body += (
            f"<details><summary>{escape(title)}</summary>\n"
            f"{_table(columns, rows[shown:])}</details>\n"
        )
    return body


def _open_questions(patients: list[dict[str, str]], words: ReportWords) -> str:
    """List patients whose drugs failed for a reason that can be followed up, urgent first.

    How many patients could be asked stands above, so that an empty list is not read as an answer.
    """
    say = words.say
    chosen = [
        p
        for p in patients
        if p["resistant_without_surgery"] == YES
        or p["levels_below"] != "."
        or p["causes_to_act_on"] != "."
    ]
    chosen.sort(
        key=lambda p: (
            -int(p["urgent"]),
            p["causes_to_act_on"] == ".",
            p["resistant_without_surgery"] != YES,
            p["sample_id"],
        )
    )
    told = say(
        "label-cohort-open",
        reports=str(len(patients)),
        settled=str(sum(p["resistant_without_surgery"] != "." for p in patients)),
        compared=str(sum(p["levels_compared"] != "." for p in patients)),
    )
    body = f"<p>{escape(told)}</p>\n"
    if chosen:
        rows = [
            [
                _link(p),
                escape(say("word-yes")) if p["resistant_without_surgery"] == YES else "–",
                _named(p["levels_below"], words),
                _named(p["causes_to_act_on"], words),
            ]
            for p in chosen[:ATTENTION]
        ]
        columns = [
            say("label-sample"),
            say("label-resistant-without-surgery"),
            say("label-level-below"),
            say("label-cause-to-act-on"),
        ]
        body += _first_rows(columns, rows, FIRST, say) + _more(len(chosen), "cohort.tsv", say)
    return _section(say("heading-cohort-open"), body)


def _named(cell: str, words: ReportWords) -> str:
    """Return the drugs or genes of a cell as a page names them."""
    return "–" if cell == "." else escape(words.drugs(cell.split("|")))


def _link(patient: dict[str, str]) -> str:
    """Return a patient's id, linked to the report if one was written."""
    name, folder = escape(patient["sample_id"]), patient["report"].rstrip("/")
    if folder == ".":
        return name
    page = FORMATS[PAGE].file_name(folder.rsplit("/", 1)[-1])
    link = quote(f"../{folder}/{page}")
    return f'<a href="{link}">{name}</a>'


def _sites(path: Path, ref: Reference, words: ReportWords) -> str:
    """List, gene by gene, how often each position was read, and allele frequencies.

    The published frequency stands beside the carried one with its source; nothing is said where
    the tables have none.
    """
    say = words.say
    cells = _SiteCells(ref, words)
    body = []
    columns = [
        say("label-position"),
        say("label-called"),
        say("label-not-counted"),
        say("label-not-covered"),
        say("label-carried"),
        say("label-published"),
    ]
    for gene, group in groupby(read_table(path), key=lambda r: r["gene"]):
        rows = list(group)
        samples = sum(_samples(row) for row in rows)
        title = say(
            "label-gene-positions",
            gene=gene,
            number=str(len(rows)),
            part=cells.percent(sum(int(row["called"]) for row in rows) / samples),
        )
        table = _table(columns, [cells.row(row) for row in rows])
        body.append(f"<details><summary>{escape(title)}</summary>\n{table}</details>\n")
    notes = "; ".join(f"[{n}] {escape(words.word('dataset', s))}" for s, n in cells.sources.items())
    if notes:
        body.append(f'<p class="meta">{escape(say("label-published"))}: {notes}</p>\n')
    return _section(say("heading-cohort-sites"), "".join(body))


def _samples(row: dict[str, str]) -> int:
    return int(row["samples"]) or 1


class _SiteCells:
    """Makes the cells of one position, and numbers the sources of published frequencies."""

    def __init__(self, ref: Reference, words: ReportWords) -> None:
        self.sources: dict[str, int] = {}
        """Number of each source, in the order in which they are cited."""
        self._words = words
        self._usual = {r.site: r.default_allele for r in ref.rows(CuratedSite)}
        self._published = {
            site: {r.allele: r for r in rows}
            for site, rows in ref.grouped(SITE_ALLELES_BY_SITE).items()
        }

    def percent(self, value: float) -> str:
        return f"{self._words.number(f'{100 * value:.1f}')} %"

    def row(self, row: dict[str, str]) -> list[str]:
        """Return a position, how often it was read, and its carried and published alleles."""
        read = (int(row[c]) / _samples(row) for c in ("called", "not_counted", "not_assessed"))
        carried, published = self._alleles(row)
        return [
            escape(row["site"]),
            *map(self.percent, read),
            "; ".join(carried),
            "; ".join(published),
        ]

    def _alleles(self, row: dict[str, str]) -> tuple[list[str], list[str]]:
        """Return carried and published frequencies of the alleles that are not the usual one."""
        carried = dict(allele_counts(row))
        total = sum(carried.values())
        listed = self._published.get(row["site"], {})
        here, there = [], []
        for allele in sorted({*carried, *listed}) if total else ():
            if allele == self._usual.get(row["site"]):
                continue
            known = listed.get(allele)
            frequency = known.frequency if known is not None else None
            if not carried.get(allele) and (frequency is None or float(frequency) < RARE):
                continue
            here.append(f"{escape(allele)} {self.percent(carried.get(allele, 0) / total)}")
            if known is not None and frequency is not None:
                source = known.frequency_source or "."
                number = self.sources.setdefault(source, len(self.sources) + 1)
                there.append(f"{escape(allele)} {self.percent(float(frequency))} [{number}]")
        return here, there


def _more(count: int, file: str, say: Say, limit: int = ATTENTION) -> str:
    if count <= limit:
        return ""
    text = say("label-more-rows", number=str(count - limit), file=file)
    return f"<p>{escape(text)}</p>\n"


def _drugs(path: Path, wording: ReportWords) -> str:
    """Plot how many patients have which strongest tier for each drug."""
    say = wording.say
    order = {t.value: i for i, t in enumerate(_TIERS)}
    counts: dict[str, Counter[int]] = {}
    for (_, drug), rows in groupby(read_table(path), key=lambda r: (r["sample_id"], r["drug"])):
        counts.setdefault(drug, Counter())[min(order[r["tier"]] for r in rows)] += 1
    ranked = sorted(counts.items(), key=lambda i: (*(-i[1][n] for n in range(3)), i[0]))
    words = [say(f"label-tier-{t.value}") for t in _TIERS]
    return _section(
        say("heading-cohort-drugs"),
        _bars(
            say("heading-cohort-drugs"),
            [(wording.drug(drug), [count[n] for n in range(4)]) for drug, count in ranked],
            words,
            _TIER_FILLS,
        ),
    )


def _genes(path: Path, wording: ReportWords) -> tuple[str, str]:
    """Plot how completely each gene was read, and count phenotypes."""
    say = wording.say
    order = list(GeneStatus)
    status: dict[str, Counter[str]] = {}
    phenotypes: dict[str, Counter[str]] = {}
    for row in read_table(path):
        status.setdefault(row["gene"], Counter())[row["status"]] += 1
        word = row["phenotype"]
        if word != ".":
            several = "|" in word
            word = say("gene-status-ambiguous") if several else wording.word("phenotype", word)
            phenotypes.setdefault(row["gene"], Counter())[word] += 1
    words = [say(f"status-gene-{s.value.replace('_', '-')}") for s in order]
    read = _bars(
        say("heading-cohort-genes"),
        [(gene, [count[s.value] for s in order]) for gene, count in sorted(status.items())],
        words,
        _STATUS_FILLS,
    )
    rows = []
    for gene, count in sorted(phenotypes.items()):
        total = count.total()
        said = "; ".join(
            f"{escape(word)} {n} ({wording.number(f'{100 * n / total:.1f}')} %)"
            for word, n in sorted(count.items(), key=lambda i: (-i[1], i[0]))
        )
        without = status[gene].total() - total
        rows.append([escape(gene), said, str(total), str(without)])
    return (
        _section(say("heading-cohort-genes"), read),
        _section(
            say("heading-cohort-phenotypes"),
            _table(
                [
                    say("label-gene"),
                    say("label-phenotype"),
                    say("label-with-phenotype"),
                    say("label-without-phenotype"),
                ],
                rows,
            ),
        ),
    )


def _bars(
    title: str, rows: list[tuple[str, list[int]]], words: list[str], fills: tuple[str, ...]
) -> str:
    """Return stacked bars with their numbers, in an SVG that a screen reader can read."""
    left, height = 130, _BAR + 6
    parts = []
    for index, (name, values) in enumerate(rows):
        top, x, total = 24 + index * height, float(left), sum(values) or 1
        said = ", ".join(f"{w} {v}" for w, v in zip(words, values, strict=True) if v)
        parts.append(
            f"<g><title>{escape(name)}: {escape(said)}</title>"
            f'<text x="0" y="{top + 12}">{escape(name)}</text>'
        )
        for value, fill in zip(values, fills, strict=True):
            wide = (_WIDTH - left) * value / total
            if value:
                parts.append(
                    f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{_BAR}" '
                    f'fill="{fill}" stroke="#fff" stroke-width=".7"/>'
                )
            x += wide
        parts.append(f'<text x="{_WIDTH + 8}" y="{top + 12}">{escape(said)}</text></g>\n')
    key, x = [], left
    for word, fill in zip(words, fills, strict=True):
        key.append(
            f'<rect x="{x}" y="2" width="12" height="12" fill="{fill}"/>'
            f'<text x="{x + 16}" y="12">{escape(word)}</text>'
        )
        x += 30 + 7 * len(word)
    width, tall = _WIDTH + 420, 28 + len(rows) * height
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {tall}" '
        f'width="{width}" height="{tall}">\n{"".join(key)}\n{"".join(parts)}</svg>\n'
    )
