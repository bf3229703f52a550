"""Rank correlation, SSIM and relative change against formulas written out here."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from cs231n_vis.metrics import rank_correlation, relative_change, structural_similarity


def test_rank_correlation_by_spearmans_own_formula():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 30))  # no two values alike
    for one, other, got in zip(a, b, rank_correlation(a, b), strict=True):
        d = np.argsort(np.argsort(one)) - np.argsort(np.argsort(other))
        assert got == pytest.approx(1 - 6 * (d**2).sum() / (30 * (30**2 - 1)), abs=1e-12)


def test_rank_correlation_with_equal_values_is_scipys():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, (2, 5, 6, 7))
    for one, other, got in zip(a, b, rank_correlation(a, b), strict=True):
        assert got == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic, abs=1e-12)


def test_rank_correlation_of_the_same_order_the_opposite_one_and_none():
    a = np.arange(12.0).reshape(1, 3, 4)
    assert rank_correlation(a, np.exp(a)) == pytest.approx([1])
    assert rank_correlation(a, -(a**3)) == pytest.approx([-1])
    assert np.isnan(rank_correlation(a, np.ones_like(a)))


def ssim_by_hand(a, b):
    """Wang 2004, equation 13: the mean over all windows that fit into the image."""
    place = np.arange(11) - 5
    window = np.exp(-(place[:, None] ** 2 + place**2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            x, y = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
            mx, my = (window * x).sum(), (window * y).sum()
            vx, vy = (window * (x - mx) ** 2).sum(), (window * (y - my) ** 2).sum()
            cov = (window * (x - mx) * (y - my)).sum()
            c1, c2 = 0.01**2, 0.03**2
            values.append(
                (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
            )
    return np.mean(values)


def test_ssim_by_the_formula_of_its_paper():
    rng = np.random.default_rng(0)
    a = rng.random((3, 16, 20))
    b = np.stack([a[0], 0.5 * a[1] + 0.2 * rng.random((16, 20)), rng.random((16, 20))])
    expected = [ssim_by_hand(x / x.max(), y / y.max()) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(structural_similarity(a, b), expected, atol=1e-4)
    assert structural_similarity(a, 7 * a) == pytest.approx([1, 1, 1], abs=1e-5)


def test_ssim_of_small_and_of_empty_maps():
    maps = np.random.default_rng(0).random((2, 5, 6))
    assert structural_similarity(maps, maps) == pytest.approx([1, 1])
    empty = maps * [[[1]], [[0]]]
    np.testing.assert_allclose(structural_similarity(maps, empty), [1, np.nan], rtol=1e-5)


def test_relative_change():
    a = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    b = np.array([[3.0, 4.0], [1.0, 2.0], [0.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(relative_change(b, a), [0, 2, 0, np.inf])
