"""A pytest plugin on top of nbval: check cells are judged by arrays, outside the student's kernel.

``pytest --nbval-lax NOTEBOOK`` loads it by its entry point. All it does is put another collector in
place of nbval's, for notebooks of ours; what that does is in ``nbval_items``, which is imported
when nbval has found a notebook, so that other test runs pay nothing.
"""

import sys

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    collectors = yield
    if file_path.suffix != ".ipynb" or not collectors or "nbval.plugin" not in sys.modules:
        return collectors
    from .nbval_items import assignment

    return [assignment(collector) for collector in collectors]
