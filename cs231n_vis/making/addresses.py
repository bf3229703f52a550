"""The addresses of the repository, of the site, and of a notebook in Colab or on Binder.

All follow from ``[project.urls]`` in pyproject.toml, which is the one place to change them.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Addresses:
    """Where things are on the web.

    Attributes:
        repository: ``"https://github.com/OWNER/NAME"``, of which ``main`` is what people see.
        site: what ``make site`` builds, ending with a slash.
    """

    repository: str
    site: str

    def file(self, path: str) -> str:
        """The page of a file of the repository, or of a folder."""
        return f"{self.repository}/blob/main/{path}"

    def colab(self, notebook: str) -> str:
        """A notebook of ``notebooks/``, opened in Colab."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        return (
            "https://colab.research.google.com/github/"
            f"{owner_and_name}/blob/main/notebooks/{notebook}.ipynb"
        )

    def binder(self, notebook: str) -> str:
        """A notebook of ``notebooks/``, opened on Binder."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        opened = quote(f"lab/tree/notebooks/{notebook}.ipynb", safe="")
        return f"https://mybinder.org/v2/gh/{owner_and_name}/main?urlpath={opened}"


def read_addresses(root: Path) -> Addresses:
    """The addresses that pyproject.toml gives.

    Args:
        root: the folder that holds it.

    Raises:
        ValueError: it gives none, or one that is not of the form that is needed.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    urls = project.get("urls", {})
    repository, site = urls.get("Repository", ""), urls.get("Documentation", "")
    if not repository.startswith("https://github.com/") or not site.startswith("https://"):
        raise ValueError(
            "pyproject.toml's [project.urls] needs Repository, https://github.com/OWNER/NAME, and "
            "Documentation, the site's address."
        )
    return Addresses(repository.rstrip("/"), site.rstrip("/") + "/")
