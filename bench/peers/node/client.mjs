// bench/peers/node/client.mjs: the HTTP client for Node, its fetch: client.mjs URL REQUESTS CONCURRENCY
const [url, requests, concurrency] = process.argv.slice(2);
let left = Number(requests);

/// One of those who take requests as long as there are any.
async function fetchSome() {
  while (left-- > 0) {
    const page = await fetch(url);
    if (page.status !== 200 || (await page.text()) === '') throw new Error('not what was asked for');
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, fetchSome));
