"""A browser to read pages in.

One tab serves a module: to open another takes most of a second. It serves no more than that, since an event loop runs
as long as it is there, beside which other tests could not run theirs.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PROGRAMS = ("chromium", "google-chrome")


@pytest.fixture(scope="module")
def blank() -> Iterator[Page]:
    """A tab of the machine's own Chromium, without a window. Without one the tests are skipped, but never in CI."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None or sys.platform != "linux":
        reason = "no Chromium here: scripts/ci/install_chromium.sh installs it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - declared for Linux alone

    with sync_playwright() as playwright:
        # Root, as in a container, cannot have Chromium's own sandbox; what it opens are this project's files.
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
        try:
            yield browser.new_page()
        finally:
            browser.close()
