"""The tasks of a run on threads of this machine, or on the workers of Dask: the same tasks, in the same order."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.job import Job
from smile_xl.books.dataset.partition import Part, run_piece
from smile_xl.books.dataset.source import Piece

ENGINES = ("local", "dask")

AHEAD = 3
"""Tasks per worker that are handed out before the first of them is merged: enough that none waits for another."""


WORKERS = {
    # Dask's MALLOC_TRIM_THRESHOLD_ gives memory back to the system after each array, which takes half as long again
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1},
    "distributed.worker.profile.enabled": False,
}
"""Configuration of the workers that are started here."""


def run_tasks(
    job: Job,
    pieces: Sequence[Piece],
    *,
    engine: str = "local",
    workers: int | None = None,
    scheduler: str | None = None,
) -> Iterator[Part]:
    """The parts of all row groups, in the order of these, each as soon as those before it are there."""
    if engine == "dask":
        with _dask(workers, scheduler) as (submit, slots):
            yield from _in_order(job, pieces, submit, slots)
        return
    count = workers or usable_processors()
    with ThreadPoolExecutor(count) as threads:
        yield from _in_order(job, pieces, threads.submit, count)


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Submit = Callable[[Callable[[Job, Piece], Part], Job, Piece], "Future[Part]"]


def _in_order(job: Job, pieces: Sequence[Piece], submit: Submit, slots: int) -> Iterator[Part]:
    running: deque[Future[Part]] = deque()
    waiting = iter(pieces)
    try:
        while True:
            for piece in waiting:
                running.append(submit(run_piece, job, piece))
                if len(running) >= AHEAD * slots:
                    break
            if not running:
                return
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()


@contextlib.contextmanager
def _dask(workers: int | None, scheduler: str | None) -> Iterator[tuple[Submit, int]]:
    """How to hand out tasks to Dask, and how many it works on at a time."""
    if importlib.util.find_spec("distributed") is None:
        raise DatasetError("no_dask")
    import dask  # noqa: PLC0415
    from distributed import Client, KilledWorker, LocalCluster  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(WORKERS))
        try:
            if scheduler:
                client = stack.enter_context(Client(scheduler, timeout=10))
            else:
                count = workers or usable_processors()
                cluster = LocalCluster(
                    n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=50, memory_limit=0
                )
                client = stack.enter_context(Client(stack.enter_context(cluster)))
        except (OSError, TimeoutError, ValueError) as error:
            raise DatasetError("no_scheduler", address=scheduler or "local", reason=_first_line(error)) from error

        def submit(call: Any, job: Job, piece: Piece) -> Any:
            # not pure: the same task of a later run must run again
            return client.submit(call, job, piece, pure=False, key=f"smile-{piece.number:06d}-{job.key[:8]}")

        slots = sum(client.nthreads().values())
        if not slots:
            raise DatasetError("no_scheduler", address=scheduler or "local", reason="no worker")
        try:
            yield submit, slots
        except KilledWorker as error:
            raise DatasetError("workers_died", reason=_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
