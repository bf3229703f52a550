# Answers to image_from_waves(waves, frequency, colour_mix); see ../__init__.py.

# %% right="einsum"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    colours = tf.sigmoid(tf.einsum("ck,nkhw->nhwc", colour_mix, height * width * planes))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% right="weighted as real numbers"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    real, imaginary = tf.unstack(height * width * waves / frequency)
    planes = tf.signal.irfft2d(tf.complex(real, imaginary), [height, width])
    pixels = tf.transpose(planes, (0, 2, 3, 1)) @ colour_mix.T
    return (tf.sigmoid(pixels) - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% right="tensordot, the range by hand"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    spectrum = tf.complex(waves[0] / frequency, waves[1] / frequency)
    planes = tf.signal.irfft2d(spectrum, tf.constant([height, width])) * (height * width)
    mixed = tf.tensordot(planes, colour_mix, axes=[[1], [1]])
    colours = 1 / (1 + tf.exp(-mixed))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% right="one image at a time"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    images = []
    for n in range(waves.shape[1]):
        planes = tf.signal.irfft2d(tf.complex(waves[0, n], waves[1, n]) / frequency, [height, width])
        red, green, blue = (
            sum(float(colour_mix[c, k]) * planes[k] for k in range(3)) for c in range(3)
        )
        colours = tf.sigmoid(height * width * tf.stack([red, green, blue], axis=-1))
        images.append((colours - SQUEEZENET_MEAN) / SQUEEZENET_STD)
    return tf.stack(images)


# %% right="mixed while they are waves"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    mixed = tf.einsum("ck,ankhw->anchw", colour_mix, waves / frequency)
    planes = tf.signal.irfft2d(tf.complex(mixed[0], mixed[1]), [height, width])
    colours = tf.sigmoid(height * width * tf.transpose(planes, (0, 2, 3, 1)))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% right="tanh"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.linalg.matmul(
        tf.transpose(planes, (0, 2, 3, 1)), tf.constant(colour_mix), transpose_b=True
    )
    colours = (1 + tf.tanh(height * width * planes / 2)) / 2
    return (colours - tf.constant(SQUEEZENET_MEAN)) / tf.constant(SQUEEZENET_STD)


# %% right="compiled, in pixels of a column"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)

    @tf.function
    def image(waves):
        planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
        flat = tf.reshape(planes, (-1, 3, height * width)) * float(height * width)
        flat = tf.transpose(tf.constant(colour_mix) @ flat, (0, 2, 1))
        return tf.sigmoid(tf.reshape(flat, (-1, height, width, 3)))

    return (image(waves) - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="untouched" misconception="nothing_returned"
def image_from_waves(waves, frequency, colour_mix):
    X = None
    return X


# %% wrong="not weighted" misconception="waves_of_equal_strength"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]), [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="times the frequency" misconception="fine_waves_too_strong"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) * frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="over its square" misconception="another_power_of_the_frequency"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    spectrum = tf.complex(waves[0], waves[1]) / frequency**2
    planes = tf.signal.irfft2d(spectrum, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="over its root" misconception="another_power_of_the_frequency"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    spectrum = tf.complex(waves[0], waves[1]) / np.sqrt(frequency)
    planes = tf.signal.irfft2d(spectrum, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="without the factor" misconception="sum_of_the_waves"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="times the root of the factor" misconception="sum_of_the_waves"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(np.sqrt(height * width) * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="times the number of waves" misconception="sum_of_the_waves"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(frequency.size * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="real part only" misconception="real_and_imaginary_parts"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    spectrum = tf.cast(waves[0] / frequency, tf.complex64)
    planes = tf.signal.irfft2d(spectrum, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="parts exchanged" misconception="real_and_imaginary_parts"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[1], waves[0]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="size and angle" misconception="real_and_imaginary_parts"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    size, angle = waves[0] / frequency, waves[1]
    spectrum = tf.complex(size * tf.cos(angle), size * tf.sin(angle))
    planes = tf.signal.irfft2d(spectrum, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="colours not mixed" misconception="colours_left_as_they_are"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="rows for columns" misconception="mix_the_wrong_way_round"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ colour_mix)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="einsum the wrong way round" misconception="mix_the_wrong_way_round"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(tf.einsum("kc,nhwk->nhwc", colour_mix, planes))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="the inverse of the mix" misconception="mix_the_wrong_way_round"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ np.linalg.inv(colour_mix).T)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="squeezed, then mixed" misconception="mixed_too_late"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes) @ tf.transpose(colour_mix)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="mixed after preprocessing" misconception="mixed_too_late"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes)
    return ((colours - SQUEEZENET_MEAN) / SQUEEZENET_STD) @ tf.transpose(colour_mix)


# %% wrong="no range" misconception="another_range"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = planes @ tf.transpose(colour_mix)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="clipped" misconception="another_range"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.clip_by_value(planes @ tf.transpose(colour_mix), 0, 1)
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="tanh as it is" misconception="another_range"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.tanh(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="planes as the image" misconception="another_range"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    return planes @ tf.transpose(colour_mix)


# %% wrong="softmax over the colours" misconception="none"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.nn.softmax(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="from 0 to 1" misconception="preprocessing"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return colours


# %% wrong="from 0 to 255" misconception="preprocessing"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return 255 * colours


# %% wrong="the mean alone" misconception="preprocessing"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return colours - SQUEEZENET_MEAN


# %% wrong="without brackets" misconception="preprocessing"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return colours / SQUEEZENET_STD - SQUEEZENET_MEAN


# %% wrong="deprocessed" misconception="preprocessing"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return colours * SQUEEZENET_STD + SQUEEZENET_MEAN


# %% wrong="preprocess_image" misconception="tape_cannot_follow"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return preprocess_image(255 * colours)


# %% wrong="NumPy" misconception="tape_cannot_follow"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    spectrum = (waves[0].numpy() + 1j * waves[1].numpy()) / frequency
    planes = np.fft.irfft2(spectrum, (height, width)).astype(np.float32)
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="reshaped" misconception="image_scrambled"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.reshape(height * width * planes, (-1, height, width, 3))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="reshaped after mixing" misconception="image_scrambled"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    mixed = tf.einsum("ck,nkhw->nchw", colour_mix, height * width * planes)
    colours = tf.sigmoid(tf.reshape(mixed, (-1, height, width, 3)))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD


# %% wrong="colours first" misconception="colours_first"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    mixed = tf.einsum("ck,nkhw->nchw", colour_mix, height * width * planes)
    mean, std = (x[:, None, None] for x in (SQUEEZENET_MEAN, SQUEEZENET_STD))
    return (tf.sigmoid(mixed) - mean) / std


# %% wrong="the first image" misconception="image_of_another_shape"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return ((colours - SQUEEZENET_MEAN) / SQUEEZENET_STD)[0]


# %% wrong="height and width exchanged" misconception="image_of_another_shape"
def image_from_waves(waves, frequency, colour_mix):
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 3, 2, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD
