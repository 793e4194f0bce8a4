# Sourced by benches of the whole program.

# Wall seconds, CPU seconds and the largest memory of a command, in a row with its name.
row() {
    python3 - "$@" <<'PY'
import os, sys, time
what, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
pid = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(pid, 0)
seconds = time.monotonic() - start
print(f"{what:44} {seconds:8.3f} s {used.ru_utime + used.ru_stime:8.2f} CPU s {used.ru_maxrss / 1024:7.0f} MB")
sys.exit(os.waitstatus_to_exitcode(status))
PY
}
