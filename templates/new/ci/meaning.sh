# What an exit code of `octavo build --strict` means; `octavo --help` lists them.
meaning() {
  case "$1" in
    0) echo "all is good" ;;
    1) echo "something failed: a task, a figure, a plugin, the store or the disk" ;;
    2) echo "the command line, a definition or a template is wrong" ;;
    3) echo "results differ from a lock" ;;
    4) echo "a claim turned out other than expected" ;;
    130) echo "it was stopped" ;;
    *) echo "it ended by itself or was killed, out of memory perhaps" ;;
  esac
}
