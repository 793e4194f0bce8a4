#!/usr/bin/env bash
# The shipped cluster `slurm`, as it is written, with a controller and two nodes of Slurm on this machine, in a container as root and without
# systemd: Debian's packages slurm-wlm and munge. `octavo` is the first argument. Where they are missing and cannot be installed, the
# script says so and leaves it out, or fails if OCTAVO_NEED_CLUSTERS is set.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
skip() {
  echo "SKIPPED: $1: the cluster \`slurm\` is not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ] || exit 1
  exit 0
}
[ "$(id -u)" = 0 ] || skip "Slurm's daemons want to be root"
if ! command -v slurmctld slurmd munged >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends slurm-wlm munge; } >/dev/null 2>&1 ||
    skip "slurm-wlm cannot be installed here"
fi
folder=$(mktemp -d)
chmod 755 "$folder"
started=()
finish() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  sleep 1
  rm -rf "$folder"
}
trap finish EXIT

# Munge, with a key and a socket of its own.
mkdir -p "$folder/munge" "$folder/state" "$folder/spool1" "$folder/spool2"
head -c 1024 /dev/urandom > "$folder/munge/key"
chmod 400 "$folder/munge/key"
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" >/dev/null 2>&1 &
started+=($!)

host=$(hostname -s)
cat > "$folder/slurm.conf" <<CONF
ClusterName=octavo
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1
MpiDefault=none
ReturnToService=2
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16818 CPUs=2
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=16819 CPUs=2
PartitionName=all Nodes=n1,n2 Default=YES State=UP MaxTime=INFINITE
CONF
export SLURM_CONF="$folder/slurm.conf"
for _ in $(seq 50); do [ -S "$folder/munge/socket" ] && break; sleep 0.1; done
slurmctld -D >/dev/null 2>&1 &
started+=($!)
for node in n1 n2; do
  slurmd -D -N "$node" >/dev/null 2>&1 &
  started+=($!)
done
for _ in $(seq 60); do
  [ "$(sinfo --noheader --format=%T 2>/dev/null | sort -u)" = idle ] && break
  sleep 0.5
done
if [ "$(sinfo --noheader --format=%T | sort -u)" != idle ]; then
  sinfo >&2 || true
  tail -n 20 "$folder"/*.log >&2
  exit 1
fi

cp -rL "$here/../../examples/cluster" "$folder/one"
cp -rL "$here/../../examples/cluster" "$folder/many"
rm -rf "$folder"/{one,many}/.octavo "$folder"/{one,many}/site
"$octavo" -C "$folder/one" --quiet build
"$octavo" -C "$folder/many" submit lab 2>&1 | tee "$folder/said"
grep -q 'submitted 24 tasks in 24 jobs' "$folder/said"
grep -q '^0 tasks run, 24 remembered' "$folder/said"
diff -r "$folder/one/site" "$folder/many/site"
echo "slurm: 24 tasks in an array of 24 jobs on two nodes, and the same site"
