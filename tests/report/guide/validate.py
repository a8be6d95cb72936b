"""A validator of FHIR instances: what a snapshot says of an element, element by element.

It checks cardinality, fixed and pattern values, slices by value, type and profile, bindings to
value sets that the packages hold, invariants that are errors, and the forms of primitive values.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from tests.report.guide.package import FILE
from tests.report.guide.primitives import code_of, faults_of, is_primitive

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"


class Fault(NamedTuple):
    """What is wrong at a place."""

    kind: str
    """cardinality, unknown, fixed, slice, binding, invariant, type or profile."""
    path: str
    found: str


class Node:
    """An element of a snapshot with its children and slices."""

    def __init__(self, element: Json) -> None:
        self.element = element
        self.children: dict[str, Node] = {}
        self.slices: dict[str, Node] = {}

    def __getattr__(self, name: str) -> Any:
        return self.element.get(name)


@cache
def definitions() -> Json:
    found: Json = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


@cache
def tree(url: str) -> Node:
    """Return the root of a definition's snapshot."""
    listed = definitions()["StructureDefinition"][url]["element"]
    nodes = {e["id"]: Node(e) for e in listed}
    for name, node in nodes.items():
        parent, _, last = name.rpartition(".")
        if not parent:
            continue
        base, _, part = last.partition(":")
        if part and f"{parent}.{base}" in nodes:
            nodes[f"{parent}.{base}"].slices[part] = node
        else:
            nodes[parent].children[base] = node
    root = next(iter(nodes.values()))
    root.element["nodes"] = nodes
    return root


