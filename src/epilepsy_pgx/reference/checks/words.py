"""Checks of words, texts, citations, and of what lies unused."""

import re
import string
from collections import defaultdict

from epilepsy_pgx import vocabulary
from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.describe import descriptor_text
from epilepsy_pgx.reference.rows import Citation, CuratedText, StateCodes

CLOSED = {
    "tier": vocabulary.Tier,
    "tier_missing": vocabulary.Tier,
    "response": vocabulary.Response,
    "origin": vocabulary.Origin,
    "over": vocabulary.ActionClass,
    "direction": vocabulary.Direction,
    "classification": vocabulary.Classification,
    "call_method": vocabulary.CallMethod,
    "build": vocabulary.GenomeBuild,
}
"""Columns whose words the software knows, whatever table they stand in."""
OTHER_WORDS = {("alleles", "tier"), ("phenoconversion", "direction"), ("reportable_tiers", "tier")}
"""Columns of such a name with a vocabulary of their own."""

KEY_FORMS = {
    "PMID": re.compile(r"PMID:[1-9]\d{0,7}"),
    "PMC": re.compile(r"PMC:PMC[1-9]\d{0,8}"),
    "DOI": re.compile(r"DOI:10\.\d{4,9}/[^\s|]+"),
    "NBK": re.compile(r"NBK:NBK\d+"),
    "FDA": re.compile(r"FDA:\S+"),
    "CPIC": re.compile(r"CPIC:\S+"),
    "DPWG": re.compile(r"DPWG:\S+"),
    "LABEL": re.compile(r"LABEL:[a-z0-9-]+"),
    "WEB": re.compile(r"WEB:[a-z0-9.-]+"),
    "BOOK": re.compile(r"BOOK:[a-z0-9-]+"),
    "CLINVAR": re.compile(r"CLINVAR:\S+"),
    "MHRA": re.compile(r"MHRA:\S+"),
    "EMA": re.compile(r"EMA:\S+"),
}
_FILE_NAME = re.compile(r"\b[\w.-]+\.(?:tsv|csv|json|fa|fasta|bed)\b")


@check("report-states", "Every state of a report has its codes.", needs=("report_states",))
def check_states(package: Package) -> Found:
    """Look for a state without a row."""
    known = {row.state for row in package.every(StateCodes)}
    for state in vocabulary.ReportState:
        if state not in known:
            yield Problem(
                package.file("report_states"),
                0,
                "state",
                "report-states",
                f"no row of '{state}'",
                "a row for each state",
                "Add it.",
            )


@check("vocabulary", "Tiers, responses, classes and the like are words that the software knows.")
def check_words(package: Package) -> Found:
    """Compare closed columns with the software's vocabulary."""
    for table in package.tables:
        for column, words in CLOSED.items():
            if (table, column) in OTHER_WORDS:
                continue
            known = {str(w) for w in words}
            for cell in package.cells(table, column):
                if cell.text not in known:
                    yield package.problem(
                        "vocabulary",
                        table,
                        cell,
                        column,
                        cell.text,
                        "one of: " + ", ".join(sorted(known)),
                        "Use a word of the vocabulary.",
                    )


def _patterns(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), why) for pattern, why in pairs)


