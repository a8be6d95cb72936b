"""What is remembered of an object is what is made of it, whatever was forgotten meanwhile."""

import gc
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.sharing import OfPart, Recent


@dataclass(frozen=True)
class Part:
    words: tuple[str, ...]


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 4))
def test_what_is_kept_is_what_was_put_last_and_not_too_much(keys, most):
    recent: Recent[int, str] = Recent(most)
    put: dict[int, str] = {}
    for turn, key in enumerate(keys):
        found = recent.get(key)
        assert found is None or found == put[key]
        recent.put(key, str(turn))
        put[key] = str(turn)
        assert recent.get(key) == str(turn)
        assert max(len(recent.new), len(recent._old)) <= most


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 4))
def test_objects_that_come_and_go_never_get_what_was_made_of_another(values, most):
    """Python gives the number of an object that is gone to a new one."""
    made = OfPart(lambda part: part.words, most)
    for value in values:
        part = Part((str(value),))
        assert made(part) == part.words
        del part
    gc.collect(0)


def test_of_one_object_it_is_made_once():
    asked = []
    made = OfPart(lambda part: asked.append(part) or len(asked))
    one, like_it = Part(("a",)), Part(("a",))
    assert [made(one), made(one), made(like_it), made(one)] == [1, 1, 2, 1]
