"""Compare the tables with CPIC, PharmCAT and Ensembl, and say what has drifted.

Nothing is edited.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable, load_phenotypes
from epilepsy_pgx.reference.rows import ALLELES_BY_GENE, Allele, CuratedSite, Drug, DrugRule, Gene
from epilepsy_pgx.reference.schema import to_decimal
from epilepsy_pgx.reference.texts import ANTISEIZURE
from epilepsy_pgx.reference.web import WebClient, require_shape

CPIC_API = "https://api.cpicpgx.org/v1"
ENSEMBL_API = "https://rest.ensembl.org"
PHARMCAT_DATA = (
    "https://raw.githubusercontent.com/PharmGKB/PharmCAT/main/src/main/resources/org/pharmgkb/"
    "pharmcat/phenotype/cpic"
)
"""Folder with one JSON file for each gene: the functions of alleles, and phenotypes."""
IDS_PER_REQUEST = 200
"""Ensembl takes at most 200 variant ids in one request."""
ALLELE_FIELDS = ("genesymbol", "name", "clinicalfunctionalstatus", "activityvalue")
DRUG_FIELDS = ("drugid", "name")
RECOMMENDATION_FIELDS = ("id", "version", "lookupkey", "drugrecommendation", "classification")


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One difference between a table and a source."""

    table: str
    key: str
    what: str
    """`new allele`, `missing allele`, `function`, `activity value`, `phenotype`,
    `new recommendation`, `recommendation`, `merged rsID`, `unknown rsID` or `position`."""
    here: str
    there: str
    source: str


def _same_number(here: Decimal | None, there: str | None) -> bool:
    if there in (None, "", "n/a", "N/A"):
        return here is None
    return here is not None and here == to_decimal(there or "")


def compare_alleles(
    ref: Reference, gene: str, upstream: Iterable[dict[str, Any]]
) -> Iterator[Drift]:
    """Compare the named alleles of one gene with CPIC's."""
    ours = {r.allele: r for r in ref.grouped(ALLELES_BY_GENE).get(gene, ())}
    theirs = {str(item["name"]): item for item in upstream}
    for name in sorted(set(theirs) - set(ours)):
        function = theirs[name]["clinicalfunctionalstatus"] or "."
        yield Drift("alleles", f"{gene} {name}", "new allele", "nothing", str(function), "CPIC API")
    for name, row in ours.items():
        item = theirs.get(name)
        if item is None:
            yield Drift(
                "alleles",
                f"{gene} {name}",
                "missing allele",
                row.function or ".",
                "nothing",
                "CPIC API",
            )
            continue
        function = item["clinicalfunctionalstatus"]
        if (function or "").lower() != (row.function or "").lower():
            yield Drift(
                "alleles",
                f"{gene} {name}",
                "function",
                row.function or ".",
                str(function or "."),
                "CPIC API",
            )
        value = item["activityvalue"]
        if not _same_number(row.activity_value, None if value is None else str(value)):
            yield Drift(
                "alleles",
                f"{gene} {name}",
                "activity value",
                "." if row.activity_value is None else str(row.activity_value),
                str(value),
                "CPIC API",
            )


def compare_recommendations(
    drug: str,
    ours: Sequence[DrugRule],
    now: Sequence[dict[str, Any]],
    before: Sequence[dict[str, Any]] | None,
) -> Iterator[Drift]:
    """Compare CPIC's recommendations on a drug with those seen before, and with our rules.

    Wording is not stored in the tables, so that a change of wording shows against the answer
    of the last run only.
    """
    cited = [r for r in ours if "CPIC" in r.source]
    old = {item["id"]: item for item in before or ()}
    for item in now:
        key = " ".join(f"{g} {v}" for g, v in sorted((item["lookupkey"] or {}).items()))
        text = str(item["drugrecommendation"] or ".")
        seen = old.get(item["id"])
        if not cited:
            yield Drift(
                "drug_rules",
                f"{drug} {key}",
                "new recommendation",
                "no rule from CPIC",
                text,
                "CPIC API",
            )
        elif before is not None and seen is None:
            yield Drift(
                "drug_rules",
                f"{drug} {key}",
                "new recommendation",
                "not seen before",
                text,
                "CPIC API",
            )
        elif seen is not None and any(
            seen.get(k) != item.get(k) for k in ("drugrecommendation", "classification")
        ):
            yield Drift(
                "drug_rules",
                f"{drug} {key}",
                "recommendation",
                str(seen.get("drugrecommendation")),
                text,
                "CPIC API",
            )


