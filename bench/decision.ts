import { describeDecisions, findMedian, measureDecisions } from '../test/support/decision-time.ts';
import { startStage } from '../test/support/programs/stage.ts';

/** From a decision at the page to a `jit request` that waited and now has its grant. Budget: a median of 300 ms. */
const ROUNDS = 50;
const BUDGET_MS = 300;

const stage = await startStage(describeDecisions(ROUNDS));
const desk = await stage.openDesk();
try {
  const tookMs = await measureDecisions(stage, desk, ROUNDS);
  const medianMs = Math.round(findMedian(tookMs));
  const longestMs = Math.round(Math.max(...tookMs));
  console.log(`${ROUNDS} decisions: median ${medianMs} ms (budget ${BUDGET_MS}), longest ${longestMs} ms`);
  process.exitCode = medianMs > BUDGET_MS ? 1 : 0;
} finally {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
}
