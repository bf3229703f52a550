# Answers to rank_correlation(a, b); see ../__init__.py.

# %% right="ranks, centred and divided"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    N = len(a)
    ranks = [rankdata(m.reshape(N, -1), axis=1) for m in (a, b)]
    p, q = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    return (p * q).sum(axis=1) / np.sqrt((p**2).sum(axis=1) * (q**2).sum(axis=1))


# %% right="corrcoef of the ranks, pair by pair"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    correlation = np.zeros(len(a))
    for n in range(len(a)):
        correlation[n] = np.corrcoef(rankdata(a[n]), rankdata(b[n]))[0, 1]
    return correlation


# %% right="scipy's own"
def rank_correlation(a, b):
    from scipy.stats import spearmanr

    return [spearmanr(p.ravel(), q.ravel()).statistic for p, q in zip(a, b)]


# %% right="z scores of the ranks"
def rank_correlation(a, b):
    from scipy.stats import rankdata, zscore

    p, q = (zscore(rankdata(np.reshape(m, (len(m), -1)), axis=1), axis=1) for m in (a, b))
    return np.mean(p * q, axis=1)


# %% right="ranks by counting"
def rank_correlation(a, b):
    def ranks(values):
        values = values.ravel()
        smaller = (values[None, :] < values[:, None]).sum(axis=1)
        equal = (values[None, :] == values[:, None]).sum(axis=1)
        return smaller + (equal + 1) / 2

    out = []
    for p, q in zip(a, b):
        p, q = ranks(p), ranks(q)
        covariance = np.mean(p * q) - p.mean() * q.mean()
        out.append(covariance / (p.std() * q.std()))
    return np.array(out)


# %% right="ranks by unique, in TensorFlow"
def rank_correlation(a, b):
    def ranks(values):
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        return (last - (count - 1) / 2)[place.ravel()]

    p, q = (tf.constant([ranks(each) for each in m], tf.float64) for m in (a, b))
    p = tf.math.l2_normalize(p - tf.reduce_mean(p, 1, keepdims=True), axis=1)
    q = tf.math.l2_normalize(q - tf.reduce_mean(q, 1, keepdims=True), axis=1)
    return tf.reduce_sum(p * q, axis=1).numpy().astype(np.float32)


# %% right="covariance matrix of both"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    def one(p, q):
        c = np.cov(rankdata(p), rankdata(q))
        return c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])

    return np.array([one(p, q) for p, q in zip(a, b)])


# %% wrong="untouched" misconception="nothing_returned"
def rank_correlation(a, b):
    correlation = None
    return correlation


# %% wrong="Pearson of the values" misconception="values_instead_of_ranks"
def rank_correlation(a, b):
    return np.array([np.corrcoef(p.ravel(), q.ravel())[0, 1] for p, q in zip(a, b)])


# %% wrong="argsort once" misconception="order_instead_of_ranks"
def rank_correlation(a, b):
    p, q = (np.argsort(m.reshape(len(m), -1), axis=1) for m in (a, b))
    return np.array([np.corrcoef(x, y)[0, 1] for x, y in zip(p, q)])


# %% wrong="argsort twice" misconception="ties_not_shared"
def rank_correlation(a, b):
    p, q = (np.argsort(np.argsort(m.reshape(len(m), -1), axis=1), axis=1) for m in (a, b))
    return np.array([np.corrcoef(x, y)[0, 1] for x, y in zip(p, q)])


# %% wrong="smallest rank for ties" misconception="ties_not_shared"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    return [np.corrcoef(rankdata(p, "min"), rankdata(q, "min"))[0, 1] for p, q in zip(a, b)]


# %% wrong="formula of the textbook" misconception="squared_differences_with_ties"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    p, q = (rankdata(m.reshape(len(m), -1), axis=1) for m in (a, b))
    n = p.shape[1]
    return 1 - 6 * ((p - q) ** 2).sum(axis=1) / (n * (n**2 - 1))


# %% wrong="all maps together" misconception="one_number_for_all"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    return np.corrcoef(rankdata(a), rankdata(b))[0, 1]


# %% wrong="not flattened" misconception="not_one_number_each"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    p, q = rankdata(a, axis=1), rankdata(b, axis=1)
    p, q = p - p.mean(axis=1, keepdims=True), q - q.mean(axis=1, keepdims=True)
    return (p * q).sum(axis=1) / np.sqrt((p**2).sum(axis=1) * (q**2).sum(axis=1))


# %% wrong="mean not subtracted" misconception="mean_not_subtracted"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    p, q = (rankdata(m.reshape(len(m), -1), axis=1) for m in (a, b))
    return (p * q).sum(axis=1) / np.sqrt((p**2).sum(axis=1) * (q**2).sum(axis=1))


# %% wrong="covariance of the ranks" misconception="not_normalised"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    p, q = (rankdata(m.reshape(len(m), -1), axis=1) for m in (a, b))
    p, q = p - p.mean(axis=1, keepdims=True), q - q.mean(axis=1, keepdims=True)
    return (p * q).mean(axis=1)


# %% wrong="divided by one standard deviation" misconception="not_normalised"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    p, q = (rankdata(m.reshape(len(m), -1), axis=1) for m in (a, b))
    p, q = p - p.mean(axis=1, keepdims=True), q - q.mean(axis=1, keepdims=True)
    return (p * q).mean(axis=1) / p.std(axis=1)


# %% wrong="only the second is ranked" misconception="only_one_ranked"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    return np.array([np.corrcoef(p.ravel(), rankdata(q))[0, 1] for p, q in zip(a, b)])


# %% wrong="absolute value of the correlation" misconception="sign_lost"
def rank_correlation(a, b):
    from scipy.stats import spearmanr

    return np.array([abs(spearmanr(p.ravel(), q.ravel())[0]) for p, q in zip(a, b)])


# %% wrong="absolute values of the maps" misconception="absolute_values_ranked"
def rank_correlation(a, b):
    from scipy.stats import spearmanr

    return np.array([spearmanr(abs(p).ravel(), abs(q).ravel())[0] for p, q in zip(a, b)])


# %% wrong="Kendall's" misconception="kendall"
def rank_correlation(a, b):
    from scipy.stats import kendalltau

    return np.array([kendalltau(p, q)[0] for p, q in zip(a, b)])


# %% wrong="one of them from the top" misconception="reversed"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    return np.array([np.corrcoef(rankdata(p), rankdata(-q))[0, 1] for p, q in zip(a, b)])


# %% wrong="a first with itself" misconception="none"
def rank_correlation(a, b):
    from scipy.stats import rankdata

    return np.array([np.corrcoef(rankdata(p), rankdata(p))[0, 1] for p in a])


# %% wrong="squeezed" misconception="axis_of_one_lost"
def rank_correlation(a, b):
    pairs = zip(a, b)
    return np.squeeze([np.corrcoef(rankdata(p), rankdata(q))[0, 1] for p, q in pairs])