def compare_variants(
    rows: Sequence[CuratedSite], answer: dict[str, Any], url: str
) -> Iterator[Drift]:
    """Compare rsIDs and GRCh38 positions with Ensembl's."""
    for row in rows:
        rsid = row.rsid or ""
        item = answer.get(rsid)
        if item is None:
            merged = next((k for k, v in answer.items() if rsid in (v.get("synonyms") or ())), None)
            if merged is None:
                yield Drift("sites", rsid, "unknown rsID", rsid, "nothing", "Ensembl")
                continue
            item = answer[merged]
        name = item.get("name")
        if name != rsid:
            yield Drift("sites", rsid, "merged rsID", rsid, str(name), "Ensembl")
        places = {
            (str(m.get("seq_region_name")), int(m["start"]))
            for m in item.get("mappings", ())
            if m.get("assembly_name") == "GRCh38" and "start" in m
        }
        if not isinstance(item.get("mappings"), list):
            raise InputError.one(
                "service-shape",
                file=url,
                found=f"no mappings of {rsid}",
                expected="variants with mappings",
                fix="The service has changed: update this software.",
            )
        chrom, pos = row.chrom, row.grch38_pos
        rolled = len(row.flank_right or "") if row.kind == "indel" else 0
        span = range(pos, pos + len(row.grch38_ref) + 1 + rolled)
        if places and not any(c == chrom and start in span for c, start in places):
            there = ", ".join(f"{c}:{p}" for c, p in sorted(places))
            yield Drift("sites", rsid, "position", f"{chrom}:{pos}", there, "Ensembl")


def check_upstream(
    ref: Reference,
    client: WebClient,
    *,
    cpic: str = CPIC_API,
    ensembl: str = ENSEMBL_API,
    pharmcat: str | None = None,
) -> tuple[Drift, ...]:
    """Ask each source about everything that the tables take from it.

    Parameters
    ----------
    ref
        The data package.
    client
        How to ask: cache, offline, pauses.
    cpic, ensembl
        Addresses of the services.
    pharmcat
        Address of PharmCAT's data; None to leave it out.

    Returns
    -------
    tuple of Drift
        Sorted; empty if nothing has changed.

    Raises
    ------
    InputError
        If a source cannot be reached or answers in another shape.
    """
    found = [
        *_alleles_drift(ref, client, cpic),
        *_recommendations_drift(ref, client, cpic),
        *_variants_drift(ref, client, ensembl),
        *(_published_drift(ref, client, pharmcat) if pharmcat is not None else ()),
    ]
    return tuple(sorted(set(found)))


def _cpic_genes(ref: Reference) -> list[str]:
    """Return the genes of which some alleles come from CPIC."""
    return sorted({r.gene for r in ref.rows(Allele) if "CPIC" in r.source})


def _alleles_drift(ref: Reference, client: WebClient, cpic: str) -> Iterator[Drift]:
    """Compare the alleles of each gene of which some come from CPIC."""
    url = f"{cpic}/allele"
    for gene in _cpic_genes(ref):
        asked = {"genesymbol": f"eq.{gene}", "select": ",".join(ALLELE_FIELDS)}
        answer = require_shape(url, client.get(url, asked), ALLELE_FIELDS)
        yield from compare_alleles(ref, gene, answer)


