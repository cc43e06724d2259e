#!/usr/bin/env python3
# bench/macro/files.py: reads of 4 KiB at random places of a file that is in memory, on one core: how many in a second
# of processor time, that of threads and of the program's start included.
import os
import resource
import tempfile

import stage

# {case: reads under way at once}
CASES = {"file_reads_1": 1, "file_reads_32": 32}
FILE_BYTES = 64 * 1024 * 1024  # more than a processor's caches, less than anybody's memory
PATIENCE_SECONDS = 30


def processor_time():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def measure(program, seconds, case):
    with tempfile.NamedTemporaryFile(prefix="torus-bench-") as file:
        file.write(os.urandom(FILE_BYTES))
        file.flush()
        words = [*program, file.name, str(seconds), str(CASES[case])]
        before = processor_time()
        reads, passed = stage.run(words, timeout=PATIENCE_SECONDS + 4 * seconds).split()
        spent = processor_time() - before
    stage.report(case, int(reads) / spent, "reads/s", by_the_clock=int(reads) / float(passed))


stage.main(CASES, measure)
