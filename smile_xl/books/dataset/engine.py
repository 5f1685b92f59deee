"""The tasks of a run on threads of this machine, or on the workers of Dask: the same tasks, in the same order."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.forking import METHOD
from smile_xl.books.dataset.job import Job
from smile_xl.books.dataset.partition import Part, run_piece
from smile_xl.books.dataset.source import Piece

ENGINES = ("local", "dask")

AHEAD = 3
"""Tasks per worker that are handed out before the first of them is merged: enough that none waits for another."""

TOGETHER = 4
"""Row groups of one of Dask's tasks where there are many: a task takes the scheduler 10 ms, a row group a worker 70."""

_TASKS = 8
"""Tasks per worker that there are at least before row groups are put together: all workers end at the same time."""

WORKERS = {
    # Dask's MALLOC_TRIM_THRESHOLD_ gives memory back to the system after each array, which takes half as long again
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1},
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": METHOD,
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
        with _dask(job, workers, scheduler) as (submit, slots):
            together = max(1, min(TOGETHER, len(pieces) // (_TASKS * slots)))
            yield from _in_order(pieces, together, submit, slots)
        return
    count = workers or usable_processors()
    with ThreadPoolExecutor(count) as threads:
        yield from _in_order(pieces, 1, lambda bundle: threads.submit(run_bundle, job, bundle), count)


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Bundle = Sequence[Piece]
Submit = Callable[[Bundle], "Future[list[Part]]"]


def _in_order(pieces: Bundle, together: int, submit: Submit, slots: int) -> Iterator[Part]:
    bundles = [pieces[at : at + together] for at in range(0, len(pieces), together)]
    running = deque(submit(bundle) for bundle in bundles[: AHEAD * slots])
    waiting = iter(bundles[AHEAD * slots :])
    try:
        while running:
            yield from running.popleft().result()
            running.extend(submit(bundle) for bundle in islice(waiting, 1))
    finally:
        for future in running:
            future.cancel()


def run_bundle(job: Job, bundle: Bundle) -> list[Part]:
    """Some row groups, one after the other."""
    return [run_piece(job, piece) for piece in bundle]


@contextlib.contextmanager
def _dask(job: Job, workers: int | None, scheduler: str | None) -> Iterator[tuple[Submit, int]]:
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
                    n_workers=count,
                    threads_per_worker=1,
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard_address": ":0"},  # any port: the usual one may be taken
                    silence_logs=50,
                    memory_limit=0,
                )
                client = stack.enter_context(Client(stack.enter_context(cluster)))
        except (OSError, TimeoutError, ValueError) as error:
            raise DatasetError("no_scheduler", address=scheduler or "local", reason=_first_line(error)) from error

        def submit(bundle: Bundle) -> Any:
            # not pure: the same task of a later run must run again
            return client.submit(run_bundle, job, bundle, pure=False, key=f"smile-{bundle[0].number:06d}-{job.key[:8]}")

        slots = sum(client.nthreads().values())
        if not slots:
            raise DatasetError("no_scheduler", address=scheduler or "local", reason="no worker")
        try:
            yield submit, slots
        except KilledWorker as error:
            raise DatasetError("workers_died", reason=_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
