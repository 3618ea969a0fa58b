"""The site of docs/: ``make docs`` builds it into build/site; a broken link, citation or anchor ends the build."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "e2e-validator"
html_title = "e2e-validator"
extensions = ["myst_parser", "citations"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_ext", "_static"]
nitpicky = True
smartquotes = False
highlight_language = "none"

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
