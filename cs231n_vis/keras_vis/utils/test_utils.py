"""Decorators that keras-vis's own tests use."""

import functools
from collections.abc import Callable, Container

from ..backend import backend, clear_session, image_data_format, set_image_data_format


def across_data_formats(func: Callable) -> Callable:
    """Run a test with channels first and with channels last, and set the format back."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        before = image_data_format()
        try:
            for data_format in ("channels_first", "channels_last"):
                set_image_data_format(data_format)
                func(*args, **kwargs)
                clear_session()
        finally:
            set_image_data_format(before)

    return wrapper


def skip_backends(backends: str | Container[str]) -> Callable:
    """Leave a test out on these backends of Keras: one name or several."""
    names = [backends] if isinstance(backends, str) else backends

    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            if backend() not in names:
                func(*args, **kwargs)

        return wrapper

    return decorator
