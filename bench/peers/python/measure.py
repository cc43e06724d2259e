# bench/peers/python/measure.py: the command line, the clocks, the samples: as bench/common/session.hpp does it.
import argparse
import asyncio
import json
import resource
import time
from statistics import median

SAMPLES = 10


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Sampler:
    """How often a case is repeated, and how long that took."""

    def __init__(self, seconds):
        self.seconds, self.each, self.clock = seconds, 1, time.process_time_ns
        self.count, self.reached, self.calibrated, self.running = 0, False, False, False
        self.spent, self.last, self.begun, self.samples = 0.0, 0.0, 0, []

    def use_wall_clock(self):
        self.clock = time.monotonic_ns

    def _end(self):
        if not self.running:
            return
        self.last = (self.clock() - self.begun) * 1e-9
        self.running = False
        if self.calibrated:
            self.spent += self.last
            self.samples.append(self.last * 1e9 / self.count)

    def next(self):
        """Ends the sample that runs and begins the next: how many repetitions; 0 when there are enough."""
        self._end()
        if self.count == 0:
            self.count = 1
        elif not self.calibrated:
            wanted = self.seconds / SAMPLES
            reached_before, self.reached = self.reached, self.last > wanted / 2
            if self.reached:
                self.calibrated = reached_before
            else:
                self.count = int(self.count * min(10, wanted / max(self.last, 1e-9))) + 1
        if self.spent >= self.seconds or len(self.samples) >= SAMPLES * 2:
            return 0
        self.running = True
        self.begun = self.clock()
        return self.count


class Session:
    def __init__(self, who, seconds):
        self.who, self.seconds = who, seconds

    def report(self, what, value, unit, **extra):
        print(json.dumps({"what": what, "who": self.who, "value": value, "unit": unit, **extra}), flush=True)

    def report_delays(self, what, delays):
        delays = sorted(delays)
        at = lambda share: delays[min(int(share * len(delays)), len(delays) - 1)] / 1000
        self.report(what, at(0.5), "us", p99=at(0.99), least=at(0))

    async def timed(self, name, body):
        sampler = Sampler(self.seconds)
        await body(sampler)
        samples = [sample / sampler.each for sample in sampler.samples]
        self.report(name, median(samples), "ns", least=min(samples), most=max(samples))


def run(timed, others):
    """Runs what the command line asks for: cases that are timed, and cases that report themselves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uvloop", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    every = {**timed, **others}
    if strangers := set(options.cases) - set(every):
        parser.error(f"no case {', '.join(sorted(strangers))}")
    factory = None
    if options.uvloop:
        import uvloop
        factory = uvloop.new_event_loop
    session = Session("uvloop" if options.uvloop else "asyncio", options.seconds)
    for name, body in every.items():
        if options.list:
            print(name)
        elif not options.cases or name in options.cases:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(session.timed(name, body) if name in timed else body(session))
