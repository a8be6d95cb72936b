"""Network file systems are known by what the system mounts."""

import pytest

from epilepsy_pgx.ledger.place import network_kind

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:44 / /lab rw,relatime shared:9 - nfs4 server:/lab rw,vers=4.2
41 40 8:2 / /lab/local rw shared:9 - xfs /dev/sdb1 rw
42 22 0:50 / /two\040words rw - fuse.sshfs me@host: rw
43 22 0:51 / /laboratory rw - ext4 /dev/sdc1 rw
half a line
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/x", ""),
        ("/lab", "nfs4"),
        ("/lab/results", "nfs4"),
        ("/lab/local/results", ""),
        ("/laboratory/results", ""),
        ("/two words/x", "fuse.sshfs"),
    ],
)
def test_the_innermost_mount_counts(folder, kind):
    assert network_kind(folder, MOUNTS) == kind


def test_where_nothing_can_be_told_nothing_is(tmp_path, monkeypatch):
    assert network_kind(tmp_path, "") == ""
    monkeypatch.setattr("epilepsy_pgx.ledger.place._MOUNTS", tmp_path / "none")
    assert network_kind(tmp_path) == ""
