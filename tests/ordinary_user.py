"""Run a command as an ordinary user, who owns a folder and can read this Python and this checkout.

The tests are often run by root, and most people who grade are not.
"""

import os
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USER = 23100  # nobody whom the system knows


def as_an_ordinary_user(argv: list[str], home: Path) -> list[str]:
    """The command that runs ``argv`` as an ordinary user; itself if one runs this.

    Args:
        argv: the command.
        home: a folder, which will be the user's, with all that is in it.

    What stands in a folder that only root may pass, as a Python below ``/root`` does, is shown at
    its place in a mount namespace of the command's own. Nothing outside is changed.
    """
    if os.geteuid() != 0:
        return argv
    needed = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), ROOT, home}
    closed = {}
    for path in sorted(needed):
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & 0o001:
                closed.setdefault(parent, []).append(path)
                break
    lines = ["set -e", f"chown -R {USER}:{USER} {shlex.quote(str(home))}"]
    for parent, paths in closed.items():
        shown = []
        for path in paths:
            if not any(path.is_relative_to(other) for other in shown):
                shown.append(path)
        aside = "/mnt"
        lines += [f"mount -t tmpfs none {aside}"]
        for n, path in enumerate(shown):
            make = f"mkdir {aside}/{n}" if path.is_dir() else f"touch {aside}/{n}"
            lines += [make, f"mount --bind {shlex.quote(str(path))} {aside}/{n}"]
        lines += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(parent))}"]
        for n, path in enumerate(shown):
            quoted, above = shlex.quote(str(path)), shlex.quote(str(path.parent))
            make = f"mkdir -p {quoted}" if path.is_dir() else f"mkdir -p {above}; touch {quoted}"
            lines += [make, f"mount --bind {aside}/{n} {quoted}"]
        lines += [f"umount -R {aside}"]
    become = f"setpriv --reuid={USER} --regid={USER} --clear-groups"
    environment = f"env HOME={shlex.quote(str(home))} TMPDIR={shlex.quote(str(home))}"
    lines += [f"exec {become} {environment} {shlex.join(argv)}"]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]
