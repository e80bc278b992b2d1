"""Becomes another program whose life is tied to the process that started it.

Run as a script, by path, so that nothing of this project is imported:
`tethered.py PARENT_PID SIGNAL UID GID PROGRAM ARGUMENT...`. Where the kernel can (Linux), the
program gets SIGNAL when its parent dies, even by SIGKILL; elsewhere the next start finds it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(program: list[str], parent: int, death_signal: int, uid: int, gid: int) -> None:
    """Drop to the user, tie this process to its parent and become the program."""
    os.umask(0o077)
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid, which clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("The parent process ended during the start.")
    os.execv(program[0], program)  # noqa: S606  # the program is the caller's, and no shell is wanted


if __name__ == "__main__":
    main(sys.argv[5:], *map(int, sys.argv[1:5]))
