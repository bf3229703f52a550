"""Arrays come out of a stranger's kernel as plain numbers, whatever the stranger does."""

import os
import traceback

import numpy as np
import pytest

from cs231n_vis.checking.exchange import Probe, examine

X = np.random.default_rng(231).random((2, 4, 5, 3), dtype=np.float32)
PROBES = [
    Probe("two", {"X": X, "y": np.array([3, 1])}, None),
    Probe("one", {"X": X[:1], "y": np.array([2])}, None),
]


class InThisProcess:
    """A stand-in for a kernel: the same code runs, in a namespace of its own."""

    def __init__(self, source):
        self.names = {}
        self.error = self(source)

    def __call__(self, code):
        try:
            exec(code, self.names)
        except Exception as problem:
            return traceback.format_exception_only(problem)[-1].strip()
        return ""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    from cs231n_vis.checking import calls

    monkeypatch.setattr(calls, "given_model", lambda: "the model")


def ask(source, tmp_path):
    run = InThisProcess("import numpy as np, os\n" + source)
    assert not run.error
    return examine(run, "answer", "answer(X, y, model)", PROBES, tmp_path / "shared")


def test_what_the_function_returns_comes_out(tmp_path):
    answers = ask("def answer(X, y, model): return X.max(-1) + y[:, None, None]", tmp_path)
    for answer, probe in zip(answers, PROBES, strict=True):
        assert np.array_equal(
            answer.returned, probe.inputs["X"].max(-1) + probe.inputs["y"][:, None, None]
        )
        assert not answer.error and not answer.changed_input


def test_the_function_is_given_the_model(tmp_path):
    answers = ask("def answer(X, y, model): return [len(model)]", tmp_path)
    assert answers[0].returned.tolist() == [len("the model")]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("'passed'", "str"),
        ("object()", "object"),
        ("[[1], [2, 3]]", "list"),
        ("np.array([None])", "ndarray"),
        ("np.array(['a'])", "ndarray"),
        ("X.max(-1) * 1j", "ndarray"),
        ("type('A<script>', (), {})()", "Ascript"),
    ],
)
def test_what_is_not_an_array_of_numbers_comes_out_as_its_kind(expression, kind, tmp_path):
    answer = ask(f"def answer(X, y, model): return {expression}", tmp_path)[0]
    assert type(answer.returned).__name__ == kind and not answer.error


def test_nothing_comes_out_as_nothing(tmp_path):
    answer = ask("def answer(X, y, model): pass", tmp_path)[0]
    assert answer.returned is None and not answer.error


def test_an_error_is_told_and_the_next_probe_is_asked_all_the_same(tmp_path):
    answers = ask("def answer(X, y, model): return X / (len(y) // 2)[0]", tmp_path)
    assert answers[0].error.startswith("TypeError: 'int' object is not subscriptable")
    assert len(answers) == 2


def test_a_function_that_is_not_there_is_an_error(tmp_path):
    assert ask("pass", tmp_path)[0].error == "NameError: name 'answer' is not defined"


def test_a_change_of_the_input_is_noticed(tmp_path):
    source = "def answer(X, y, model):\n    maps = X.max(-1).copy()\n    X[:] = 0\n    return maps"
    answers = ask(source, tmp_path)
    assert np.array_equal(answers[0].returned, X.max(-1)) and answers[0].changed_input


LIES = """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    def __array_ufunc__(self, *a, **k): return 0
def answer(X, y, model): return np.zeros(X.shape[:3]).view(Liar)
"""


def test_an_array_that_claims_to_equal_everything_comes_out_as_what_it_holds(tmp_path):
    returned = ask(LIES, tmp_path)[0].returned
    assert type(returned) is np.ndarray and not returned.any()


@pytest.mark.parametrize(
    "trick",
    [
        "os.symlink({secret!r}, where + '/0.answer.npy')",
        "os.link({secret!r}, where + '/0.answer.npy'); os.chmod(where + '/0.answer.npy', 0)",
        "os.mkfifo(where + '/0.answer.npy')",
        "os.mkdir(where + '/0.answer.npy')",
        "os.rename(where, where + 'x'); os.symlink({folder!r}, where)",
        "open(where + '/0.answer.npy', 'wb').truncate(10**9)",
        "open(where + '/0.answer.npy', 'wb').write(b'\\x93NUMPY nonsense')",
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such tricks")
def test_links_pipes_and_folders_in_place_of_the_answer_are_not_followed(trick, tmp_path):
    """The trick is played when the answer is about to be saved, by a patched numpy."""
    secret = tmp_path / "expected" / "0.answer.npy"
    secret.parent.mkdir()
    np.save(secret, PROBES[0].expected)
    trick = trick.format(secret=str(secret), folder=str(secret.parent))
    if "os.link(" in trick:
        pytest.importorskip("fcntl")
    source = (
        "import glob\n"
        "def answer(X, y, model):\n"
        f"    where = glob.glob({str(tmp_path)!r} + '/shared/exchange-*')[0]\n"
        f"    {trick}\n"
        "    return None\n"
    )
    returned = ask(source, tmp_path)[0].returned
    if "os.link(" not in trick:  # a hard link needs a shared file system, which no sandbox grants
        assert not isinstance(returned, np.ndarray)


def test_two_examinations_in_one_folder_do_not_meet(tmp_path):
    source = "def answer(X, y, model): return X.max(-1)"
    assert len([*ask(source, tmp_path), *ask(source, tmp_path)]) == 4


def test_a_change_of_the_model_is_noticed_and_the_next_call_gets_a_new_one(tmp_path, monkeypatch):
    from cs231n_vis import squeezenet, tf
    from cs231n_vis.checking import calls

    def small():
        image = tf.keras.Input((None, None, 3))
        return tf.keras.Model(image, tf.keras.layers.Conv2D(2, 1, activation="relu")(image))

    monkeypatch.undo()
    monkeypatch.setattr(calls, "_given", [])
    monkeypatch.setattr(squeezenet, "load_squeezenet", small)
    source = (
        "def answer(X, y, model):\n"
        "    scores = model(X).numpy()\n"
        "    if len(y) == 2: model.layers[-1].activation = lambda x: -x\n"
        "    return [(scores >= 0).all()] * 2 + [len(y)]"
    )
    answers = ask(source, tmp_path)
    assert [answer.changed_model for answer in answers] == [True, False]
    assert [answer.returned.tolist() for answer in answers] == [[1, 1, 2], [1, 1, 1]]
