#!/usr/bin/env python3
# bench/macro/idle.py: what a connection takes in the server that has answered once, and waits.
import subprocess
import sys

import stage

CONNECTIONS = 10_000
MODE = {"idle_tcp": ("echo", 64), "idle_http": ("http", 1)}


def held(server, connections, mode, size):
    """The server's memory while it has so many connections more."""
    words = [stage.tool("load"), server.port, server.pid, 0, connections, mode, size]
    with subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          preexec_fn=stage.pin(stage.cores()[1])) as load:
        ready = load.stdout.readline()
        memory = server.memory()
        load.stdin.close()
        load.wait()
    if ready.strip() != "ready":
        raise RuntimeError("the load could not open its connections")
    return memory


def measure(server_command, _, case):
    mode, size = MODE[case]
    with stage.serving(server_command) as server:
        # One connection first: what a server takes once, for the first of all, is none of theirs.
        before = held(server, 1, mode, size)
        after = held(server, CONNECTIONS, mode, size)
    stage.report(case, (after - before) / CONNECTIONS, "bytes", connections=CONNECTIONS)


# A server takes part in one of them, which the first argument names: it speaks HTTP, or it doesn't.
only = sys.argv.pop(1)
stage.main({only: MODE[only]}, measure)