def _published_drift(ref: Reference, client: WebClient, address: str) -> Iterator[Drift]:
    """Compare functions and phenotypes with those that PharmCAT publishes."""
    genes = {r.gene: r for r in ref.rows(Gene)}
    for gene in _cpic_genes(ref):
        url = f"{address}/{gene}.json"
        answer = client.get(url)
        functions = answer.get("haplotypes") if isinstance(answer, dict) else None
        if not isinstance(functions, dict) or not isinstance(answer.get("diplotypes"), list):
            raise InputError.one(
                "service-shape",
                file=url,
                found="an answer in an unexpected format",
                expected="an object with haplotypes and diplotypes",
                fix="The data have changed: update this software.",
            )
        values = answer.get("activityValues") or {}
        listed = (
            {"name": n, "clinicalfunctionalstatus": f, "activityvalue": values.get(n)}
            for n, f in functions.items()
        )
        for drift in compare_alleles(ref, gene, listed):
            yield replace(drift, source="PharmCAT")
        yield from compare_phenotypes(load_phenotypes(ref, genes[gene]), answer["diplotypes"])


def compare_phenotypes(
    table: PhenotypeTable, diplotypes: Iterable[dict[str, Any]]
) -> Iterator[Drift]:
    """Compare what two alleles mean together, once for each pair of functions."""
    for item in diplotypes:
        sides = str(item.get("diplotype")).split("/")
        there = str(item.get("generesult") or item.get("phenotype") or ".")
        if len(sides) != 2 or any(table.single(side) is None for side in sides):
            continue
        ours = table.resolve(sides)
        if (ours.phenotype or ".") != there:
            key = f"{table.gene} {' + '.join(ours.functions)}"
            yield Drift("phenotypes", key, "phenotype", ours.phenotype or ".", there, "PharmCAT")


def _rules_by_drug(ref: Reference) -> dict[str, list[DrugRule]]:
    """Return the rules of each drug, those of its groups among them."""
    groups: dict[str, set[str]] = {}
    for row in ref.rows(Drug):
        for group in (row.drug, *(f"@{g}" for g in row.groups)):
            groups.setdefault(group, set()).add(row.drug)
    rules: dict[str, list[DrugRule]] = {}
    for rule in ref.rows(DrugRule):
        for word in rule.drug:
            for drug in groups.get(word, ()):
                rules.setdefault(drug, []).append(rule)
    return rules


def _recommendations_drift(ref: Reference, client: WebClient, cpic: str) -> Iterator[Drift]:
    """Compare the recommendations on each antiseizure drug with those of the last run."""
    rules = _rules_by_drug(ref)
    by_name, url = f"{cpic}/drug", f"{cpic}/recommendation"
    for drug in sorted(r.drug for r in ref.rows(Drug) if r.kind == ANTISEIZURE):
        named = client.get(by_name, {"name": f"eq.{drug}", "select": ",".join(DRUG_FIELDS)})
        for item in require_shape(by_name, named, DRUG_FIELDS):
            asked = {"drugid": f"eq.{item['drugid']}", "select": ",".join(RECOMMENDATION_FIELDS)}
            before = client.previous(url, asked)
            now = require_shape(url, client.get(url, asked), RECOMMENDATION_FIELDS)
            yield from compare_recommendations(drug, rules.get(drug, ()), now, before)


def _variants_drift(ref: Reference, client: WebClient, ensembl: str) -> Iterator[Drift]:
    """Compare all sites that have an rsID."""
    rows = [r for r in ref.rows(CuratedSite) if r.rsid]
    url = f"{ensembl}/variation/homo_sapiens"
    for start in range(0, len(rows), IDS_PER_REQUEST):
        part = rows[start : start + IDS_PER_REQUEST]
        answer = client.post(url, {"ids": [r.rsid for r in part]})
        if not isinstance(answer, dict):
            raise InputError.one(
                "service-shape",
                file=url,
                found="an answer in an unexpected format",
                expected="an object by variant id",
                fix="The service has changed: update this software.",
            )
        yield from compare_variants(part, answer, url)


def drift_table(drifts: Sequence[Drift]) -> str:
    """Write drift as a tab-separated table with a header."""
    lines = ["table\tkey\twhat\there\tthere\tsource"]
    lines += [
        "\t".join(str(v).replace("\t", " ").replace("\n", " ") for v in asdict(d).values())
        for d in drifts
    ]
    return "\n".join(lines) + "\n"


def drift_json(drifts: Sequence[Drift]) -> str:
    """Write drift as JSON."""
    rows = [asdict(d) for d in drifts]
    return json.dumps({"drift": rows}, indent=1, ensure_ascii=False) + "\n"
