"""The Python that the documentation shows runs as it stands."""

import re
import subprocess
import sys

import pytest

PAGES = [
    "docs/evolution.md",
    "docs/learners.md",
    "docs/library.md",
    "docs/models.md",
    "docs/preferences.md",
    "docs/python-api.md",
    "docs/sandbox.md",
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(page, pytestconfig):
    blocks = re.findall(r"```python\n(.*?)```", (pytestconfig.rootpath / page).read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
