"""One page over all patients of a run, made from the tables of the run."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from itertools import groupby
from pathlib import Path

from epilepsy_pgx.cohort.open_questions import YES
from epilepsy_pgx.cohort.patients import cards, link_to, named, patient_table, policy, script
from epilepsy_pgx.cohort.patients import style as patients_style
from epilepsy_pgx.cohort.urgent import queue_section, read_queue, read_unbacked, unbacked_section
from epilepsy_pgx.files import write_text
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.quality.sites import allele_counts
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import SITE_ALLELES_BY_SITE, CuratedSite
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.tsv import read_table
from epilepsy_pgx.vocabulary import GeneStatus, Tier

Say = Callable[..., str]

FIRST, ATTENTION = 25, 200
"""Open questions and problems that the page shows at once, and those it lists at all."""
RARE = 0.01
"""Published alleles below this frequency are listed only if somebody carries them."""
_TIERS = (Tier.ACT, Tier.CONSIDER, Tier.CONTEXT, Tier.NONE)
_TIER_FILLS = ("#7a1018", "#c77f1a", "#7f97ad", "#dde3e8")
_STATUS_FILLS = ("#c9d9e6", "#7f97ad", "#e0b25c", "#c77f1a", "#4c5a68", "#7a1018")
_PROBLEM_COLUMNS = ("label-sample", "label-check", "label-file", "label-found", "label-fix")
_BAR_STYLE = (
    ".bar{display:flex;height:.7rem;margin-top:.15rem;background:var(--tint)}"
    ".bar span{border-right:1px solid var(--paper)}.bars th{width:11rem;overflow-wrap:normal}"
    ".bars caption{position:absolute;left:-999px}"
    ".key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.3rem 0}"
    ".chip{display:inline-block;width:.8rem;height:.8rem;border:1px solid var(--ink)}"
)


def write_cohort_page(out: Path, ref: Reference, language: str = "en") -> Path:
    """Write `index.html` beside the tables `cohort`, `drugs`, `genes`, `sites` and `problems`."""
    words = ReportWords(Wording(ref, language))
    say = words.say
    patients = list(read_table(out / "cohort.tsv"))
    problems = list(read_table(out / "problems.tsv"))
    sections = [
        queue_section(read_queue(out.parent), words),
        unbacked_section(read_unbacked(out.parent), words),
        _numbers(patients, problems, say),
        _problems(problems, say),
        patient_table(patients, words),
        _open_questions(patients, words),
        _drugs(out / "drugs.tsv", words),
        *_genes(out / "genes.tsv", words),
        _sites(out / "sites.tsv", ref, words),
    ]
    shared = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    problem_cards = cards("problems", _PROBLEM_COLUMNS, words)
    style = f"{shared}{patients_style(words)}{problem_cards}{_BAR_STYLE}"
    title = escape(say("heading-cohort"))
    page = (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header class="top"><h1>{title}</h1></header>\n<main>\n{"".join(sections)}</main>\n'
        f"<footer>{escape(say('label-intended-use'))}</footer>\n"
        f"<script>{script()}</script>\n</body>\n</html>\n"
    )
    path = out / "index.html"
    write_text(path, spell_hidden(page))
    return path


def refresh_cohort_page(results: Path, ref: Reference) -> None:
    """Write the page again, if there is one: what the ledger says has changed."""
    page = results / "cohort" / "index.html"
    if page.is_file() and (page.parent / "cohort.tsv").is_file():
        found = re.search(r'<html lang="(\w+)"', page.read_text(encoding="utf-8")[:200])
        write_cohort_page(page.parent, ref, found[1] if found else "en")


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>\n{body}</section>\n"


def _table(columns: list[str], rows: list[list[str]], name: str = "") -> str:
    """Return a table, which may have an id; cells are markup already."""
    named = f' id="{name}"' if name else ""
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(
        '<tr><th scope="row">'
        + "</th><td>".join(r[:2])
        + "".join(f"</td><td>{c}" for c in r[2:])
        + "</td></tr>\n"
        for r in rows
    )
    return f"<table{named}><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


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
    table = _table([say(c) for c in _PROBLEM_COLUMNS], rows, "problems")
    return _section(say("heading-problems"), table + _more(len(problems), "problems.tsv", say))


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
                link_to(p),
                escape(say("word-yes")) if p["resistant_without_surgery"] == YES else "–",
                named(p["levels_below"], words),
                named(p["causes_to_act_on"], words),
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
    """Return stacked bars as a table: the numbers beside them say all that the bars show."""
    key = "".join(
        f'<li><span class="chip" style="background:{fill}"></span> {escape(word)}</li>'
        for word, fill in zip(words, fills, strict=True)
    )
    parts = []
    for name, values in rows:
        total = sum(values) or 1
        said = ", ".join(f"{w} {v}" for w, v in zip(words, values, strict=True) if v)
        bar = "".join(
            f'<span style="width:{100 * value / total:.2f}%;background:{fill}"></span>'
            for value, fill in zip(values, fills, strict=True)
            if value
        )
        parts.append(
            f'<tr class="barred"><th scope="row">{escape(name)}</th><td>{escape(said)}'
            f'<div class="bar" aria-hidden="true">{bar}</div></td></tr>\n'
        )
    return (
        f'<ul class="key">{key}</ul>\n<table class="bars"><caption>{escape(title)}</caption>'
        f"<tbody>\n{''.join(parts)}</tbody></table>\n"
    )
