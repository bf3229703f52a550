"""Run a command as an ordinary user, though root, as which tests are often run, is none."""

import os
import sys
from pathlib import Path

from cs231n_vis.grading.walls import as_ordinary_user


def as_an_ordinary_user(argv: list[str], home: Path) -> list[str]:
    """The command that runs ``argv`` as an ordinary user; itself if one runs this.

    Args:
        argv: the command.
        home: a folder, which will be the user's, with all that is in it.
    """
    if os.geteuid() != 0:
        return argv
    return as_ordinary_user(["env", f"HOME={home}", f"TMPDIR={home}", *argv], home)


if __name__ == "__main__":  # FOLDER COMMAND...
    command = as_an_ordinary_user(sys.argv[2:], Path(sys.argv[1]))
    os.execvp(command[0], command)
