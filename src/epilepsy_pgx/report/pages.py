"""The templates of HTML pages, compiled once for an installation where it may be written to.

Compiled templates are kept as Python keeps its compiled modules: in the `__pycache__` beside their
source, under what made them, and not at all where Python may not keep its own. What is kept is
made again if it is not whole, or not of the template as it stands.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from functools import lru_cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from epilepsy_pgx.report.format import TEMPLATES

_OPTIONS: dict[str, Any] = {
    "autoescape": True,
    "undefined": jinja2.StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
}


class CompiledTemplates(jinja2.BytecodeCache):
    """The compiled templates of a folder.

    Parameters
    ----------
    folder
        The folder of the templates.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        made_with = f"{jinja2.__version__} {sorted(map(str, _OPTIONS.items()))}"
        self._made_with = hashlib.sha256(made_with.encode()).hexdigest()[:16]

    def place(self, key: str) -> Path:
        """Return where a template is kept, by the key that jinja2 gives it."""
        # The name of the module tells one version of Python from another.
        module = Path(cache_from_source(str(self._folder / "page.py")))
        return module.with_name(f"{module.stem}-{key[:16]}-{self._made_with}.jinja")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it is whole."""
        try:
            with self.place(bucket.key).open("rb") as handle:
                if os.fstat(handle.fileno()).st_mode & 0o002:
                    return
                data = handle.read()
        except OSError:
            return
        digest, code = data[:32], data[32:]
        if hashlib.sha256(code).digest() == digest:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if that can be done."""
        if sys.dont_write_bytecode:
            return
        code = bucket.bytecode_to_string()
        path = self.place(bucket.key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(number, "wb") as handle:
                    handle.write(hashlib.sha256(code).digest() + code)
                os.chmod(name, 0o644)
                os.replace(name, path)
            except OSError:
                os.unlink(name)
                raise


@lru_cache(maxsize=8)
def page_template(name: str, folder: Path = TEMPLATES) -> jinja2.Template:
    """Return a template, for all languages."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        bytecode_cache=CompiledTemplates(folder),
        # Else each page asks whether the files of its templates are those that were read.
        auto_reload=False,
        **_OPTIONS,
    )
    environment.filters["css_class"] = lambda response: response.value.replace(" ", "-")
    return environment.get_template(name)
