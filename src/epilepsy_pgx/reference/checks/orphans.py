"""Checks of what lies unused."""

import re

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.words import is_text_column
from epilepsy_pgx.reference.rows import (
    RECORDS,
    AlleleSite,
    Citation,
    CuratedSite,
    CuratedText,
    Drug,
    LoggedChange,
    SiteAllele,
    TestItem,
)
from epilepsy_pgx.reference.text_use import said_by_code, said_of_rows, said_of_sources
from epilepsy_pgx.reference.texts import do_id, short_id, why_id

_NO_NAMES = frozenset({CuratedText.TABLE, LoggedChange.TABLE})
"""Tables whose words name nothing in other tables."""
_GROUP = re.compile(r"\w+")


def _unsaid_texts(package: Package) -> Found:
    """Find texts that neither a row names nor the software says.

    A row of `actions` classifies an action that others name; it names none itself.
    """
    said = {*said_by_code()}
    for record in RECORDS:
        said |= said_of_rows(package.every(record))
    for table in package.tables.keys() - _NO_NAMES:
        sources = package.cells(table, "source", every=True)
        said |= said_of_sources(cell.text for cell in sources)
        for column in package.columns(table):
            if is_text_column(table, column) and (table, column) != ("actions", "text_id"):
                cells = package.cells(table, column, every=True)
                said.update(part for cell in cells for part in cell.parts)
    said |= set(map(short_id, said))
    for name_of in (why_id, do_id):
        said |= {name_of(row.text_id) for row in package.rows(TestItem)}
    for row in package.rows(CuratedText):
        text_id = row.id
        if text_id not in said:
            yield package.problem(
                "no-orphans",
                "texts",
                row,
                "id",
                text_id,
                "a text that a row names or the software says",
                "Remove the row, or correct its id.",
            )


def _unused_groups(package: Package) -> Found:
    """Find groups of drugs that no row of another table names, as `@group` or as a word."""
    # Most cells repeat what others say: each distinct text is read once.
    texts = {
        text
        for name, table in package.tables.items()
        if name not in _NO_NAMES | {Drug.TABLE}
        for cells in table.cells
        for text in cells
    }
    named = set(_GROUP.findall("\n".join(texts)))
    for row in package.rows(Drug):
        for group in row.groups:
            if group not in named:
                yield package.problem(
                    "no-orphans",
                    "drugs",
                    row,
                    "groups",
                    group,
                    "a group that some row names",
                    "Remove the group.",
                )


@check(
    "no-orphans",
    "No row lies unused: sites, bases, citations, texts and groups of drugs serve something.",
)
def check_orphans(package: Package) -> Found:
    """Look for rows that nothing points to."""
    cited = {
        key
        for table in package.tables
        for column in ("citations", "citation")
        for cell in package.cells(table, column, every=True)
        for key in cell.parts
    }
    for row in package.rows(Citation):
        if row.key not in cited:
            yield package.problem(
                "no-orphans",
                "citations",
                row,
                "key",
                row.key,
                "a citation that some row uses",
                "Remove the row.",
            )
    yield from _unsaid_texts(package)
    yield from _unused_groups(package)
    yield from _unused_sites(package)


def _unused_sites(package: Package) -> Found:
    """Find sites that do not serve what they say, and bases that no allele asks for."""
    bases = {(r.site, r.base) for r in package.every(AlleleSite)}
    defining = {site for site, _ in bases}
    for row in package.rows(CuratedSite):
        if (row.use == "allele") != (row.site in defining):
            yield package.problem(
                "no-orphans",
                "sites",
                row,
                "use",
                row.use,
                "'allele' for a site that defines an allele, else 'variant'",
                "Remove the site, correct its use or define the allele.",
            )
    sites = {r.site: r for r in package.rows(CuratedSite)}
    for base in package.rows(SiteAllele):
        site = sites.get(base.site)
        if site is not None and site.use == "allele":
            known = {site.grch38_ref, site.grch37_ref, site.default_allele}
            if base.allele not in known and (base.site, base.allele) not in bases:
                yield package.problem(
                    "no-orphans",
                    "site_alleles",
                    base,
                    "allele",
                    f"{base.site} {base.allele}",
                    "a base that some allele requires or allows",
                    "Remove the row.",
                )
