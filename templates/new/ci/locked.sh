# Whether the project in a folder ships locks: somebody committed `octavo.lock`. One that a build wrote here holds nobody to anything.
ships_locks() {
  git -C "$1" ls-files --error-unmatch octavo.lock > /dev/null 2>&1
}
