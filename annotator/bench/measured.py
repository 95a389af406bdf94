"""Run a command, and print on the last line what it took: seconds, seconds of a core, and at most how much memory (KB).

A process of its own, small and fresh: the kernel counts what a process was before it became another program, so the
peak of a command that a large program starts would never be below that program's own.

`python annotator/bench/measured.py COMMAND…`
"""

import json
import os
import sys
import time


def main(command: list[str]) -> None:
    """Run the command, wait for it, print one JSON object, and end as it ended."""
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        os.execvp(command[0], command)  # noqa: S606  # the command that our caller made
    _, status, usage = os.wait4(child, 0)
    peak = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)  # bytes there, KB elsewhere
    facts = {"seconds": time.monotonic() - begin, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_kb": peak}
    print(json.dumps(facts))  # noqa: T201  # to the process that started this one
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1:])
