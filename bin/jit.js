#!/usr/bin/env node
// No static import and no recent syntax: a Node that is too old has to be able to parse this file to say so.
const version = process.versions.node.split('.').map(Number);

function start() {
  return import('../dist/main.js').then((main) =>
    main.run(process.argv.slice(2)).then((departure) => main.leave(departure, process)),
  );
}

if (version[0] < 22 || (version[0] === 22 && version[1] < 16)) {
  console.error(`jit: this is Node ${process.versions.node}; jit needs 22.16 or newer`);
  process.exitCode = 1;
} else {
  start().catch((error) => {
    console.error(`jit: ${error?.message}`);
    process.exitCode = 1;
  });
}
