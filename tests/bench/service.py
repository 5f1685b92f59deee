"""What the Monte Carlo of realised service costs, against stockpyl's simulation, in one run.

    python tests/bench/service.py [ITEMS [RUNS]]          default: 1000 items, 1000 runs

Three policies over 12 months, items of 60 segments and 30 lanes. Run it on an idle machine.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from core import GROUPS, Case, best

from smile_xl import core

LANES = 30
POLICIES = 3
STOCKPYL_PERIODS = 1000


def peak() -> float:
    """Largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor_seconds(run: Callable[[], object]) -> float:
    """Least processor time of three runs, of all threads together: what other work on the machine disturbs least."""
    times = []
    for _ in range(3):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def stockpyl_seconds_per_period() -> float | None:
    """Seconds of a period of a single node with a base-stock policy, normal demand and a fixed lead time."""
    try:
        from stockpyl.sim import simulation  # noqa: PLC0415
        from stockpyl.supply_chain_network import single_stage_system  # noqa: PLC0415
    except ImportError:
        return None
    network = single_stage_system(
        holding_cost=1,
        stockout_cost=1,
        demand_type="N",
        mean=1000,
        standard_deviation=200,
        policy_type="BS",
        base_stock_level=3350,
        shipment_lead_time=3,
    )
    return best(lambda: simulation(network, STOCKPYL_PERIODS, progress_bar=False), 0) / STOCKPYL_PERIODS


def main(items: int, runs: int) -> None:
    """Print the table."""
    case = Case(items, by_group=False)
    portfolio = case.portfolio
    exact = core.exact_safety(portfolio.demand, portfolio.weeks_cover)
    average = core.average_safety(portfolio.demand, portfolio.weeks_cover)
    safety = np.stack([average, exact, 1.2 * exact])
    segments = np.arange(GROUPS)[:, np.newaxis] == case.group
    groups = np.concatenate((segments, np.ones((1, items), dtype=bool)))
    lane = case.group % LANES
    delays = {
        "no delay": core.stated_delays(0),
        "delays of 1 week": core.stated_delays(1 / 4.25),
        "delays of 4 weeks": core.stated_delays(4 / 4.25),
    }
    periods = items * runs * 12 * POLICIES
    theirs = stockpyl_seconds_per_period()
    print(f"{items:,} items, {runs:,} runs, 12 months, {POLICIES} policies, {os.cpu_count()} cores")
    print(f"{'':28} {'seconds':>8} {'processor':>10} {'ns a period':>12} {'MB above start':>15} {'stockpyl':>10}")
    for name, table in delays.items():
        unsure = core.Uncertainty(np.full(items, 0.3), lane, np.tile(table, (LANES, 1)))
        for threads in (1, 2):
            before = peak()

            def run(unsure: core.Uncertainty = unsure, threads: int = threads) -> object:
                return core.simulate_service(
                    portfolio,
                    safety,
                    unsure,
                    runs=runs,
                    groups=groups,
                    unit_cost=case.unit_cost,
                    landed_cost=case.landed_cost,
                    threads=threads,
                )

            seconds, processor = best(run), processor_seconds(run)
            ratio = f"{theirs / (seconds / periods):,.0f} x" if theirs else "-"
            label = f"{name}, {threads} thread{'s' if threads > 1 else ''}"
            print(
                f"{label:28} {seconds:8.2f} {processor:10.2f} {seconds / periods * 1e9:12.1f} {peak() - before:15.0f} {ratio:>10}"
            )


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(*(numbers + [1000, 1000][len(numbers) :]))
