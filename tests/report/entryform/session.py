"""One session of a browser for all that is asked of the entry form."""

import base64
import hashlib
import json
import re
import subprocess
from html import unescape
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.entryform.page import render_form
from tests.chromium import LAUNCH

TODAY = "2026-11-28"
ASK = """(async () => {
const out = {errors: []};
addEventListener("securitypolicyviolation", e => out.errors.push(e.violatedDirective));
addEventListener("error", e => out.errors.push(e.message));
const F = window.entryForm, read = id => JSON.parse(document.getElementById(id).textContent);
const {cases, packets, names, today} = read("asked");
try {
out.cases = cases.map(cells => {
  const state = F.fromCells("P001", cells), packet = F.packetOf(state, today);
  const again = F.stateOf(JSON.parse(JSON.stringify(packet)));
  return {packet, faults: F.check(state, today).map(f => [f.at[0], f.text]), notes: again.notes,
    twice: JSON.stringify(F.packetOf(again.state, today)) === JSON.stringify(packet),
    cells: F.cellsOf(again.state)};
});
out.names = names.map(F.drugOf);
out.packets = packets.map(p => {
  const read = F.stateOf(p);
  return read && {notes: read.notes, packet: F.packetOf(read.state, today)};
});
UI
} catch (e) { out.errors.push(String(e.stack || e)); }
document.body.replaceChildren();
const shown = document.createElement("pre");
shown.id = "out";
shown.textContent = JSON.stringify(out);
document.body.append(shown);
})();"""


def ask_page(
    ref: Reference,
    folder: Path,
    asked: dict[str, Any],
    script: str = "",
    library: str = "",
    options: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return what the functions of the page answer in a browser, under the page's own policy."""
    browser = which("chromium") or which("google-chrome")
    if browser is None:
        pytest.skip("no chromium")
    ask = ASK.replace("UI", script)
    page = render_form(ref)
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (library, ask)
    )
    page = page.replace("script-src ", f"script-src {digests} ")
    data = json.dumps({"packets": [], "names": [], "today": TODAY, **asked}).replace("<", "\\u003c")
    more = f'<script type="application/json" id="asked">{data}</script>'
    more += f"<script>{library}</script><script>{ask}</script></body>"
    source = folder / "entry.html"
    source.write_text(page.replace("</body>", more), encoding="utf-8")
    done = subprocess.run(
        [
            browser,
            *LAUNCH,
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=20000",
            *options,
            "--dump-dom",
            source.as_uri(),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, "the page gave no answer"
    answer: dict[str, Any] = json.loads(unescape(found[1]))
    return answer
