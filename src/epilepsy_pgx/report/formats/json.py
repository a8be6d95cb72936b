"""JSON: the whole report, from which every other format can be made again."""

import json

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.format import Format, RenderContext, Renderer


def _renderer(context: RenderContext) -> Renderer:
    from epilepsy_pgx.report.parts import JsonParts
    from epilepsy_pgx.report.said import Filler
    from epilepsy_pgx.report.serialise import report_to_json

    parts = JsonParts(Filler(context.wording))

    def render(report: PatientReport) -> bytes:
        if report.authorisation is None:
            return parts.render(report)
        return report_to_json(report).encode()

    return render


def _is_final(data: bytes) -> bool:
    from epilepsy_pgx.report.authorise import FINAL

    try:
        found = json.loads(data)
    except ValueError:
        return False
    if not isinstance(found, dict):
        return False
    return found.get("status") == FINAL or bool(found.get("authorisation"))


FORMAT = Format(
    name="json",
    suffix="json",
    summary="everything, schema in `report.schema.json`",
    renderer=_renderer,
    is_final=_is_final,
    default=True,
    released=True,
)
