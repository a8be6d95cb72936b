"""On which kind of file system a ledger lies: locks of network file systems are not trusted."""

import os
import re
from pathlib import Path

NETWORK = frozenset(
    (
        "9p acfs afs beegfs ceph cifs coda davfs fuse.ceph fuse.glusterfs fuse.rclone fuse.s3fs "
        "fuse.sshfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 pvfs2 smb2 smb3 smbfs vboxsf"
    ).split()
)
"""Kinds on which SQLite's locks may not hold between two machines."""
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


def network_kind(folder: Path, mounts: str | None = None) -> str:
    """Return the kind of network file system that a folder lies on; empty if on none.

    Parameters
    ----------
    mounts
        What the system mounts, as `/proc/self/mountinfo` says it; None to read that. Where there
        is no such file nothing can be told, and nothing is.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""
    place = os.path.realpath(folder)
    best, found = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if len(words) < 5 or not after:
            continue
        root = _OCTAL.sub(lambda m: chr(int(m[1], 8)), words[4])
        inside = place == root or place.startswith(root.rstrip("/") + "/")
        if inside and len(root) >= best:
            best, found = len(root), after.split(" ", 1)[0]
    return found if found in NETWORK else ""
