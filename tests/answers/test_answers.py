"""Every folder here holds the answers to one assignment, and is found by itself."""

import answers
import pytest
from answers import FOLDER, AnswersTest

# a class for each, so that every assignment is graded once, wherever its tests are run
for _folder in sorted(path for path in FOLDER.glob("[!_]*") if path.is_dir()):
    _name = f"Test_{_folder.name}"
    globals()[_name] = type(_name, (AnswersTest,), {"assignment": _folder.name})


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("06_not_there/some_function.py", "There is no source of 06_not_there"),
        ("01_saliency_maps/some_function.py", "01_saliency_maps has no check of some_function"),
    ],
)
def test_answers_to_nothing_are_an_error(file, sentence, tmp_path, monkeypatch):
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).touch()
    monkeypatch.setattr(answers, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=sentence):
        answers.collections.__wrapped__(file.partition("/")[0])
