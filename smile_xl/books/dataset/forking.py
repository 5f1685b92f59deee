"""The process that Dask's workers are forked from. Light to import: the sooner it starts, the less it is waited for."""

from __future__ import annotations

import multiprocessing

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""How workers are started on this machine."""


def prepare_workers() -> None:
    """Let what workers need be loaded in a process of its own, while this one reads the dataset and loads Dask."""
    if METHOD == "forkserver":
        from multiprocessing import forkserver  # noqa: PLC0415 - not on Windows

        forkserver.set_forkserver_preload(["distributed", "smile_xl.books.dataset.partition"])
        forkserver.ensure_running()
