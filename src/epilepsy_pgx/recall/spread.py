"""Work on many patients by several processes, in their order and without holding them all."""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 4
"""Items for each process that are read before the first of them is done."""
FEW = 8
"""So many are done sooner than processes are started."""
_work: list[Callable[[Any], Any]] = []
"""What the processes do: they are copies of this one, so that nothing of it is sent."""


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[Item], Made], items: Iterable[Item], processes: int
) -> Iterator[tuple[Item, Made]]:
    """Yield each item with what is made of it, in the order of the items.

    Parameters
    ----------
    work
        Makes it; items and what is made of them go from process to process, and nothing else.
    items
        Read here, a few ahead.
    processes
        How many work; with one, or with few items, all is done in this process.
    """
    coming = iter(items)
    first = list(islice(coming, FEW))
    if processes < 2 or len(first) < FEW or "fork" not in multiprocessing.get_all_start_methods():
        for item in chain(first, coming):
            yield item, work(item)
        return
    _work.append(work)
    gc.freeze()  # what is there already is neither looked through nor copied by the processes
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork"))
    try:
        waiting: deque[tuple[Item, Future[Made]]] = deque()
        for item in chain(first, coming):
            waiting.append((item, pool.submit(_call, item)))
            if len(waiting) >= AHEAD * processes:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()
        _work.remove(work)


def _next(waiting: "deque[tuple[Item, Future[Made]]]") -> tuple[Item, Made]:
    item, made = waiting.popleft()
    return item, made.result()


def _call(item: Any) -> Any:
    return _work[-1](item)
