// bench/peers/node/echo.mjs: the echo server for Node.
import { createServer } from 'node:net';

const server = createServer({ noDelay: true }, (client) => {
  client.on('data', (bytes) => client.write(bytes));
  client.on('error', () => client.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`port ${server.address().port}`));
