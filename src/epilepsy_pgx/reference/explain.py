"""Follow a genotype, or any row, through the tables: which rows say what, on whose word."""

from collections.abc import Iterator
from dataclasses import dataclass

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.checks.genotypes import read_diplotypes
from epilepsy_pgx.reference.checks.registry import Package
from epilepsy_pgx.reference.conditions.registry import diplotypes_of
from epilepsy_pgx.reference.package import Reference, Row
from epilepsy_pgx.reference.schema import read_schemas

TABLES = (
    "genes",
    "alleles",
    "allele_sites",
    "sites",
    "phenotypes",
    "drug_rules",
    "drug_rule_conditions",
    "drugs",
    "hla_alleles",
)


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: a row, and what it says."""

    stage: str
    """`gene`, `definition`, `allele`, `phenotype`, `rule`, `row` or `source`."""
    statement: str
    table: str
    key: str
    line: int
    """Line of the row in its table."""
    source: str
    citations: tuple[str, ...] = ()
    verified: bool | None = None
    """None where the table does not say."""


def _link(stage: str, statement: str, table: str, key: str, row: Row) -> Link:
    verified = row.get("verified")
    return Link(
        stage,
        statement,
        table,
        key,
        row.line,
        row.get("source") or ".",
        row.many("citations") if "citations" in row else (),
        None if verified is None else verified == "yes",
    )


def _as_package(ref: Reference) -> Package:
    tables = {n: ref.table(n) for n in TABLES if (ref.path / f"{n}.tsv").is_file()}
    return Package(ref.path, str(ref.path), tables, {})


def _texts(ref: Reference, language: str = "en") -> dict[str, str]:
    return {r.need("id"): r["text"] or "" for r in ref.table("texts") if r["language"] == language}


def _definition(ref: Reference, gene: str, allele: str) -> Iterator[Link]:
    rows = ref.table("allele_sites").by("gene", "allele").get((gene, allele), ())
    sites = {r["site"]: r for r in ref.table("sites")}
    for row in rows:
        site = sites.get(row["site"])
        place = (
            f"GRCh38 {site['chrom']}:{site['grch38_pos']}, GRCh37 {site['chrom']}:"
            f"{site['grch37_pos']}"
            if site is not None
            else "an unknown site"
        )
        source = site if site is not None else row
        yield Link(
            "definition",
            f"{gene}{allele} {row['requirement']}: {row['base']} at {row['site']} ({place})",
            "allele_sites",
            f"{gene} {allele} {row['site']} {row['base']}",
            row.line,
            source.get("source") or ".",
        )


def explain_diplotype(ref: Reference, gene: str, diplotype: str) -> tuple[Link, ...]:
    """Return the chain from a diplotype to what the rules make of it.

    Parameters
    ----------
    ref
        The data package.
    gene
        Gene symbol.
    diplotype
        Two allele names with a slash, in any order.

    Raises
    ------
    InputError
        If the gene has no named alleles or an allele is unknown.
    """
    package = _as_package(ref)
    known = {r["allele"]: r for r in ref.table("alleles") if r["gene"] == gene}
    if not known:
        raise InputError.one(
            "gene-known",
            found=gene,
            expected="a gene with named alleles",
            fix="See reference/genes.tsv.",
        )
    pair = diplotype.split("/")
    lost = [a for a in pair if a not in known]
    if len(pair) != 2 or lost:
        raise InputError.one(
            "allele-known",
            found=", ".join(lost) or diplotype,
            expected=f"two alleles of {gene} with a slash, such as "
            f"{next(iter(known))}/{next(iter(known))}",
            fix="See reference/alleles.tsv.",
        )
    gene_row = next(r for r in ref.table("genes") if r["gene"] == gene)
    chain = [
        _link(
            "gene",
            f"{gene}: {gene_row['role']}, read by {gene_row['call_method']}, "
            f"phenotype by {gene_row['phenotype_method']}",
            "genes",
            gene,
            gene_row,
        )
    ]
    for allele in dict.fromkeys(pair):
        row = known[allele]
        chain += _definition(ref, gene, allele)
        value = f", activity value {row['activity_value']}" if row["activity_value"] else ""
        chain.append(
            _link(
                "allele",
                f"{gene}{allele}: {row['function'] or 'no function assigned'}"
                f"{value}, {row['tier']}",
                "alleles",
                f"{gene} {allele}",
                row,
            )
        )
    table = read_diplotypes(package, gene)[gene]
    number = next(i for i, n in enumerate(table.names) if sorted(n.split("/")) == sorted(pair))
    chain += _phenotype(
        ref,
        gene,
        table.phenotypes[number],
        table.scores[number],
        sorted(known[a]["function"] or "." for a in pair),
    )
    chain += _rules(ref, package, gene, number)
    return tuple(chain)


def _phenotype(
    ref: Reference, gene: str, phenotype: str | None, score: object, functions: list[str]
) -> Iterator[Link]:
    shown = f"{gene}: {phenotype or 'no phenotype assigned'}"
    if score is not None:
        shown += f", activity score {score}"
    for row in ref.table("phenotypes").by("gene").get((gene,), ()):
        pair = sorted((row["function_1"] or ".", row["function_2"] or "."))
        banded = row["method"] == "activity_score"
        if row["phenotype"] == phenotype and (banded or pair == functions):
            yield _link(
                "phenotype",
                shown,
                "phenotypes",
                " ".join(
                    row[c] or "."
                    for c in ("gene", "method", "function_1", "function_2", "score_from")
                ),
                row,
            )
            return
    yield Link("phenotype", shown, "phenotypes", gene, 0, "no row: the functions give none")


def _rules(ref: Reference, package: Package, gene: str, number: int) -> Iterator[Link]:
    conditions = ref.table("drug_rule_conditions").by("rule_id")
    texts = _texts(ref)
    table = read_diplotypes(package, gene)[gene]
    for row in ref.table("drug_rules"):
        asked = conditions.get((row["rule_id"],), ())
        answers = [(c, diplotypes_of(c, table) if c["subject"] == gene else None) for c in asked]
        decided = [hits for _, hits in answers if hits is not None]
        if not decided or not all(number in hits for hits in decided):
            continue
        others = [c for c, hits in answers if hits is None]
        also = (
            "; also needs "
            + ", ".join(f"{c['subject']} {c['operator']} {c['value']}" for c in others)
            if others
            else ""
        )
        text = texts.get(row.need("text_id"), "")
        percent = row.get("percent_of_standard_dose")
        if percent:
            text = text.replace("{percent_of_standard_dose}", percent)
        yield _link(
            "rule",
            f"{row['drug']}: {row['response']} (tier {row['tier']}){also}. {text}",
            "drug_rules",
            row.need("rule_id"),
            row,
        )


def explain_row(ref: Reference, key: str) -> tuple[Link, ...]:
    """Return every row whose key, or first part of its key, is a given word, with its sources.

    Raises
    ------
    InputError
        If no table has such a row.
    """
    schemas, _ = read_schemas(ref.path)
    texts = _texts(ref)
    found: list[Link] = []
    for name, schema in schemas.items():
        if not (ref.path / f"{name}.tsv").is_file():
            continue
        for row in ref.table(name):
            parts = [row.get(c) or "." for c in schema.primary_key]
            if key not in (" ".join(parts), parts[0]):
                continue
            said = "; ".join(
                f"{c} = {v}"
                for c, v in row.items()
                if v is not None and c not in ("source", "citations", "verified")
            )
            wording = texts.get(row.get("text_id") or "")
            if wording:
                said += f". Wording: {wording}"
            found.append(_link("row", said, name, " ".join(parts), row))
    if not found:
        raise InputError.one(
            "row-known",
            found=key,
            expected="the key of a row of some table",
            fix="Name a rule id, a gene and diplotype, or a drug.",
        )
    return tuple(found)


def with_sources(ref: Reference, chain: tuple[Link, ...]) -> tuple[Link, ...]:
    """Append the citations of a chain, each once."""
    rows = {r["key"]: r for r in ref.table("citations")}
    keys = dict.fromkeys(k for link in chain for k in link.citations)
    cited = []
    for key in keys:
        row = rows.get(key)
        if row is not None:
            year = f" ({row['year']})" if row["year"] else ""
            where = f" {row['link']}" if row["link"] else ""
            cited.append(
                Link(
                    "source",
                    f"{key}: {row['title']}{year}{where}",
                    "citations",
                    key,
                    row.line,
                    row["kind"] or ".",
                )
            )
    return (*chain, *cited)


def chain_text(chain: tuple[Link, ...]) -> str:
    """Write a chain for a person: what is said, and where it stands."""
    lines = []
    for link in chain:
        mark = " (unverified)" if link.verified is False else ""
        lines.append(f"{link.stage:<11} {link.statement}{mark}")
        if link.stage != "source":
            cited = f" [{', '.join(link.citations)}]" if link.citations else ""
            place = f"{link.table}.tsv:{link.line}" if link.line else f"{link.table}.tsv"
            lines.append(f"{'':<11} {place} {link.key}; {link.source}{cited}")
    return "\n".join(lines) + "\n"
