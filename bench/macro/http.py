#!/usr/bin/env python3
# bench/macro/http.py: HTTP plaintext over loopback with kept connections, the server on one core, the load on another.
import stage

PIPELINED = 16  # requests at once, as wrk's users do it

# {case: (connections, requests at once)}
CASES = {f"http_{connections}{suffix}": (connections, depth)
         for depth, suffix in ((1, ""), (PIPELINED, "_pipelined")) for connections in (64, 512)}


def measure(server_command, seconds, case):
    connections, depth = CASES[case]
    with stage.serving(server_command) as server:
        found = stage.load(server, seconds, connections, "http", depth)
    stage.report(f"{case}_cpu", found["cpu"], "us", server_busy=found["server_busy"], load_busy=found["load_busy"])
    stage.report(case, found["per_second"], "requests/s", p50=found["p50"], p99=found["p99"], p999=found["p999"])


stage.main(CASES, measure)
