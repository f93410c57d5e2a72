import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** The process as Prometheus' own libraries name it. Returns how to stop measuring. */
export function registerProcess(registry: Registry): () => void {
  const registers = [registry];
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process has.',
    registers,
  });
  const heap = new Gauge({ name: 'nodejs_heap_used_bytes', help: 'Memory in use for objects.', registers });
  const files = new Gauge({ name: 'process_open_fds', help: 'Files and connections.', registers });
  const lag = new Gauge({
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: 'What the slowest one in a hundred waited for its turn, since it was read last.',
    registers,
  });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registerCpu(registry);
  registerStart(registry);
  collectWith(memory, () => {
    const used = process.memoryUsage();
    memory.set(used.rss);
    heap.set(used.heapUsed);
    files.set(countFiles());
    lag.set(Math.max(0, delay.percentile(99)) / NANOSECONDS);
    delay.reset();
  });
  return () => {
    delay.disable();
  };
}

function registerCpu(registry: Registry): void {
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Time of processors that was used.',
    registers: [registry],
  });
  collectWith(cpu, () => {
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / MICROSECONDS);
  });
}

function registerStart(registry: Registry): void {
  const started = new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, since 1970.',
    registers: [registry],
  });
  started.set(performance.timeOrigin / 1000);
}

type Collecting = { collect?: () => void };

/** prom-client calls `collect` of a metric whenever it is read, in the order in which they were made. */
function collectWith(metric: object, collect: () => void): void {
  (metric as Collecting).collect = collect;
}

/** Zero where the system has no such folder. */
function countFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