def has_pattern(value: Any, pattern: Any) -> bool:
    """Say whether a value holds all that a pattern asks for."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            has_pattern(value.get(k), v) for k, v in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(has_pattern(v, p) for v in value) for p in pattern
        )
    return bool(value == pattern)


def values(item: Json, name: str) -> list[tuple[str, Any]]:
    """Return the values of an element, each with the type that a choice names."""
    if name.endswith("[x]"):
        stem = name[:-3]
        found = [
            (k[len(stem) :], v)
            for k, v in item.items()
            if k.startswith(stem) and k[len(stem) :][:1].isupper()
        ]
    else:
        found = [("", item[name])] if name in item else []
    return [
        (kind, v) for kind, value in found for v in (value if isinstance(value, list) else [value])
    ]


class Validator:
    """Validates the resources of one bundle."""

    def __init__(self, bundle: Json) -> None:
        self._by_url = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}
        self._bundle = bundle

    def faults(self) -> list[Fault]:
        """Return everything that is wrong."""
        found = [f for f in self._resource(self._bundle, CORE + "Bundle", "Bundle")]
        for number, entry in enumerate(self._bundle["entry"]):
            item = entry["resource"]
            kind = item["resourceType"]
            place = f"entry[{number}].{kind}"
            for url in item.get("meta", {}).get("profile", [CORE + kind]):
                if url not in definitions()["StructureDefinition"]:
                    found.append(Fault("profile", place, url))
                    continue
                found += self._resource(item, url, place)
        return list(dict.fromkeys(found))

    def conforms(self, item: Json, url: str) -> bool:
        """Say whether a resource names a profile, or one that is derived from it."""
        named = item.get("meta", {}).get("profile", []) + [CORE + item["resourceType"]]
        known = definitions()["StructureDefinition"]
        for one in named:
            while one in known:
                if one == url:
                    return True
                one = known[one]["base"]
        return False

    def _resource(self, item: Json, url: str, place: str) -> Iterator[Fault]:
        root = tree(url)
        if definitions()["StructureDefinition"][url]["type"] != item["resourceType"]:
            yield Fault("profile", place, f"{url} on {item['resourceType']}")
            return
        yield from self._value(item, root, place, item, "")

    def _value(
        self, value: Any, node: Node, place: str, resource: Json, kind: str
    ) -> Iterator[Fault]:
        yield from self._own(value, node, place, resource)
        if not isinstance(value, dict):
            return
        below = self._below(node, value, kind)
        if below is None:
            return
        known = set()
        for name, child in below.children.items():
            found = values(value, name)
            if wrong := _list_fault(value.get(name), child):
                yield Fault("type", f"{place}.{name}", wrong)
            known |= (
                {name}
                if not name.endswith("[x]")
                else {k for k in value if k.startswith(name[:-3])}
            )
            yield from self._element(found, child, f"{place}.{name}", resource)
        odd = [
            k
            for k in value
            if k not in known and k not in ("resourceType", "resource") and not k.startswith("_")
        ]
        for name in odd:
            yield Fault("unknown", f"{place}.{name}", name)
        if below is not node:
            yield from self._invariants(value, below, place, resource)

    def _below(self, node: Node, value: Json, kind: str) -> Node | None:
        """Return where the children of a value are defined."""
        if node.children and (node.type is None or "." not in node.id or len(node.children) > 2):
            return node
        if node.contentReference:
            whole = node.contentReference.removeprefix("#").rpartition("#")[2]
            for url in definitions()["StructureDefinition"]:
                if url == CORE + whole.split(".")[0]:
                    found: Node = tree(url).element["nodes"][whole]
                    return found
        kinds = [t["code"] for t in node.type or ()]
        code = kind if kind and kind in kinds else (kinds[0] if kinds else kind)
        if "extension" in value or code == "Extension":
            pass
        url = CORE + code
        return tree(url) if url in definitions()["StructureDefinition"] else None

    def _element(
        self, found: list[tuple[str, Any]], node: Node, place: str, resource: Json
    ) -> Iterator[Fault]:
        yield from _count(len(found), node, place)
        kinds = {t["code"] for t in node.type or ()}
        used: dict[str, int] = dict.fromkeys(node.slices, 0)
        for number, (kind, value) in enumerate(found):
            at = f"{place}[{number}]"
            lower = {k.lower() for k in kinds}
            if kind and kinds and kind.lower() not in lower:
                yield Fault("type", at, kind)
                continue
            for wrong in faults_of(value, code_of(node.type, kind)):
                yield Fault("type", at, wrong)
            yield from self._value(value, node, at, resource, kind)
            matching = [n for n, s in node.slices.items() if self._matches(value, kind, node, s)]
            for name in matching[:1]:
                used[name] += 1
                yield from self._value(value, node.slices[name], f"{at}:{name}", resource, kind)
            if not matching and node.slicing and node.slicing["rules"] == "closed":
                yield Fault("slice", at, "none of a closed list")
        for name, number in used.items():
            yield from _count(number, node.slices[name], f"{place}:{name}", "slice")

    def _matches(self, value: Any, kind: str, node: Node, part: Node) -> bool:
        """Say whether a value belongs to a slice."""
        return all(
            self._discriminated(value, kind, part, d)
            for d in (node.slicing or {}).get("discriminator", ())
        )

    def _discriminated(self, value: Any, kind: str, part: Node, by: Json) -> bool:
        if by["type"] == "type":
            return kind.lower() in {t["code"].lower() for t in part.type}
        if by["type"] == "profile":
            target = self._by_url.get(value.get("reference", ""))
            profiles = [p for t in part.type for p in t.get("targetProfile", ())]
            return target is not None and any(self.conforms(target, p) for p in profiles)
        if by["path"] == "url":
            named = [p for t in part.type or () for p in t.get("profile", ())]
            return value.get("url") in named
        inner = part.children.get(by["path"])
        if inner is None:
            return False
        wanted = _fixed(inner)
        if wanted is None:  # the children of the discriminator hold the values
            wanted = {n: w for n, c in inner.children.items() if (w := _fixed(c)) is not None}
        here = value.get(by["path"])
        options = here if isinstance(here, list) else [here]
        return bool(wanted) and any(has_pattern(v, wanted) for v in options)

    def _own(self, value: Any, node: Node, place: str, resource: Json) -> Iterator[Fault]:
        wanted = _fixed(node)
        if wanted is not None:
            exact = any(k.startswith("fixed") for k in node.element)
            if (value != wanted) if exact else not has_pattern(value, wanted):
                yield Fault("fixed", place, json.dumps(value)[:80])
        if node.binding and node.binding[0] == "required":
            yield from _bound(value, node.binding[1], place)
        targets = [p for t in node.type or () for p in t.get("targetProfile", ())]
        if targets and isinstance(value, dict) and "reference" in value:
            target = self._by_url.get(value["reference"])
            any_kind = CORE + "Resource" in targets
            if target is None or not (any_kind or any(self.conforms(target, p) for p in targets)):
                yield Fault("type", place, "a reference to something else")
        yield from self._invariants(value, node, place, resource)

    def _invariants(self, value: Any, node: Node, place: str, resource: Json) -> Iterator[Fault]:
        if not isinstance(value, dict):
            return
        if broken := _by_hand(value, node):
            yield Fault("invariant", place, broken)
        for key, severity, expression in node.constraint or ():
            if severity != "error" or key in SKIPPED:
                continue
            if not _holds(expression, value, resource):
                yield Fault("invariant", place, key)


def _list_fault(value: Any, node: Node) -> str:
    """Say what is wrong with a list: an empty one, or one where a single value has to stand."""
    if not isinstance(value, list):
        return ""
    single = node.max == "1" and is_primitive(code_of(node.type, ""))
    return "an empty list" if not value else "a list" if single else ""


def _count(number: int, node: Node, place: str, kind: str = "cardinality") -> Iterator[Fault]:
    most = node.max
    if number < (node.min or 0) or (most not in (None, "*") and number > int(most)):
        yield Fault(kind, place, f"{number} of {node.min}..{most}")


def _fixed(node: Node) -> Any:
    return next((v for k, v in node.element.items() if k.startswith(("fixed", "pattern"))), None)


def _bound(value: Any, url: str, place: str) -> Iterator[Fault]:
    allowed = value_set(url)
    if allowed is None:
        return
    if isinstance(value, str):
        pairs = [(None, value)]
    else:
        codings = value.get("coding", []) if "coding" in value or "text" in value else [value]
        pairs = [(c.get("system"), c.get("code")) for c in codings]
    good = any(
        code in codes
        for system, codes in allowed.items()
        for s, code in pairs
        if s in (None, system)
    )
    if not good:
        yield Fault("binding", place, str(pairs)[:80])


@cache
def value_set(url: str) -> dict[str, frozenset[str]] | None:
    """Return the codes of a value set by system; None if the packages do not hold them all."""
    found = definitions()["ValueSet"].get(url)
    if found is None or found["exclude"]:
        return None
    codes: dict[str, frozenset[str]] = {}
    for system, listed, others, filtered in found["include"]:
        if filtered or others:
            return None
        if listed is None:
            listed = definitions()["CodeSystem"].get(system, {}).get("codes")
        if listed is None:
            return None
        codes[system] = codes.get(system, frozenset()) | frozenset(listed)
    return codes


SKIPPED = frozenset({"ele-1", "ext-1", "dom-3", "rng-2"})
"""Invariants that fhirpathpy does not evaluate as they stand. The first two, that nothing is empty
and that an extension has a value or parts, are checked here. Of contained resources we have none;
the last one compares two quantities."""


def _by_hand(value: Json, node: Node) -> str:
    """Return the invariant of `SKIPPED` that a value breaks; empty if none."""
    if not value or "contained" in value:
        return "ele-1"
    if [t["code"] for t in node.type or ()] == ["Extension"]:
        parts = sum(k == "extension" or k.startswith("value") for k in value)
        return "" if parts == 1 else "ext-1"
    return ""


_OWN = {
    "userInvocationTable": {
        "hasValue": {"fn": lambda items: [bool(items)]},
        "trace": {"fn": lambda items, label: items, "arity": {1: ["String"]}},
    }
}
"""What fhirpathpy lacks of FHIR's own functions."""


@cache
def _compiled(expression: str) -> Callable[..., Any]:
    from fhirpathpy import compile as compile_path
    from fhirpathpy.models import models

    made: Callable[..., Any] = compile_path(expression, models["r4"], _OWN)
    return made


def _holds(expression: str, value: Json, resource: Json) -> bool:
    around = {"resource": resource, "rootResource": resource}
    return _compiled(expression)(value, around) in ([True], [])
