// A worker in plain Node (18 or newer), by the protocol of docs/reference/worker-protocol.md:
//   MUNIMENT_URL=http://127.0.0.1:8000 MUNIMENT_TOKEN=... node examples/services/worker.mjs score finance
import { setTimeout as pause } from "node:timers/promises";

const { MUNIMENT_URL, MUNIMENT_TOKEN } = process.env;
const [type = "score", domain = "organisation"] = process.argv.slice(2);
const LEASE_SECONDS = 30;
let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => (stopping = true));

// One command, sent again under its id until it is answered; null when the job is not ours any more.
async function ask(path, body, id = crypto.randomUUID()) {
  const headers = { authorization: `Bearer ${MUNIMENT_TOKEN}`, "content-type": "application/json", "idempotency-key": id };
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(`${MUNIMENT_URL}/v1/jobs/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      if (answer.status === 404 || answer.status === 409) return null;
      if (answer.status !== 429 && answer.status < 500) {
        if (!answer.ok) throw new RangeError(`${path}: ${await answer.text()}`);
        return await answer.json();
      }
    } catch (error) {
      if (error instanceof RangeError) throw error; // turned down: another try would be too
    }
    await pause(Math.min(30_000, 250 * 2 ** tries) * (0.7 + 0.3 * Math.random()));
  }
}

// What this worker does. The job's id is the same for every try: use it as idempotency key for effects outside.
async function work(job) {
  return { grade: job.arguments.number.length % 10 };
}

while (!stopping) {
  const asked = { type, worker: `node-${process.pid}`, limit: 1, lease_seconds: LEASE_SECONDS, wait_seconds: 5, domain };
  for (const job of (await ask("activation", asked))?.jobs ?? []) {
    const { lease } = job;
    const extension = { lease, lease_seconds: LEASE_SECONDS };
    const keeping = setInterval(() => void ask(`${job.job}/extension`, extension).catch(() => {}), LEASE_SECONDS * 333);
    try {
      await ask(`${job.job}/completion`, { lease, result: await work(job) }, `${job.lease}-completion`);
    } catch (error) {
      console.error(job.job, error);
      await ask(`${job.job}/failure`, { lease, code: "WORK_FAILED", retryable: true }, `${job.lease}-failure`);
    } finally {
      clearInterval(keeping);
    }
  }
}
