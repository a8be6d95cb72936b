"""TSV: what is said of each drug, as a table."""

from epilepsy_pgx.report.format import Format, RenderContext, Renderer


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.tables import PatientTables

    tables = PatientTables(context.wording)
    return lambda report: tables.tsv(report).encode()


FORMAT = Format(
    name="tsv",
    suffix="tsv",
    summary="a row per drug and statement",
    renderer=_renderer,
    is_final=None,
    default=True,
)