_SAFE = "no genotype makes a drug safe"
_RISK = "absence of a known risk allele is no statement about risk"
_RESPONSE = "seizure response is not predicted"
_BEYOND = "a claim beyond evidence"
_RESISTANCE = "no common variant explains drug resistance"
_NOTHING = "no rule is not no risk"
CARELESS = {
    "en": _patterns(
        (r"\bsafe(ly)?\b", _SAFE),
        (r"\b(normal|no|low|zero) risk\b|\bno increased risk\b", _RISK),
        (r"\bwill (not )?(respond|help|work|control|stop seizures)\b", _RESPONSE),
        (r"\bpredicts?\b[^.]*\b(response|resistance|efficacy)\b", _RESPONSE),
        (r"\b(predicted|expected) (drug |seizure )?response\b|\b(non-)?responders?\b", _RESPONSE),
        (r"\b(drug of choice|(best|ideal) drug)\b", _RESPONSE),
        (r"\b(cures?|guarantees?|proves?|rules out)\b", _BEYOND),
        (r"\bexplains? (the |this )?(drug |pharmaco)?-?resistance\b", _RESISTANCE),
        (r"\bno action( is)?( needed)?\b|\bno restrictions?\b", _NOTHING),
    ),
    "es": _patterns(
        (
            r"\b(es|son|resultan?|hacen?|considerar?) segur[oa]s?\b|\bcon (total )?seguridad\b|"
            r"\binocu[oa]s?\b|\bpor segur[oa]s?\b",
            _SAFE,
        ),
        (r"\briesgo (normal|bajo|nulo|cero|habitual)\b|\b(sin|ningún) riesgo\b", _RISK),
        (r"\b(responderá|ayudará|funcionará|controlará|servirá)n?\b", _RESPONSE),
        (r"\bpredicen?\b[^.]*\b(respuesta|resistencia|eficacia)\b", _RESPONSE),
        (r"\brespuesta (prevista|predicha|esperada)\b|\brespondedor(es)?\b", _RESPONSE),
        (r"\b(fármaco de elección|(mejor|fármaco) (fármaco|ideal))\b", _RESPONSE),
        (r"\b(cura|garantiza|demuestra)n?\b", _BEYOND),
        (r"\bexplican? (la |esta )?(farmaco)?-?r?resistencia\b", _RESISTANCE),
        (
            r"\bsin acción\b|\bno (requiere|precisa|hace falta) (ninguna )?(acción|actuar)\b|"
            r"\bsin restricciones\b",
            _NOTHING,
        ),
    ),
}
"""Wording that no text may have, by language, and why."""
_KEEP_TAKING = re.compile(
    r"\b(do not|never|don't) stop\b|\bno (suspender|suspenda|dejar|deje|interrumpir)\b",
    re.IGNORECASE,
)


TEXT_PREFIXES = {
    ("drug_rules", "text_id"): "rule-",
    ("drug_rules", "text_naive"): "action-",
    ("drug_rules", "text_taking"): "action-",
    ("drug_rules", "text_reaction"): "action-",
    ("drug_safety", "text_id"): "fact-",
    ("gene_therapy", "text_id"): "therapy-",
    ("clinical_context", "text_id"): "context-",
    ("drug_interactions", "text_id"): "interaction-",
    ("deciding_genes", "text_id"): "deciding-",
    ("deciding_genes", "text_tolerated"): "deciding-",
    ("hla_tags", "text_id"): "tag-",
    ("phenoconversion", "text_id"): "adjusted-",
    ("genes", "limits"): "limit-",
    ("factors", "text_id"): "factor-",
    ("factors", "text_action"): "factor-",
    ("factor_signs", "text_id"): "factor-",
    ("factor_signs", "text_undated"): "factor-",
    ("factor_signs", "text_action"): "factor-",
    ("exposure_effects", "text_people"): "exposure-",
    ("exposure_effects", "text_note"): "exposure-",
    ("report_limits", "text_id"): "limit-",
}
"""First part of the text ids that a column may name, so that a slip cannot swap two kinds."""


def is_text_column(table: str, column: str) -> bool:
    """Say whether the words of a column are ids of texts."""
    return table != "texts" and (
        column == "limits" or column == "text_id" or column.startswith("text_")
    )


@check("text-exists", "Every text id in a table has its English text.", needs=("texts",))
def check_texts(package: Package) -> Found:
    """Look up the ids of all text columns."""
    known = {r.id for r in package.rows(CuratedText) if r.language == "en"}
    for table in package.tables:
        for column in package.tables[table].columns:
            if not is_text_column(table, column):
                continue
            for cell in package.cells(table, column):
                for part in cell.parts:
                    prefix = TEXT_PREFIXES.get((table, column), "")
                    if part not in known or not part.startswith(prefix):
                        yield package.problem(
                            "text-exists",
                            table,
                            cell,
                            column,
                            part,
                            f"an id of texts.tsv in English, '{prefix}…'",
                            "Write the text or correct the id.",
                        )


