"""Realised service: what each safety stock really gives when demand and arrivals are not as planned.

Every run plays the 12 months once. Each month the planner plans again, as in the plan: the month that has just left the
frozen horizon gets its order, from the stock that there is and the forecast. Then goods land, some of them late, and
the customers buy, more or less than the forecast. All policies meet the same demand and the same delays.

Runs are played in blocks, items in slabs of one frozen horizon, so that the months of a slab stay in the cache. A draw
depends on the seed, the item or lane, and the block of runs, and on nothing else: neither on the size of a slab, nor on
the number of threads, nor on the other items.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smile_xl.core.arrivals import arrivals
from smile_xl.core.checks import Array, by_item
from smile_xl.core.delays import DELAY_POINTS
from smile_xl.core.draws import Draws, normal_points
from smile_xl.core.errors import DomainError, ShapeError
from smile_xl.core.items import Portfolio, check
from smile_xl.core.replanning import Harbour, OrderDesk, Slab
from smile_xl.core.units import FIRST_ORDER_MONTH, HORIZON, NOISE

RUNS_PER_BLOCK = 250
SLAB = 100
"""Items played at a time: few enough for the cache, many enough to make a call of numpy cheap."""

COUNTED = slice(FIRST_ORDER_MONTH, HORIZON)
"""Months that count: what lands before is in transit already, and the same whatever the policy."""

_MEASURES = ("cycle_service", "lost", "stock", "peak")
_DEMAND, _DELAY = 0, 1


@dataclass(frozen=True)
class Uncertainty:
    """What is not known of each item when it is planned."""

    demand_error: Array
    """Standard deviation of the demand over its forecast, 0 or more, shape (items,)."""
    lane: NDArray[np.intp]
    """The lane that each item comes by, shape (items,): goods of one lane due in one month are equally late."""
    delays: Array
    """Equally likely delays of each lane, months, shape (lanes, 4096), from :mod:`smile_xl.core.delays`."""
    lognormal: bool = False
    """Demand is log-normal; otherwise normal and cut at 0."""
    item_keys: NDArray[np.uint64] | None = None
    """What an item's draws depend on beside the seed; its position where None."""
    lane_keys: NDArray[np.uint64] | None = None
    """The same for the lanes."""


@dataclass(frozen=True)
class Estimate:
    """An estimate and its standard error."""

    value: Array
    error: Array


@dataclass(frozen=True)
class GroupRuns:
    """What each run gave to each group of items, over the months that count."""

    months: Array
    """Months with a forecast, summed over the items of each group, shape (groups,)."""
    demand: Array
    """Demand, t, shape (groups, runs)."""
    short: Array
    """Months with a shortage, summed over the items, shape (groups, policies, runs); so are the next ones."""
    lost: Array
    """Demand not met, t."""
    lost_cash: Array
    """Demand not met, at landed cost."""
    stock: Array
    """Mean closing stock, t."""
    stock_cash: Array
    """Mean closing stock, at unit cost."""
    peak: Array
    """Largest closing stock of the group as a whole, t."""
    peak_cash: Array
    """Largest value of the group's closing stock, at unit cost."""


@dataclass(frozen=True)
class Service:
    """Realised service of some policies, each estimate of shape (items, policies), over the months that count."""

    cycle_service: Estimate
    """Share of the months with a forecast in which all demand is met; NaN where there is none."""
    fill_rate: Estimate
    """Share of the demand that is met; NaN where there is none."""
    lost: Estimate
    """Demand not met, t in all the months that count."""
    mean_stock: Estimate
    """Mean closing stock, t."""
    peak_stock: Estimate
    """Largest closing stock, t."""
    groups: GroupRuns
    runs: int


