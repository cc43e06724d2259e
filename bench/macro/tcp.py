#!/usr/bin/env python3
# bench/macro/tcp.py: TCP echo over loopback, the server on one core, the load on another.
import stage

# {case: (connections, bytes)}
CASES = {f"tcp_{size}_{connections}": (connections, size) for size in (64, 16384) for connections in (1, 50, 1000)}


def measure(server_command, seconds, case):
    connections, size = CASES[case]
    with stage.serving(server_command) as server:
        found = stage.load(server, seconds, connections, "echo", size)
    stage.report(case, found["per_second"], "messages/s", server_busy=found["server_busy"], load_busy=found["load_busy"])
    stage.report(f"{case}_cpu", found["cpu"], "us")
    stage.report(f"{case}_delay", found["p50"], "us", p99=found["p99"], p999=found["p999"])


stage.main(CASES, measure)
