# bench/peers/python/echo.py: the echo server for asyncio's streams, or with --protocol for uvloop's loop and a protocol.
import asyncio
import sys

BACKLOG, BUFFER_BYTES = 4096, 16 * 1024


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    try:
        while data := await reader.read(BUFFER_BYTES):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(protocol):
    if protocol:
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=BACKLOG)
    else:
        server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=BACKLOG)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if "--protocol" in sys.argv:
    import uvloop
    uvloop.run(main(True))
else:
    asyncio.run(main(False))
