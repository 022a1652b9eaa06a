"""An emulator: a quick stand-in for the model's expectation of one outcome, which says how unsure it is.

Regression on what matters most (linear terms of all inputs, squares and products of the active ones) and a smooth Gaussian process
over the active inputs, with a nugget for luck and for what the inactive inputs do: the form of Andrianakis et al. 2015 (PLoS Comput
Biol 11(1)) after Craig et al. 1997. The regression's coefficients have a normal prior, so that all of it is one Gaussian process
(Rasmussen & Williams 2006, ch. 2; errors of points left out: ch. 5.4.2). scikit-learn's process would do as well (a test holds both
side by side), but is no dependency of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

ACTIVE = 10  # inputs with squares, products and a place in the process
TRAINED = 400  # points on which the four numbers of the process are found
CHUNK = 4096  # points predicted at a time
_BOUNDS = np.log([(1e-4, 10.0), (0.15, 5.0), (1e-4, 2.0), (1e-3, 30.0)])  # signal, length, nugget, terms; beside the values' variance


@dataclass(frozen=True)
class Numbers:
    """What the process is made of: variances of the smooth part, the nugget and a coefficient, and a length."""

    signal: float
    length: float
    nugget: float
    terms: float


@dataclass(frozen=True)
class Emulator:
    """Fitted to inputs in the unit cube; `predict` gives mean and variance of the expectation at new ones."""

    active: np.ndarray  # places of the active inputs, the most important first
    stretch: np.ndarray  # importance of each of them, 1 for the first
    numbers: Numbers
    centre: float
    inputs: np.ndarray
    lower: np.ndarray
    alpha: np.ndarray
    fit_r2: float  # share of variance that is foreseen at points left out, one at a time
    loo: np.ndarray  # standardised errors of those points

    def predict(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance at the inputs, a row a point."""
        parts = [self._some(inputs[i : i + CHUNK]) for i in range(0, len(inputs), CHUNK)]
        return np.concatenate([mean for mean, _ in parts]), np.concatenate([variance for _, variance in parts])

    def mean(self, inputs: np.ndarray) -> np.ndarray:
        """The mean alone, which is quick: the terms' coefficients are summed up once."""
        smooth = np.concatenate([self._smooth(inputs[i : i + CHUNK]) for i in range(0, len(inputs), CHUNK)])
        return self.centre + _terms(inputs, self.active) @ self.coefficients + smooth

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Of the terms."""
        return self.numbers.terms * (_terms(self.inputs, self.active).T @ self.alpha)

    @cached_property
    def _places(self) -> np.ndarray:
        return self.inputs[:, self.active] * self.stretch

    def _smooth(self, inputs: np.ndarray) -> np.ndarray:
        apart = _apart(inputs[:, self.active] * self.stretch, self._places)
        return self.numbers.signal * (np.exp(-0.5 * apart / self.numbers.length**2) @ self.alpha)

    def _some(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cross = _covariance(inputs, self.inputs, self.active, self.stretch, self.numbers)
        half = solve_triangular(self.lower, cross.T, lower=True, check_finite=False)
        prior = self.numbers.signal + self.numbers.terms * (_terms(inputs, self.active) ** 2).sum(axis=1)
        return self.centre + cross @ self.alpha, np.maximum(prior - (half**2).sum(axis=0), 0.0)


def fit(inputs: np.ndarray, values: np.ndarray, active: int = ACTIVE) -> Emulator:
    """Fit to `values`, one a row of `inputs` (in the unit cube). Rows with missing values are left out."""
    known = np.isfinite(values)
    inputs, values = inputs[known], values[known]
    centre, scale = float(values.mean()), max(float(values.std()), 1e-9)
    chosen, stretch = _active(inputs, (values - centre) / scale, min(active, inputs.shape[1]))
    numbers = _likeliest(inputs, (values - centre) / scale, chosen, stretch)
    gram = _covariance(inputs, inputs, chosen, stretch, numbers) + numbers.nugget * np.eye(len(inputs))
    lower = cholesky(gram, lower=True)
    alpha = cho_solve((lower, True), values - centre) / scale**2
    precision = np.diag(cho_solve((lower, True), np.eye(len(inputs)))) / scale**2
    scaled = Numbers(numbers.signal * scale**2, numbers.length, numbers.nugget * scale**2, numbers.terms * scale**2)
    left_out = alpha / precision
    r2 = 1.0 - float((left_out**2).mean()) / scale**2
    return Emulator(chosen, stretch, scaled, centre, inputs, lower * scale, alpha, r2, left_out * np.sqrt(precision))


def _active(inputs: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The inputs whose linear and squared terms move the values most (by ridge regression), and how much beside the first."""
    centred, width = inputs - 0.5, inputs.shape[1]
    both = np.concatenate([centred * np.sqrt(12.0), (centred**2 - 1 / 12) * np.sqrt(180.0)], axis=1)
    found = np.linalg.solve(both.T @ both + 2.0 * width * np.eye(2 * width), both.T @ values)
    strength = np.hypot(found[:width], found[width:])
    order = np.argsort(-strength, kind="stable")[:count]
    return order, np.maximum(strength[order] / max(strength[order[0]], 1e-12), 0.15)


def _terms(inputs: np.ndarray, active: np.ndarray) -> np.ndarray:
    """One, all inputs, squares and products of the active ones, each with mean zero over the cube."""
    centred = inputs - 0.5
    chosen = centred[:, active]
    first, second = np.triu_indices(len(active))
    products = chosen[:, first] * chosen[:, second] - np.where(first == second, 1 / 12, 0.0)
    return np.concatenate([np.ones((len(inputs), 1)), centred, products], axis=1)


def _apart(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Squared distances."""
    found = (here**2).sum(axis=1)[:, None] + (there**2).sum(axis=1)[None, :] - 2.0 * here @ there.T
    return np.maximum(found, 0.0)


def _covariance(here: np.ndarray, there: np.ndarray, active: np.ndarray, stretch: np.ndarray, numbers: Numbers) -> np.ndarray:
    smooth = np.exp(-0.5 * _apart(here[:, active] * stretch, there[:, active] * stretch) / numbers.length**2)
    return numbers.signal * smooth + numbers.terms * _terms(here, active) @ _terms(there, active).T


def _likeliest(inputs: np.ndarray, values: np.ndarray, active: np.ndarray, stretch: np.ndarray) -> Numbers:
    """The numbers of the greatest marginal likelihood, on a thinned sample."""
    step = max(1, len(inputs) // TRAINED)
    inputs, values = inputs[::step], values[::step]
    places, terms = inputs[:, active] * stretch, _terms(inputs, active)
    apart, outer, one = _apart(places, places), terms @ terms.T, np.eye(len(inputs))

    def minus_likelihood(logs: np.ndarray) -> float:
        signal, length, nugget, own = np.exp(logs)
        gram = signal * np.exp(-0.5 * apart / length**2) + own * outer + nugget * one
        try:
            lower = cholesky(gram, lower=True, check_finite=False)
        except np.linalg.LinAlgError:
            return 1e12
        half = solve_triangular(lower, values, lower=True, check_finite=False)
        return float(0.5 * half @ half + np.log(np.diag(lower)).sum())

    start = np.log([0.2, 0.7, 0.3, 0.5])
    found = minimize(minus_likelihood, start, method="L-BFGS-B", bounds=_BOUNDS.tolist(), options={"maxiter": 25})
    return Numbers(*(float(number) for number in np.exp(found.x)))
