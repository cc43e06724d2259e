# bench/peers/python/spawn.py: processes with asyncio, or with --uvloop on uvloop's loop: spawn.py COUNT AT_ONCE MEBIBYTES
import asyncio
import sys
import time
from asyncio.subprocess import PIPE


async def start_some(left):
    """One of those who start processes as long as there are any."""
    while left:
        left.pop()
        echo = await asyncio.create_subprocess_exec("/bin/echo", "hello", stdout=PIPE)
        out, _ = await echo.communicate()
        if out != b"hello\n" or echo.returncode != 0:
            raise RuntimeError("not what was asked for")


async def start_all(count, at_once):
    left = [None] * count
    begin = time.perf_counter()
    await asyncio.gather(*(start_some(left) for _ in range(at_once)))
    print(f"{time.perf_counter() - begin:.6f}")


count, at_once, mebibytes = (int(word) for word in sys.argv[-3:])
ballast = b"x" * (mebibytes << 20)
if "--uvloop" in sys.argv:
    import uvloop
    uvloop.run(start_all(count, at_once))
else:
    asyncio.run(start_all(count, at_once))
