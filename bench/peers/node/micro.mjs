// bench/peers/node/micro.mjs: the micro part for Node. A task is a promise; cancelling is an AbortController.
import { setTimeout as sleep } from 'node:timers/promises';
import { Session, peakMemory, processorTime } from './measure.mjs';

const FIB_ARGUMENT = 20, FIB_CALLS = 21891, MANY = 10_000, MILLION = 1_000_000, THROWING_FRAMES = 5;
const sleepOf = (i) => 2_000 + ((i * 7919) % 500);
const timerOf = (i) => (60 + ((i * 7919) % 7_140)) * 1000;
const nothing = () => {};

async function answer(i) {
  return i;
}

async function fibOf(n) {
  if (n < 2) return n;
  return (await fibOf(n - 1)) + (await fibOf(n - 2));
}

async function throwBelow(frames) {
  if (frames === 1) throw new Error('thrown');
  return await throwBelow(frames - 1);
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function yieldOften(times) {
  for (let i = 0; i < times; ++i) await nextTurn();
}

async function awaitAtOnce(sampler) {
  let sum = 0;
  for (let n = sampler.next(); n > 0; n = sampler.next()) for (let i = 0; i < n; ++i) sum += await answer(i);
  return sum;
}

async function fib(sampler) {
  sampler.each = FIB_CALLS;
  for (let n = sampler.next(); n > 0; n = sampler.next()) for (let i = 0; i < n; ++i) await fibOf(FIB_ARGUMENT);
}

async function yieldBetweenTwo(sampler) {
  sampler.each = 2;
  for (let n = sampler.next(); n > 0; n = sampler.next()) await Promise.all([yieldOften(n), yieldOften(n)]);
}

function gatherOf(children) {
  return async (sampler) => {
    sampler.each = children;
    for (let n = sampler.next(); n > 0; n = sampler.next())
      for (let i = 0; i < n; ++i) await Promise.all(Array.from({ length: children }, (_, c) => answer(c)));
  };
}

function timerAmong(live) {
  return async (sampler) => {
    const others = Array.from({ length: live }, (_, i) => setTimeout(nothing, timerOf(i)));
    for (let n = sampler.next(); n > 0; n = sampler.next())
      for (let i = 0; i < n; ++i) clearTimeout(setTimeout(nothing, timerOf(i)));
    others.forEach(clearTimeout);
  };
}

async function sleepers(session) {
  const memory = peakMemory(), begin = processorTime();
  const all = new Array(MILLION);
  for (let i = 0; i < MILLION; ++i) all[i] = sleep(sleepOf(i));
  await Promise.all(all);
  session.report('sleepers_cpu', (processorTime() - begin) / MILLION, 'ns', { count: MILLION });
  session.report('sleepers_memory', (peakMemory() - memory) / MILLION, 'bytes', { count: MILLION });
}

async function exceptionThroughFrames(sampler) {
  for (let n = sampler.next(); n > 0; n = sampler.next())
    for (let i = 0; i < n; ++i) {
      try {
        await throwBelow(THROWING_FRAMES);
      } catch {
        continue;
      }
      throw new Error('nothing was thrown');
    }
}

async function cancelSleeper(sampler) {
  for (let n = sampler.next(); n > 0; n = sampler.next())
    for (let i = 0; i < n; ++i) {
      const control = new AbortController();
      const sleeper = sleep(3_600_000, undefined, { signal: control.signal });
      await nextTurn();
      control.abort();
      try {
        await sleeper;
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
      }
    }
}

// An async function runs until its first await: calling it is starting it, so spawn is await here, and left out.
await new Session('node').run({
  await: awaitAtOnce,
  fib,
  yield: yieldBetweenTwo,
  gather_10: gatherOf(10),
  gather_10000: gatherOf(MANY),
  timer_1: timerAmong(1),
  timer_10000: timerAmong(MANY),
  timer_1000000: timerAmong(MILLION),
  exception: exceptionThroughFrames,
  cancel: cancelSleeper,
}, { sleepers });