def simulate_service(
    portfolio: Portfolio,
    safety: ArrayLike,
    uncertainty: Uncertainty,
    *,
    runs: int = 1000,
    seed: int = 0,
    groups: ArrayLike | None = None,
    unit_cost: ArrayLike = 0.0,
    landed_cost: ArrayLike = 0.0,
    net_transit: bool = False,
    backorders: bool = False,
    threads: int = 1,
) -> Service:
    """Play the plan many times with random demand and delays, for several safety stocks at once.

    Parameters
    ----------
    portfolio : Portfolio
        Inputs of all items.
    safety : array_like, shape (policies, items, 12), t
        Safety stock to hold, by policy.
    uncertainty : Uncertainty
        Demand error and delays.
    runs, seed : int
        Number of runs, and what their draws follow from.
    groups : array_like of bool, shape (groups, items), optional
        Items of each group whose runs are wanted; by default one group of all items.
    unit_cost, landed_cost : array_like, one number or shape (items,), EUR / t
        Stock is valued at the unit cost, lost demand at the landed cost.
    net_transit : bool
        As in :func:`proposed_orders`.
    backorders : bool
        True carries a shortage into the next month, as textbooks do; by default it is lost.
    threads : int
        Threads to use. The result does not depend on it, and on two processors the time hardly does.

    Returns
    -------
    Service

    Raises
    ------
    DomainError, ShapeError
        Where an input is out of range.

    Notes
    -----
    With F frozen months, the order for month k is placed at the start of month k - F:
    Q[k] = max(0, D[k] + S[k] - max(C'[k-1], 0)), where C' rolls the stock of that moment forward with the forecast
    and with everything ordered, what is late being expected at once. Goods due in month k that are m months late,
    m = w + f with w whole and f below 1, land with the share 1 - f in month k + w and f in month k + w + 1. Demand is
    D * max(0, 1 + e z), z being standard normal and e the demand error, or D * exp(s z - s^2 / 2) with
    s^2 = ln(1 + e^2). Without error and delay the runs are the plan.
    """
    check(portfolio)
    items = len(portfolio)
    safety = np.asarray(safety, dtype=np.float64)
    if safety.ndim != 3 or safety.shape[1:] != (items, HORIZON):
        raise ShapeError(f"safety has shape {safety.shape}, want (policies, {items}, {HORIZON})")
    if not (np.isfinite(safety) & (safety >= 0)).all():
        raise DomainError("safety stock is a number, zero or more")
    if runs < 1 or seed < 0:
        raise DomainError(f"{runs} runs and seed {seed}: want one run or more, and a seed of zero or more")
    _check_uncertainty(uncertainty, items)
    member = np.ones((1, items), dtype=bool) if groups is None else np.asarray(groups, dtype=bool)
    if member.ndim != 2 or member.shape[1] != items:
        raise ShapeError(f"groups have shape {member.shape}, want one column per item: {items}")
    costs = np.stack([by_item("unit_cost", unit_cost, items), by_item("landed_cost", landed_cost, items)])
    stage = _Stage(portfolio, safety, uncertainty, seed, member, costs, net_transit, backorders)
    blocks = [range(start, min(start + RUNS_PER_BLOCK, runs)) for start in range(0, runs, RUNS_PER_BLOCK)]
    workers = min(threads, len(blocks))
    if workers <= 1:
        played = [stage.play(block) for block in blocks]
    else:
        with ThreadPoolExecutor(workers) as pool:
            played = list(pool.map(stage.play, blocks))
    return _service(stage, played, runs)


def _check_uncertainty(uncertainty: Uncertainty, items: int) -> None:
    by_item("demand_error", uncertainty.demand_error, items)
    delays, lane = uncertainty.delays, uncertainty.lane
    if delays.ndim != 2 or delays.shape[1] != DELAY_POINTS:
        raise ShapeError(f"delays have shape {delays.shape}, want (lanes, {DELAY_POINTS})")
    if not (np.isfinite(delays) & (delays >= 0)).all():
        raise DomainError("delays are numbers, zero or more")
    if lane.shape != (items,) or (items and not (lane.min() >= 0 and lane.max() < len(delays))):
        raise ShapeError(f"lane wants one of {len(delays)} lanes for each of {items} items")


@dataclass(frozen=True)
class _Played:
    """Sums of a block of runs: of each item, and of each run for each group."""

    runs: int
    mean: Array
    """Mean over the runs, shape (4 measures, policies, items)."""
    spread: Array
    """Sum of squares around the mean."""
    demand: Array
    """Mean and sum of squares of the demand, shape (2, items)."""
    together: Array
    """Sum of products of lost and demand around their means, shape (policies, items)."""
    by_run: Array
    """Shape (5, policies, groups, runs): short, lost, lost cash, stock, stock cash."""
    demand_by_run: Array
    """Shape (groups, runs)."""
    peaks: Array
    """Shape (2, policies, groups, runs): t, cash."""


