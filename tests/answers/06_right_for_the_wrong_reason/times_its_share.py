# Answers to times_its_share(maps, regions); see ../__init__.py.

# %% right="as the solution"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)


# %% right="one map at a time"
def times_its_share(maps, regions):
    times = np.ones(len(maps))
    for n, (m, r) in enumerate(zip(maps, regions)):
        if m.any():
            times[n] = m[r].sum() / m.sum() / (r.sum() / r.size)
    return times


# %% right="means, with where="
def times_its_share(maps, regions):
    inside = np.mean(maps, axis=(1, 2), where=regions)
    mean = np.mean(maps, axis=(1, 2))
    return np.divide(inside, mean, out=np.ones_like(mean), where=mean > 0)


# %% right="einsum in double precision"
def times_its_share(maps, regions):
    m, r = maps.astype(np.float64), regions.astype(np.float64)
    share = np.einsum("nhw,nhw->n", m, r)
    area = np.einsum("nhw->n", r) / r[0].size
    total = np.einsum("nhw->n", m)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(share / total / area, nan=1.0)


# %% right="TensorFlow"
def times_its_share(maps, regions):
    m, r = tf.constant(maps), tf.cast(regions, tf.float32)
    total = tf.reduce_sum(m, (1, 2))
    times = tf.math.divide_no_nan(tf.reduce_sum(m * r, (1, 2)), total) / tf.reduce_mean(r, (1, 2))
    return tf.where(total > 0, times, 1.0)


# %% right="flat, as a list"
def times_its_share(maps, regions):
    found = []
    for m, r in zip(maps.reshape(len(maps), -1), regions.reshape(len(maps), -1)):
        found.append(float(m @ r / m.sum() * r.size / r.sum()) if m.max() > 0 else 1.0)
    return found


# %% wrong="untouched" misconception="nothing_returned"
def times_its_share(maps, regions):
    times = None
    return times


# %% wrong="the share alone" misconception="area_forgotten"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    return np.where(total > 0, (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1), 1)


# %% wrong="by the number of pixels" misconception="area_forgotten"
def times_its_share(maps, regions):
    total = np.maximum(maps.sum(axis=(1, 2)), 1e-12)
    return (maps * regions).sum(axis=(1, 2)) / total / regions.sum(axis=(1, 2))


# %% wrong="the mean in the region" misconception="map_not_divided_by_its_total"
def times_its_share(maps, regions):
    return (maps * regions).sum(axis=(1, 2)) / regions.sum(axis=(1, 2))


# %% wrong="no total" misconception="map_not_divided_by_its_total"
def times_its_share(maps, regions):
    return (maps * regions).sum(axis=(1, 2)) / regions.mean(axis=(1, 2))


# %% wrong="inside over outside" misconception="compared_with_the_outside"
def times_its_share(maps, regions):
    inside = np.mean(maps, axis=(1, 2), where=regions)
    outside = np.mean(maps, axis=(1, 2), where=~regions)
    return np.where(outside > 0, inside / np.where(outside > 0, outside, 1), 1)


# %% wrong="of the outside" misconception="the_outside"
def times_its_share(maps, regions):
    regions = np.logical_not(regions)
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)


# %% wrong="the difference of the shares" misconception="difference"
def times_its_share(maps, regions):
    total = np.maximum(maps.sum(axis=(1, 2)), 1e-12)
    difference = (maps * regions).sum(axis=(1, 2)) / total - regions.mean(axis=(1, 2))
    return np.abs(difference)


# %% wrong="upside down" misconception="upside_down"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, regions.mean(axis=(1, 2)) / np.where(total > 0, share, 1), 1)


# %% wrong="one area" misconception="one_area_for_all"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, share / regions.mean(), 1)


# %% wrong="one total" misconception="one_total_for_all"
def times_its_share(maps, regions):
    return (maps * regions).sum(axis=(1, 2)) / maps.sum() / regions.mean(axis=(1, 2))


# %% wrong="one number" misconception="one_number_for_all"
def times_its_share(maps, regions):
    return maps[regions].sum() / maps.sum() / regions.mean()


# %% wrong="a number for each row" misconception="not_one_number_each"
def times_its_share(maps, regions):
    total = np.maximum(maps.sum(axis=2), 1e-12)
    return (maps * regions).sum(axis=2) / total / np.maximum(regions.mean(axis=2), 1e-12)


# %% wrong="divides by zero" misconception="nan_or_infinity"
def times_its_share(maps, regions):
    share = (maps * regions).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))
    return share / regions.mean(axis=(1, 2))


# %% wrong="zero for a map of zeros" misconception="map_of_zeros"
def times_its_share(maps, regions):
    share = (maps * regions).sum(axis=(1, 2)) / (maps.sum(axis=(1, 2)) + 1e-12)
    return share / regions.mean(axis=(1, 2))


# %% wrong="the brightest pixel" misconception="brightest_instead_of_sum"
def times_its_share(maps, regions):
    top = maps.max(axis=(1, 2))
    times = (maps * regions).max(axis=(1, 2)) / np.where(top > 0, top, 1) / regions.mean(axis=(1, 2))
    return np.where(top > 0, times, 1)


# %% wrong="counts bright pixels" misconception="pixels_counted"
def times_its_share(maps, regions):
    bright = maps > maps.mean(axis=(1, 2), keepdims=True)
    share = (bright & regions).sum(axis=(1, 2)) / np.maximum(bright.sum(axis=(1, 2)), 1)
    return share / regions.mean(axis=(1, 2))


# %% wrong="percent" misconception="percent"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = 100 * (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)


# %% wrong="squeezed" misconception="axis_of_one_lost"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.squeeze(np.where(total > 0, share / regions.mean(axis=(1, 2)), 1))


# %% wrong="multiplies into the maps" misconception="changes_its_input"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    maps *= regions
    share = maps.sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)


# %% wrong="the logarithm" misconception="none"
def times_its_share(maps, regions):
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    return np.abs(np.log(np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)))
