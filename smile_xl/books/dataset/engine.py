"""The tasks of a run on threads of this machine, or on the workers of Dask: the same tasks, in the same order."""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

from smile_xl.books.dataset.errors import DatasetError
from smile_xl.books.dataset.job import Job
from smile_xl.books.dataset.partition import Part, run_piece
from smile_xl.books.dataset.source import Piece

ENGINES = ("local", "dask")

AHEAD = 3
"""Tasks per worker that are handed out before the first of them is merged: enough that none waits for another."""


_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

WORKERS = {
    # Dask's MALLOC_TRIM_THRESHOLD_ gives memory back to the system after each array, which takes half as long again
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1},
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": _METHOD,
}
"""Configuration of the workers that are started here."""


def run_tasks(
    job: Job,
    pieces: Sequence[Piece],
    *,
    engine: str = "local",
    workers: int | None = None,
    scheduler: str | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Iterator[Part]:
    """The parts of all row groups, in the order of these, each as soon as those before it are there.

    ``meanwhile`` is done when the first tasks are under way.
    """
    if engine == "dask":
        with _dask(workers, scheduler) as (submit, slots):
            yield from _in_order(job, pieces, submit, slots, meanwhile)
        return
    count = workers or usable_processors()
    with ThreadPoolExecutor(count) as threads:
        yield from _in_order(job, pieces, threads.submit, count, meanwhile)


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Submit = Callable[[Callable[[Job, Piece], Part], Job, Piece], "Future[Part]"]


def _in_order(
    job: Job, pieces: Sequence[Piece], submit: Submit, slots: int, meanwhile: Callable[[], object]
) -> Iterator[Part]:
    running = deque(submit(run_piece, job, piece) for piece in pieces[: AHEAD * slots])
    waiting = iter(pieces[AHEAD * slots :])
    meanwhile()
    try:
        while running:
            yield running.popleft().result()
            running.extend(submit(run_piece, job, piece) for piece in islice(waiting, 1))
    finally:
        for future in running:
            future.cancel()


def _prepare_workers() -> None:
    """Start the process that workers are forked from: it loads what they need while this one loads Dask."""
    if _METHOD == "forkserver":
        from multiprocessing import forkserver  # noqa: PLC0415 - not on Windows

        forkserver.set_forkserver_preload(["distributed", "smile_xl.books.dataset.partition"])
        forkserver.ensure_running()


@contextlib.contextmanager
def _dask(workers: int | None, scheduler: str | None) -> Iterator[tuple[Submit, int]]:
    """How to hand out tasks to Dask, and how many it works on at a time."""
    if importlib.util.find_spec("distributed") is None:
        raise DatasetError("no_dask")
    if not scheduler:
        _prepare_workers()
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
