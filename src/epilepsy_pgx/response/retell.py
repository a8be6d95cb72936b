"""Statements in the words that were settled for them, while statements are finished sentences."""

import re
from collections.abc import Mapping
from dataclasses import replace
from string import Formatter

from epilepsy_pgx.model import Statement
from epilepsy_pgx.response.actions import Decision, Said
from epilepsy_pgx.response.wording import Wording


def retell(
    wording: Wording, statement: Statement, was: Said, now: Decision, about: Mapping[str, str]
) -> Statement:
    """Return a statement with the texts that were settled in place of its own.

    Parameters
    ----------
    wording
        Texts.
    statement
        A finished statement.
    was, now
        The texts that it is made of, and those that it is to be made of.
    about
        Places of the action.
    """
    text = statement.text
    if now.text_id != was.text_id:
        values = _unfill(wording.template(was.text_id), text)
        if values is not None:
            old = wording.say(was.text_id, **values)
            text = text.replace(old, wording.say(now.text_id, **values), 1)
    if was.action_id and now.action_id != was.action_id:
        new = f" {wording.say(now.action_id, **about)}" if now.action_id else ""
        text = text.replace(f" {wording.say(was.action_id, **about)}", new, 1)
    if text == statement.text:
        return statement
    return replace(statement, text_id=now.text_id, text=text)


def _unfill(template: str, text: str) -> dict[str, str] | None:
    """Return what fills the places of a text that is part of a sentence."""
    names: set[str] = set()
    pattern = ""
    for literal, name, _, _ in Formatter().parse(template):
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in names else f"(?P<{name}>.*?)"
            names.add(name)
    found = re.search(pattern, text)
    return None if found is None else {k: v or "" for k, v in found.groupdict().items()}
