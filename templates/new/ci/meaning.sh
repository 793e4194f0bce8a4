# What an exit code of `octavo build --strict`, with or without `--locked`, means; `octavo --help` lists them.
meaning() {
  case "$1" in
    0) echo "all is good" ;;
    1) echo "something failed: a task, a figure, a plugin, the store or the disk" ;;
    2) echo "the command line, a definition or a template is wrong" ;;
    3) echo "results moved from the committed locks, or an experiment has none: \`octavo lock\` shows each, \`octavo lock --accept\` accepts them" ;;
    4) echo "a claim turned out other than expected" ;;
    130) echo "it was stopped" ;;
    *) echo "it ended by itself or was killed, out of memory perhaps" ;;
  esac
}
