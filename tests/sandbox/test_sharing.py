"""Several sandboxes over one PostgreSQL database."""

from __future__ import annotations

from typing import Any

import pytest

from ._process import running
from ._writers import check, write_together, writers


@pytest.mark.clause("concurrent-updates")
def test_two_sandboxes_lose_no_update_of_16_writers_on_fields_of_their_own(
    conninfo: str, update: dict[str, Any]
) -> None:
    options = ("--store", conninfo)
    all_writers = writers(16, keep_all=True)
    with running(*options) as first, running(*options) as second:
        write_together(all_writers, (first, second), update, until=16 * 20)
        assert [writer.unexpected for writer in all_writers] == [[]] * 16
        assert all(writer.acknowledged == writer.sent > 0 for writer in all_writers)
        check(all_writers, first)
        check(all_writers, second)
