"""A pytest plugin on top of nbval: check cells are judged by arrays, outside the student's kernel.

``pytest --nbval-lax NOTEBOOK`` loads it by its entry point. It puts another collector in place of
nbval's, for notebooks of ours, and keeps their cells together and in order; what it does is in
``nbval_items``, which is imported when nbval has found a notebook, so that other test runs pay
nothing.
"""

import sys

import pytest

DISTRIBUTES_CELLS = ("load", "loadgroup", "worksteal")  # values of --dist


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    collectors = yield
    if file_path.suffix != ".ipynb" or not collectors or "nbval.plugin" not in sys.modules:
        return collectors
    from .nbval_items import assignment

    return [assignment(collector) for collector in collectors]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    if ours := sys.modules.get(f"{__package__}.nbval_items"):
        session.items[:] = ours.together(session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Under ``-n``, a notebook goes to one process whole: its cells share a kernel."""
    if "nbval.plugin" not in sys.modules or config.option.dist not in DISTRIBUTES_CELLS:
        return None
    if not (config.option.nbval or config.option.nbval_lax):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)
