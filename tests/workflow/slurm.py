"""A Slurm of one node on loopback, started and stopped by hand: no systemd, no accounting."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sinfo", "sbatch")
PLUGIN = "snakemake_executor_plugin_slurm"
COMPILED_IN = Path("/etc/slurm/slurm.conf")
"""The plugin takes SLURM_CONF out of the environment of the steps of a job."""
PATIENCE = 60.0

CONFIGURATION = """
ClusterName=ci
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort=16827
SlurmdPort=16828
SlurmctldPidFile={folder}/ctld/pid
SlurmdPidFile={folder}/d/pid
StateSaveLocation={folder}/ctld
SlurmdSpoolDir={folder}/d
SlurmctldLogFile={folder}/ctld/log
SlurmdLogFile={folder}/d/log
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
MinJobAge=300
KillWait=5
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str:
    """Return why there can be no Slurm here; empty if there can."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if missing:
        return (
            f"no {missing[0]}: apt-get install --no-install-recommends "
            "slurmctld slurmd slurm-client munge"
        )
    if find_spec(PLUGIN) is None:
        return "no Slurm plugin of Snakemake: pip install 'epilepsy-pgx[slurm]'"
    if os.geteuid() != 0:
        return "not in CI: the daemons of Slurm are started by root"
    if COMPILED_IN.exists() and not COMPILED_IN.is_symlink():
        return "not in CI: this machine has a Slurm of its own"
    return ""


@dataclass(frozen=True)
class Cluster:
    """A Slurm that runs."""

    environment: dict[str, str]

    def ask(self, *words: str) -> str:
        """Return what a command of Slurm prints."""
        done = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def jobs(self) -> dict[str, str]:
        """Return the rule of each job that waits or runs, by its number."""
        lines = self.ask("squeue", "-h", "-t", "R,PD", "-o", "%i|%k").splitlines()
        return dict(line.split("|", 1) for line in lines)

    def cancel(self, rule: str, patience: float) -> str:
        """Kill the first job of a rule as soon as it runs; return its number."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for number, name in self.jobs().items():
                if name.startswith(f"rule_{rule}") and self.state(number) == "RUNNING":
                    self.ask("scancel", number)
                    return number
            time.sleep(0.2)
        raise TimeoutError(f"no job of {rule} within {patience:.0f} s")

    def state(self, number: str) -> str:
        """Return the state of a job."""
        return self.ask("squeue", "-h", "-j", number, "-o", "%T").strip()


def _memory() -> int:
    kilobytes = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    assert kilobytes
    return int(kilobytes[1]) // 1024 - 512


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Start a Slurm whose files lie in a folder; its own processes alone are ended."""
    for name in ("munge", "ctld", "d"):
        (folder / name).mkdir(parents=True, mode=0o755)
    key = folder / "munge/key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    host = os.uname().nodename.partition(".")[0]
    own = folder / "slurm.conf"
    # Two jobs at a time, as wide as the machine may be.
    cpus = os.cpu_count() or 1
    own.write_text(CONFIGURATION.format(host=host, folder=folder, cpus=cpus, memory=_memory()))
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    environment = {**os.environ, "SLURM_CONF": str(own), "PATH": path}
    munged = ["munged", "--force", f"--key-file={key}", f"--socket={folder}/munge/socket"]
    munged += [f"--pid-file={folder}/munge/pid", f"--log-file={folder}/munge/log"]
    munged += [f"--seed-file={folder}/munge/seed"]
    COMPILED_IN.parent.mkdir(exist_ok=True)
    COMPILED_IN.unlink(missing_ok=True)
    COMPILED_IN.symlink_to(own)
    try:
        for words in (munged, ["slurmctld", "-f", str(own)], ["slurmd", "-f", str(own)]):
            subprocess.run(words, env=environment, check=True, capture_output=True)
        cluster = Cluster(environment)
        _wait_for(cluster)
        yield cluster
        cluster.ask("scancel", "--full", "--user=root")
    finally:
        COMPILED_IN.unlink(missing_ok=True)
        for name in ("d", "ctld", "munge"):
            _end(folder / name / "pid")


def _wait_for(cluster: Cluster) -> None:
    end = time.monotonic() + PATIENCE
    while cluster.ask("sinfo", "-h", "-o", "%T").strip() not in ("idle", "mixed"):
        if time.monotonic() > end:
            raise TimeoutError("Slurm did not come up")
        time.sleep(0.2)


def _end(file: Path) -> None:
    """End a daemon by the number that it wrote down."""
    try:
        number = int(file.read_text())
    except (OSError, ValueError):
        return
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            os.kill(number, 0)
            time.sleep(0.1)
        os.kill(number, signal.SIGKILL)
