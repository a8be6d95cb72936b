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
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from epilepsy_pgx.report.format import TEMPLATES

_OPTIONS: dict[str, Any] = {
    "autoescape": True,
    "undefined": jinja2.StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
}
_TEXTS = 8192
"""Texts that are kept as they stand in HTML: several times those of a page that no piece holds."""
_WRITTEN_AS = "attributes and calls direct, 3"
"""Changes with what `DirectCode` writes: what was compiled before is compiled again."""


def escaped(value: object) -> str:
    """Return a value as it stands in HTML, as `markupsafe.escape` does.

    Examples
    --------
    >>> escaped("<b> & 'c'")
    '&lt;b&gt; &amp; &#39;c&#39;'
    """
    if type(value) is str:
        return _escaped_text(value)
    if isinstance(value, Markup):
        return value
    # A text of a kind of its own is a text, unless it is markup by its own account.
    if not isinstance(value, str) or (type(value) is not str and hasattr(value, "__html__")):
        return escape(value)
    return _escaped_text(str(value))


@lru_cache(_TEXTS)
def _escaped_text(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("'", "&#39;").replace('"', "&#34;")


class DirectMacro(Macro):
    """A macro; one that is given all its arguments is called with them as they are."""

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        """Return what it makes, as markup."""
        if kwargs or len(args) != self._argument_count or not self._default_autoescape:
            return super().__call__(*args, **kwargs)
        return str.__new__(Markup, self._func(*args))


class DirectCode(CodeGenerator):
    """Writes the code of templates so that attributes and calls go no long way round.

    A page asks for thousands of attributes. Each is an attribute and no item of a mapping, and
    what is called with no more than a list of arguments asks for no context: so the code says it.
    The names of its methods are those that jinja2 asks for.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Write an attribute."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        """Write a call."""
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> None:  # noqa: N802
        """Write a choice; without an alternative it is no text, not an object that says so."""
        if node.expr2 is None:
            nothing = nodes.Const("", lineno=node.lineno, environment=node.environment)
            node = nodes.CondExpr(
                node.test, node.expr1, nothing, lineno=node.lineno, environment=node.environment
            )
        super().visit_CondExpr(node, frame)

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Write a macro, of the kind that the environment has."""
        self.write("environment.")
        super().macro_def(macro_ref, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class Pages(jinja2.Environment):
    """Templates of pages, in which all that is no markup is escaped."""

    code_generator_class = DirectCode
    escaped = staticmethod(escaped)
    Macro = DirectMacro


class CompiledTemplates(jinja2.BytecodeCache):
    """The compiled templates of a folder.

    Parameters
    ----------
    folder
        The folder of the templates.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        made_with = f"{jinja2.__version__} {_WRITTEN_AS} {sorted(map(str, _OPTIONS.items()))}"
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
    environment = Pages(
        loader=jinja2.FileSystemLoader(folder),
        bytecode_cache=CompiledTemplates(folder),
        # Else each page asks whether the files of its templates are those that were read.
        auto_reload=False,
        **_OPTIONS,
    )
    environment.filters["css_class"] = lambda response: response.value.replace(" ", "-")
    return environment.get_template(name)
