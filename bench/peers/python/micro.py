# bench/peers/python/micro.py: the micro part for asyncio, and with --uvloop for uvloop.
import asyncio
import contextvars
import threading
import time

from measure import peak_memory, run

FIB_ARGUMENT, FIB_CALLS = 20, 21_891
MANY, MILLION = 10_000, 1_000_000
SLEEPERS = 100_000  # each costs the same, and a million would take minutes
THROWING_FRAMES = 5
POST_PAUSE = 100e-6  # seconds
POSTS_PER_PRODUCER, PRODUCERS = 20_000, 2
REQUEST = contextvars.ContextVar("request", default=0)


def sleep_of(i):
    return 2 + i * 7919 % 500 / 1000


def timer_of(i):
    return 60 + i * 7919 % 7_140


def nothing():
    pass


async def answer(i):
    return i


async def fib_of(n):
    if n < 2:
        return n
    return await fib_of(n - 1) + await fib_of(n - 2)


async def throw_below(frames):
    if frames == 1:
        raise RuntimeError("thrown")
    return await throw_below(frames - 1)


async def await_at_once(sampler):
    while n := sampler.next():
        for i in range(n):
            await answer(i)


async def fib(sampler):
    sampler.each = FIB_CALLS
    while n := sampler.next():
        for _ in range(n):
            await fib_of(FIB_ARGUMENT)


async def exception_through_frames(sampler):
    while n := sampler.next():
        for _ in range(n):
            try:
                await throw_below(THROWING_FRAMES)
            except RuntimeError:
                continue
            raise AssertionError("nothing was thrown")


async def count_up():
    i = 0
    while True:
        yield i
        i += 1


async def generator_step(sampler):
    numbers = count_up()
    while n := sampler.next():
        for _ in range(n):
            await anext(numbers)
    await numbers.aclose()


async def context_variable(sampler):
    while n := sampler.next():
        for i in range(n):
            before = REQUEST.set(i)
            REQUEST.get()
            REQUEST.reset(before)


async def create_and_await(sampler):
    while n := sampler.next():
        for i in range(n):
            await asyncio.create_task(answer(i))


async def yield_often(times):
    for _ in range(times):
        await asyncio.sleep(0)


async def yield_between_two(sampler):
    sampler.each = 2
    while n := sampler.next():
        await asyncio.gather(yield_often(n), yield_often(n))


def gather_of(children):
    async def gather(sampler):
        sampler.each = children
        while n := sampler.next():
            for _ in range(n):
                await asyncio.gather(*(answer(c) for c in range(children)))
    return gather


async def lock_free_mutex(sampler):
    lock = asyncio.Lock()
    while n := sampler.next():
        for _ in range(n):
            async with lock:
                pass


async def queue_ping_pong(sampler):
    async def send_back(messages):
        for _ in range(messages):
            await back.put(await there.get())

    sampler.each = 2
    there, back = asyncio.Queue(1), asyncio.Queue(1)
    while n := sampler.next():
        other = asyncio.create_task(send_back(n))
        for i in range(n):
            await there.put(i)
            await back.get()
        await other


async def event_wake(sampler):
    async def answer_events(times):
        for _ in range(times):
            await asked.wait()
            asked.clear()
            answered.set()

    sampler.each = 2
    asked, answered = asyncio.Event(), asyncio.Event()
    while n := sampler.next():
        other = asyncio.create_task(answer_events(n))
        for _ in range(n):
            asked.set()
            await answered.wait()
            answered.clear()
        await other


def timer_among(live):
    async def timer(sampler):
        loop = asyncio.get_running_loop()
        others = [loop.call_later(timer_of(i), nothing) for i in range(live)]
        while n := sampler.next():
            for i in range(n):
                loop.call_later(timer_of(i), nothing).cancel()
        for other in others:
            other.cancel()
    return timer


async def cancel_sleeper(sampler):
    while n := sampler.next():
        for _ in range(n):
            sleeper = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.sleep(0)
            sleeper.cancel()
            try:
                await sleeper
            except asyncio.CancelledError:
                pass


async def sleepers(session):
    memory, begin = peak_memory(), time.process_time_ns()
    await asyncio.gather(*(asyncio.create_task(asyncio.sleep(sleep_of(i))) for i in range(SLEEPERS)))
    session.report("sleepers_cpu", (time.process_time_ns() - begin) / SLEEPERS, "ns", count=SLEEPERS)
    session.report("sleepers_memory", (peak_memory() - memory) / SLEEPERS, "bytes", count=SLEEPERS)


async def post_latency(session):
    def send():
        for _ in range(posts):
            time.sleep(POST_PAUSE)
            loop.call_soon_threadsafe(receive, time.monotonic_ns())

    def receive(sent):
        delays.append(time.monotonic_ns() - sent)
        if len(delays) == posts:
            all_there.set()

    loop, all_there, delays = asyncio.get_running_loop(), asyncio.Event(), []
    posts = max(100, int(session.seconds * 1e6 / 200))
    sender = threading.Thread(target=send)
    sender.start()
    await all_there.wait()
    sender.join()
    session.report_delays("post_latency", delays)


async def post_throughput(session):
    def produce():
        for _ in range(POSTS_PER_PRODUCER):
            loop.call_soon_threadsafe(receive)

    def receive():
        nonlocal received
        received += 1
        if received == POSTS_PER_PRODUCER * PRODUCERS:
            all_there.set()

    loop, all_there, received = asyncio.get_running_loop(), asyncio.Event(), 0
    begin = time.monotonic()
    threads = [threading.Thread(target=produce) for _ in range(PRODUCERS)]
    for thread in threads:
        thread.start()
    await all_there.wait()
    session.report("post_throughput", received / (time.monotonic() - begin), "posts/s")
    for thread in threads:
        thread.join()


async def thread_round_trip(sampler):
    sampler.use_wall_clock()
    while n := sampler.next():
        for i in range(n):
            await asyncio.to_thread(abs, i)


if __name__ == "__main__":
    run({
        "await": await_at_once, "fib": fib, "spawn": create_and_await, "yield": yield_between_two,
        "gather_10": gather_of(10), "gather_10000": gather_of(MANY), "mutex": lock_free_mutex, "queue": queue_ping_pong,
        "event": event_wake, "timer_1": timer_among(1), "timer_10000": timer_among(MANY),
        "timer_1000000": timer_among(MILLION), "exception": exception_through_frames, "generator": generator_step,
        "context": context_variable, "cancel": cancel_sleeper,
        "to_thread": thread_round_trip,
    }, {"sleepers": sleepers, "post_latency": post_latency, "post_throughput": post_throughput})
