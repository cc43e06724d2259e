// bench/peers/node/http.mjs: the HTTP server for Node.
import { createServer } from 'node:http';

const body = 'Hello, World!';
const server = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`port ${server.address().port}`));
