"""How many verdicts came back on fresh seeds, read from the locks that `octavo replicate` wrote.

Usage: python3 benches/replication.py [FOLDER OF EXPERIMENTS]

Counted are claims that an interval of non-zero width decided. A set is one of the fresh ones, as large as the published one. Experiments
without fresh sets have no counts here: what the published site decides in them stands as "not replicated" on its page of claims.
"""

import pathlib
import sys
import tomllib

DECIDED = ("holds", "refuted")


def main() -> None:
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "experiments")
    counted = confirmed = 0
    lost, opposite, without = [], [], []
    votes = {"as published": 0, "undecided": 0, "the other way": 0}
    for path in sorted(folder.rglob("*.lock")):
        lock = tomllib.loads(path.read_text())
        name = path.relative_to(folder).with_suffix("").as_posix()
        if lock.get("registered") and "replication" not in lock:
            without.append(name)
        for claim, found in lock.get("replication", {}).get("claims", {}).items():
            published, pooled = found["published"], found["pooled"]
            if not found["by_interval"] or published not in DECIDED:
                continue
            counted += 1
            confirmed += pooled == published
            if pooled != published:
                (opposite if pooled in DECIDED else lost).append(f"{name}#{claim}")
            for vote in found["votes"]:
                same = "as published" if vote == published else "the other way" if vote in DECIDED else "undecided"
                votes[same] += 1
    share = 100 * confirmed / counted if counted else 0.0
    print(f"decided by an interval, and replicated: {counted}, confirmed by all fresh replicates together: {confirmed} ({share:.1f} %)")
    print(f"undecided by them: {', '.join(lost) or 'none'}")
    print(f"decided the other way: {', '.join(opposite) or 'none'}")
    print("single fresh sets: " + ", ".join(f"{count} {what}" for what, count in votes.items()))
    print(f"registered and not replicated: {', '.join(without) or 'none'}")


if __name__ == "__main__":
    main()
