"""Work of C libraries on patients' files, done in processes that may end without ending a run."""

forks = False
"""True if the worker process may be a fork of its parent."""


def fork_workers() -> None:
    """Let the worker process be a fork of this one, which has no other thread, nor will have.

    A program that works alone asks for it once. The libraries need not be imported again, which
    is most of what the process costs. Whoever else imports this package may have threads, whose
    locks a fork would keep as they are.
    """
    global forks
    forks = True