class _Stage:
    """What all runs share."""

    def __init__(
        self,
        portfolio: Portfolio,
        safety: Array,
        uncertainty: Uncertainty,
        seed: int,
        member: NDArray[np.bool_],
        costs: Array,
        net_transit: bool,
        backorders: bool,
    ) -> None:
        self.portfolio, self.safety, self.uncertainty, self.seed = portfolio, safety, uncertainty, seed
        self.member, self.costs, self.net_transit, self.backorders = member, costs, net_transit, backorders
        self.delays = uncertainty.delays.astype(np.float32)
        self.with_forecast = (np.asarray(portfolio.demand)[:, COUNTED] > 0).sum(axis=1).astype(np.float64)
        self.item_keys = _keys(uncertainty.item_keys, len(portfolio))
        self.lane_keys = _keys(uncertainty.lane_keys, len(self.delays))
        self.slabs = list(self._slabs())

    def _slabs(self) -> Iterator[Slab]:
        """Items that lie together: of one frozen horizon, and as far as possible alike in lots, group and lane."""
        p = self.portfolio
        frozen = np.minimum(p.frozen, HORIZON).astype(np.intp)
        first_group = self.member.argmax(axis=0) if len(self.member) else np.zeros(len(p), dtype=np.intp)
        lane, lots = self.uncertainty.lane, (np.asarray(p.moq) > 0) | (np.asarray(p.multiple) > 0)
        order = np.lexsort((lane, first_group, lots, frozen))
        landing = arrivals(p.transit, p.landing) if len(p) else np.zeros((0, HORIZON))
        for together in np.split(order, np.flatnonzero(np.diff(frozen[order])) + 1):
            for first in range(0, len(together), SLAB):
                items = together[first : first + SLAB]
                lanes, position = np.unique(lane[items], return_inverse=True)
                groups = np.flatnonzero(self.member[:, items].any(axis=1))
                yield Slab(
                    items=items,
                    frozen=int(frozen[items[0]]),
                    lots=(p.moq[items], p.multiple[items]) if lots[items].any() else None,
                    forecast=_months_first(p.demand, items),
                    landing=_months_first(landing, items),
                    confirmed=_months_first(p.confirmed, items),
                    proposes=np.asarray(p.proposes, dtype=bool)[items, np.newaxis],
                    error=self.uncertainty.demand_error[items, np.newaxis].astype(np.float32),
                    lanes=lanes,
                    lane=position if len(lanes) > 1 else None,
                    latest=min(int(np.ceil(self.delays[lanes].max())), HORIZON - 1),
                    groups=groups,
                    member=self.member[np.ix_(groups, items)].astype(np.float64),
                    unit_cost=self.costs[0, items],
                    landed_cost=self.costs[1, items],
                )

    def play(self, block: range) -> _Played:
        """Play some runs of all items."""
        policies, items, groups, runs = len(self.safety), len(self.portfolio), len(self.member), len(block)
        draws = Draws(self.seed, block.start // RUNS_PER_BLOCK)
        played = _Played(
            runs=runs,
            mean=np.zeros((len(_MEASURES), policies, items)),
            spread=np.zeros((len(_MEASURES), policies, items)),
            demand=np.zeros((2, items)),
            together=np.zeros((policies, items)),
            by_run=np.zeros((5, policies, groups, runs)),
            demand_by_run=np.zeros((groups, runs)),
            peaks=np.zeros((2, policies, groups, runs)),
        )
        totals = np.zeros((HORIZON, 2, policies, groups, runs))
        for slab in self.slabs:
            self._play_slab(slab, draws, played, totals)
        np.max(totals[COUNTED], axis=0, out=played.peaks)
        return played

    def _play_slab(self, slab: Slab, draws: Draws, played: _Played, totals: Array) -> None:
        items, groups, months = slab.items, slab.groups, COUNTED.stop - COUNTED.start
        demand = self._demand(slab, draws, played.runs)
        shares = self._shares(slab, draws, played.runs)
        asked = demand[COUNTED].sum(axis=0)
        asked_mean, asked_off = _centred(asked)
        played.demand[:, items] = asked_mean, (asked_off**2).sum(axis=1)
        played.demand_by_run[groups] += slab.member @ asked
        weights = np.concatenate((slab.member, slab.member * slab.unit_cost))
        cash = np.concatenate((slab.member, slab.member * slab.landed_cost))
        for policy, safety in enumerate(self.safety):
            short, lost, stock, peak = self._play_policy(
                slab, _months_first(safety, items), demand, shares, weights, totals[:, :, policy]
            )
            stock /= months
            served = _served(short, self.with_forecast[items])
            for measure, values in enumerate((served, lost, stock, peak)):
                mean, off = _centred(values)
                played.mean[measure, policy, items] = mean
                played.spread[measure, policy, items] = np.einsum("ir,ir->i", off, off)
                if measure == 1:
                    played.together[policy, items] = np.einsum("ir,ir->i", off, asked_off)
            by_run = played.by_run[:, policy]
            by_run[0][groups] += slab.member @ short
            for place, values, weight in ((1, lost, cash), (3, stock, weights)):
                both = weight @ values
                by_run[place][groups] += both[: len(groups)]
                by_run[place + 1][groups] += both[len(groups) :]

    def _demand(self, slab: Slab, draws: Draws, runs: int) -> Array:
        """Demand, shape (12, items, runs)."""
        count = len(slab.items)
        points = normal_points()
        drawn = np.empty((count, HORIZON, runs), dtype=np.float32)
        for place, key in enumerate(self.item_keys[slab.items].tolist()):
            positions = draws.positions(key, _DEMAND, HORIZON * runs)
            points.take(positions.reshape(HORIZON, runs), out=drawn[place], mode="clip")
        drawn = drawn.transpose(1, 0, 2)
        if self.uncertainty.lognormal:
            spread = np.sqrt(np.log1p(slab.error**2))
            drawn *= spread
            drawn -= spread**2 / 2
            np.exp(drawn, out=drawn)
        else:
            drawn *= slab.error
            drawn += 1
            np.maximum(drawn, 0, out=drawn)
        demand = np.empty((HORIZON, count, runs))
        np.multiply(slab.forecast, drawn, out=demand)
        return demand

    def _shares(self, slab: Slab, draws: Draws, runs: int) -> list[Array] | None:
        """For each due month, the shares that land 0, 1, ... months late, shape (lates, lanes, runs); None: none is."""
        if slab.latest == 0:
            return None
        late = np.empty((len(slab.lanes), HORIZON, runs), dtype=np.float32)
        for place, lane in enumerate(slab.lanes.tolist()):
            positions = draws.positions(int(self.lane_keys[lane]), _DELAY, HORIZON * runs)
            table = self.delays[lane]
            table.take(positions.reshape(HORIZON, runs) >> 4, out=late[place], mode="clip")
        steps = np.arange(slab.latest + 1, dtype=np.float32)[:, np.newaxis, np.newaxis]
        return [np.maximum(1 - np.abs(late[:, month] - steps), 0, dtype=np.float64) for month in range(HORIZON)]

    def _play_policy(
        self, slab: Slab, safety: Array, demand: Array, shares: list[Array] | None, weights: Array, totals: Array
    ) -> tuple[Array, Array, Array, Array]:
        """Months short, lost tonnes, sum and maximum of the closing stock, each of shape (items, runs).

        Adds the closing stock by group, in tonnes and cash, to ``totals`` (12, 2, groups, runs).
        """
        shape = demand.shape[1:]
        desk = OrderDesk(slab, safety, shape, net_transit=self.net_transit, backorders=self.backorders)
        short = np.zeros(shape, dtype=np.uint8)
        lost, held, peak, closing, stock = (np.zeros(shape) for _ in range(5))
        now = np.broadcast_to(self.portfolio.opening[slab.items, np.newaxis], shape)
        harbour = Harbour(slab, shares, shape)
        limit, count = -NOISE * slab.forecast, len(slab.groups)
        missing, less = np.empty(shape), np.empty(shape, dtype=bool)
        for month in range(HORIZON):
            desk.order(month, now, harbour.overdue)
            np.add(now, harbour.land(month, desk.due(month)), out=closing)
            closing -= demand[month]
            np.maximum(closing, 0.0, out=stock)
            now = closing if self.backorders else stock
            if month < FIRST_ORDER_MONTH:
                continue
            short += np.less(closing, limit[month], out=less).view(np.uint8)
            np.subtract(stock, closing, out=missing)
            if self.backorders:
                np.minimum(missing, demand[month], out=missing)
            lost += missing
            held += stock
            np.maximum(peak, stock, out=peak)
            by_group = weights @ stock
            totals[month, 0][slab.groups] += by_group[:count]
            totals[month, 1][slab.groups] += by_group[count:]
        return short.astype(np.float64), lost, held, peak


def _keys(keys: NDArray[np.uint64] | None, count: int) -> NDArray[np.uint64]:
    return np.arange(count, dtype=np.uint64) if keys is None else np.asarray(keys, dtype=np.uint64)


def _months_first(values: ArrayLike, items: NDArray[np.intp]) -> Array:
    """The 12 months of some items, shape (12, items, 1)."""
    rows = np.asarray(values, dtype=np.float64)[items, :HORIZON]
    return np.ascontiguousarray(rows.T)[:, :, np.newaxis]


def _centred(values: Array) -> tuple[Array, Array]:
    mean = values.mean(axis=1)
    return mean, values - mean[:, np.newaxis]


def _served(short: Array, months: Array) -> Array:
    """Share of the months in which all demand is met."""
    months = months[:, np.newaxis]
    return 1 - np.divide(short, months, out=np.zeros_like(short), where=months > 0)


def _service(stage: _Stage, played: list[_Played], runs: int) -> Service:
    """The estimates of all blocks together."""
    count = np.array([block.runs for block in played], dtype=np.float64)

    def pooled(means: list[Array], spreads: list[Array]) -> tuple[Array, Array]:
        mean = np.tensordot(count, means, 1) / runs
        off = np.stack(means) - mean
        return mean, np.sum(spreads, axis=0) + np.tensordot(count, off**2, 1)

    mean, spread = pooled([block.mean for block in played], [block.spread for block in played])
    asked, asked_spread = pooled([block.demand[0] for block in played], [block.demand[1] for block in played])
    lost_off = np.stack([block.mean[1] for block in played]) - mean[1]
    asked_off = np.stack([block.demand[0] for block in played])[:, np.newaxis] - asked
    together = np.sum([block.together for block in played], axis=0) + np.tensordot(count, lost_off * asked_off, 1)
    scale = runs * max(runs - 1, 1)
    error = np.sqrt(spread / scale)
    estimates = {name: Estimate(mean[place].T, error[place].T) for place, name in enumerate(_MEASURES)}
    cycle = estimates["cycle_service"]
    unasked = stage.with_forecast == 0
    for array in (cycle.value, cycle.error):
        array[unasked] = np.nan
    unmet = np.divide(mean[1], asked, out=np.full_like(mean[1], np.nan), where=asked > 0)
    residual = np.maximum(spread[1] - 2 * unmet * together + unmet**2 * asked_spread, 0.0)
    fill_error = np.divide(np.sqrt(residual / scale), asked, out=np.full_like(unmet, np.nan), where=asked > 0)
    short, lost, lost_cash, stock, stock_cash = np.concatenate([block.by_run for block in played], axis=3).swapaxes(
        1, 2
    )
    peak, peak_cash = np.concatenate([block.peaks for block in played], axis=3).swapaxes(1, 2)
    return Service(
        cycle_service=cycle,
        fill_rate=Estimate((1 - unmet).T, fill_error.T),
        lost=estimates["lost"],
        mean_stock=estimates["stock"],
        peak_stock=estimates["peak"],
        groups=GroupRuns(
            months=stage.member.astype(np.float64) @ stage.with_forecast,
            demand=np.concatenate([block.demand_by_run for block in played], axis=1),
            short=short,
            lost=lost,
            lost_cash=lost_cash,
            stock=stock,
            stock_cash=stock_cash,
            peak=peak,
            peak_cash=peak_cash,
        ),
        runs=runs,
    )