def placeholders(text: str) -> set[str] | None:
    """Return the names in braces of a text, or None if the braces are broken."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None


@check(
    "text-translated",
    "A text in another language fills the same places as the English one.",
    needs=("texts",),
)
def check_translations(package: Package) -> Found:
    """Compare placeholders between languages, and find texts without English."""
    by_id: dict[str, dict[str, CuratedText]] = defaultdict(dict)
    for row in package.rows(CuratedText):
        by_id[row.id][row.language] = row
        if placeholders(row.text) is None:
            yield package.problem(
                "text-translated",
                "texts",
                row,
                "text",
                row.text,
                "paired braces",
                "Correct the braces.",
            )
    for rows in by_id.values():
        english = rows.get("en")
        for language, row in rows.items():
            if english is None:
                yield package.problem(
                    "text-translated",
                    "texts",
                    row,
                    "language",
                    language,
                    "an English text of this id",
                    "Write it.",
                )
            elif placeholders(row.text) != placeholders(english.text):
                wanted = sorted(placeholders(english.text) or ())
                yield package.problem(
                    "text-translated",
                    "texts",
                    row,
                    "text",
                    row.text,
                    f"the places {wanted} of the English text",
                    "Use the same names in braces.",
                )


@check(
    "wording-careful",
    "No text promises safety or response, and none keeps a drug going after a reaction.",
    needs=("texts",),
)
def check_wording(package: Package) -> Found:
    """Look for sentences that could harm: reassurance, promises, and advice against stopping."""
    reactions = {
        part
        for table in package.tables
        for cell in package.cells(table, "text_reaction", every=True)
        for part in cell.parts
    }
    for row in package.rows(CuratedText):
        text = row.text
        for pattern, why in CARELESS.get(row.language, ()):
            match = pattern.search(text)
            if match:
                yield package.problem(
                    "wording-careful",
                    "texts",
                    row,
                    "text",
                    match[0],
                    f"other words: {why}",
                    "Write what was found.",
                )
        if row.id in reactions and _KEEP_TAKING.search(text):
            yield package.problem(
                "wording-careful",
                "texts",
                row,
                "text",
                text,
                "words for a patient with a reaction",
                "After a reaction the drug is stopped at once.",
            )


@check("citation-exists", "Every citation key has its row.", needs=("citations",))
def check_citations(package: Package) -> Found:
    """Look up the keys of all citation columns."""
    known = {r.key for r in package.rows(Citation)}
    for table in package.tables:
        for cell in package.cells(table, "citations", every=True):
            for key in cell.parts:
                if key not in known:
                    yield package.problem(
                        "citation-exists",
                        table,
                        cell,
                        "citations",
                        key,
                        "a key of citations.tsv",
                        "Add the citation or correct the key.",
                    )


@check(
    "citation-form",
    "Keys of citations are well formed and agree with their links.",
    needs=("citations",),
)
def check_citation_form(package: Package) -> Found:
    """Match each key with the form of its kind, and PMIDs and DOIs with their link."""
    for row in package.rows(Citation):
        key = row.key
        form = KEY_FORMS.get(key.partition(":")[0])
        link = row.link
        if form is None or form.fullmatch(key) is None:
            yield package.problem(
                "citation-form",
                "citations",
                row,
                "key",
                key,
                "PMID:123, DOI:10.…, or another known kind: " + ", ".join(sorted(KEY_FORMS)),
                "Correct the key.",
            )
        elif link is not None and key.startswith("PMID:"):
            if "pubmed" in link and key[5:] not in re.findall(r"\d+", link):
                yield package.problem(
                    "citation-form",
                    "citations",
                    row,
                    "link",
                    link,
                    f"a link with {key[5:]}",
                    "Correct key or link.",
                )
        elif link is not None and key.startswith("DOI:") and "doi.org" in link:
            if not link.lower().endswith(key[4:].lower()):
                yield package.problem(
                    "citation-form",
                    "citations",
                    row,
                    "link",
                    link,
                    f"https://doi.org/{key[4:]}",
                    "Correct key or link.",
                )
        if link is not None and not link.startswith("https://"):
            yield package.problem(
                "citation-form",
                "citations",
                row,
                "link",
                link,
                "a link that begins with https://",
                "Correct the link.",
            )


@check("file-exists", "Tables name only files that ship with the package.")
def check_files(package: Package) -> Found:
    """Look for file names in cells."""
    for table, column, cell in package.all_cells():
        for name in _FILE_NAME.findall(cell.text):
            shipped = (package.path / name).is_file() or any(package.path.glob(f"*/{name}"))
            if not shipped:
                yield package.problem(
                    "file-exists",
                    table,
                    cell,
                    column,
                    name,
                    "a file of this package",
                    "Cite what ships, or say it in words.",
                )


@check("descriptor-current", "datapackage.json describes the files as they are.")
def check_descriptor(package: Package) -> Found:
    """Rebuild the descriptor and compare."""
    path = package.path / "datapackage.json"
    current = path.read_text(encoding="utf-8") if path.is_file() else None
    try:
        wanted = descriptor_text(package.path)
    except TableError:
        return
    if current != wanted:
        yield Problem(
            f"{package.shown}/datapackage.json",
            0,
            ".",
            "descriptor-current",
            "a descriptor of other files" if current else "no descriptor",
            "the descriptor of these files",
            "Run 'epilepsy-pgx reference describe'.",
        )
