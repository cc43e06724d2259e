#!/usr/bin/env python3
# bench/macro/client.py: what an HTTP client takes for 10,000 requests, 1,000 at once, to a server that waits 100 ms.
import json

import stage

REQUESTS, CONCURRENCY, LAG_MS = 10_000, 1_000, 100
PATIENCE_SECONDS = 60


def measure(client_command, _, case):
    with stage.serving([stage.tool("lag_server"), str(LAG_MS)]) as server:
        words = [f"http://127.0.0.1:{server.port}/", str(REQUESTS), str(CONCURRENCY)]
        found = json.loads(stage.run([stage.tool("cost"), *client_command, *words], timeout=PATIENCE_SECONDS))
    stage.report("client_wall", found["wall"], "s")
    stage.report("client_cpu", found["cpu"], "s")
    stage.report("client_memory", found["memory"], "MiB")


stage.main({"client": None}, measure)
