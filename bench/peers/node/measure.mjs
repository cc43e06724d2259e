// bench/peers/node/measure.mjs: the command line, the clocks, the samples: as bench/common/session.hpp does it.
const SAMPLES = 10;

export const wallTime = () => Number(process.hrtime.bigint());
export const peakMemory = () => process.resourceUsage().maxRSS * 1024;
export function processorTime() {
  const used = process.cpuUsage();
  return (used.user + used.system) * 1000;
}

/// How often a case is repeated, and how long that took.
class Sampler {
  each = 1;
  samples = [];
  #seconds;
  #count = 0;
  #reached = false;
  #calibrated = false;
  #running = false;
  #spent = 0;
  #last = 0;
  #begun = 0;

  constructor(seconds) {
    this.#seconds = seconds;
  }

  #end() {
    if (!this.#running) return;
    this.#last = (processorTime() - this.#begun) * 1e-9;
    this.#running = false;
    if (!this.#calibrated) return;
    this.#spent += this.#last;
    this.samples.push((this.#last * 1e9) / this.#count);
  }

  /// Ends the sample that runs and begins the next: how many repetitions; 0 when there are enough.
  next() {
    this.#end();
    if (this.#count === 0) {
      this.#count = 1;
    } else if (!this.#calibrated) {
      const wanted = this.#seconds / SAMPLES;
      const reachedBefore = this.#reached;
      this.#reached = this.#last > wanted / 2;
      if (this.#reached) this.#calibrated = reachedBefore;
      else this.#count = Math.floor(this.#count * Math.min(10, wanted / Math.max(this.#last, 1e-6))) + 1;
    }
    if (this.#spent >= this.#seconds || this.samples.length >= SAMPLES * 2) return 0;
    this.#running = true;
    this.#begun = processorTime();
    return this.#count;
  }
}

export class Session {
  seconds = 0.5;

  constructor(who) {
    this.who = who;
  }

  report(what, value, unit, extra = {}) {
    console.log(JSON.stringify({ what, who: this.who, value, unit, ...extra }));
  }

  async #timed(name, body) {
    const sampler = new Sampler(this.seconds);
    await body(sampler);
    const samples = sampler.samples.sort((a, b) => a - b).map((sample) => sample / sampler.each);
    const middle = samples.length >> 1;
    const median = samples.length % 2 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
    this.report(name, median, 'ns', { least: samples[0], most: samples.at(-1) });
  }

  /// Runs what the command line asks for: cases that are timed, and cases that report themselves.
  async run(timed, others) {
    const all = { ...timed, ...others };
    const wanted = [];
    const words = process.argv.slice(2);
    let list = false;
    while (words.length > 0) {
      const word = words.shift();
      if (word === '--list') list = true;
      else if (word === '--seconds' && words.length > 0) this.seconds = Number(words.shift());
      else if (word in all) wanted.push(word);
      else this.#usage();
    }
    if (!(this.seconds > 0)) this.#usage();
    for (const name of Object.keys(all)) {
      if (list) console.log(name);
      else if (wanted.length > 0 && !wanted.includes(name)) continue;
      else if (name in timed) await this.#timed(name, timed[name]);
      else await others[name](this);
    }
  }

  #usage() {
    console.error('usage: micro.mjs [--list] [--seconds S] [CASE...]');
    process.exit(2);
  }
}
