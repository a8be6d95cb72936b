"""The entry form as one HTML page that asks nothing of a network."""

import base64
import hashlib
import json
from functools import partial

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.entryform.schema import form_schema
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.pages import page_template
from epilepsy_pgx.report.wording import Wording

SCRIPTS = ("entry-core.js", "entry-read.js", "entry-page.js")
STYLES = ("report.css", "entry.css")


def render_form(ref: Reference, language: str = "en") -> str:
    """Return the page.

    Parameters
    ----------
    ref
        The data package, whose words, units and drug names the page knows.
    language
        Language of the page.
    """
    schema = form_schema(ref, language)
    script = _script(schema)
    say = partial(Wording(ref, language).say)
    return page_template("entry.html").render(
        language=language,
        version=ref.version,
        say=say,
        groups=schema["groups"],
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style="".join(_template(name).replace("\n", "") for name in STYLES),
        script=script,
    )


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _script(schema: dict[str, object]) -> str:
    """Return the one script of the page; its data cannot end the element that holds it."""
    data = json.dumps(schema, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = "".join(_template(name) for name in SCRIPTS)
    return f'"use strict";{{\nconst S = {data};\n{parts}}}\n'
