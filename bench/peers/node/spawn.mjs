// bench/peers/node/spawn.mjs: processes with Node's execFile: spawn.mjs COUNT AT_ONCE MEBIBYTES
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const [count, atOnce, mebibytes] = process.argv.slice(2).map(Number);
const ballast = Buffer.alloc(mebibytes * 1024 * 1024, 'x');
let left = count;

/// One of those who start processes as long as there are any.
async function startSome() {
  while (left-- > 0) {
    const { stdout } = await run('/bin/echo', ['hello']);
    if (stdout !== 'hello\n') throw new Error('not what was asked for');
  }
}

const begin = performance.now();
await Promise.all(Array.from({ length: atOnce }, startSome));
console.log(((performance.now() - begin) / 1000).toFixed(6));
if (ballast.length !== mebibytes * 1024 * 1024) throw new Error('the ballast has gone');
