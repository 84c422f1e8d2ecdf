"""What the documentation site needs beyond its pages: their order, pictures from tests, links that leave it.

MkDocs calls these by name (`hooks` in mkdocs.yml). Pages are read in the repository too, so they link to its
files; on the site such a link becomes the file's name, and one to a file that is not there breaks the build.
"""

import logging
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parents[1]
#: Where the browser tests leave what they saw, and where pages look for it.
SCREENSHOTS: Final = ROOT / "build" / "screenshots"
SHOWN_AT: Final = "screenshots"

#: The kinds of pages, in the order in which readers meet them (Diátaxis), and the folder of each.
KINDS: Final = (
    ("Tutorials", "tutorials"),
    ("How-to", "how-to"),
    ("Reference", "reference"),
    ("Explanation", "explanation"),
    ("Decisions", "decisions"),
)
#: Pages of the reference with the stem of a module here are about shapes of the model.
MODEL: Final = ROOT / "src" / "gossamer" / "model"

log = logging.getLogger("mkdocs.hooks.site")

_LINK: Final = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)+[^)#\s]+)(#[^)\s]*)?\)")
_PICTURE: Final = re.compile(rf"^!\[[^\]]*\]\((?:\.\./)*{SHOWN_AT}/([\w-]+\.png)\)$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List every page there is: a new one needs no line elsewhere."""
    docs = Path(config.docs_dir)
    config.nav = ["index.md", *({name: _listed(docs, folder)} for name, folder in KINDS)]
    return config


def _listed(docs: Path, folder: str) -> list[str | dict[str, list[str]]]:
    """The pages of a folder; the model's shapes are a list of their own."""
    found = sorted(docs.glob(f"{folder}/*.md"))
    shapes = [one for one in found if folder == "reference" and (MODEL / f"{one.stem}.py").is_file()]
    pages: list[str | dict[str, list[str]]] = [
        str(one.relative_to(docs)) for one in found if one not in shapes
    ]
    return [*pages, {"Shapes": [str(one.relative_to(docs)) for one in shapes]}] if shapes else pages


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the pictures beside the pages."""
    for picture in sorted(SCREENSHOTS.glob("*.png")):
        files.append(File.generated(config, f"{SHOWN_AT}/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Say the name of what lies outside of the pages; leave out pictures that nobody has made."""
    here = Path(config.docs_dir, page.file.src_uri).parent

    def told(found: re.Match[str]) -> str:
        text, target = found[1], (here / found[2]).resolve()
        if target.is_relative_to(config.docs_dir):
            return found[0]
        if not target.exists():
            log.warning("%s links to %s, which is not there", page.file.src_uri, found[2])
        name = f"`{target.relative_to(ROOT)}`"
        return name if text.strip("`") in str(target) else f"{text} ({name})"

    def shown(found: re.Match[str]) -> str:
        if files.get_file_from_path(f"{SHOWN_AT}/{found[1]}") is not None:
            return found[0]
        log.info("%s shows %s, which the browser tests have not made", page.file.src_uri, found[1])
        return ""

    return _PICTURE.sub(shown, _LINK.sub(told, markdown))
