// The flags that NODE_OPTIONS may hold, each with a value where it takes one: what a process under the
// register door may be started with. It knows flags, not what is run under them.

/** Values for those that need one. Left out are the flags under which a process waits for somebody. */
const values: Record<string, string | null> = {
  "--conditions": "development",
  "-C": "development",
  "--cpu-prof-dir": ".",
  "--cpu-prof-interval": "1000",
  "--cpu-prof-name": "a.cpuprofile",
  "--diagnostic-dir": ".",
  "--disable-proto": "throw",
  "--disable-warning": "DEP0025",
  "--disallow-code-generation-from-strings": "",
  "--dns-result-order": "ipv4first",
  "--env-file": "a.env",
  "--env-file-if-exists": "a.env",
  "--es-module-specifier-resolution": "node",
  "--experimental-default-type": "module",
  "--experimental-loader": "data:text/javascript,",
  "--loader": "data:text/javascript,",
  "--heap-prof-dir": ".",
  "--heap-prof-interval": "100000",
  "--heap-prof-name": "a.heapprofile",
  "--heapsnapshot-near-heap-limit": "1",
  "--heapsnapshot-signal": "SIGUSR2",
  "--import": "data:text/javascript,",
  // Nothing may be preloaded from a file with it, this door or another.
  "--input-type": null,
  "--icu-data-dir": null,
  "--snapshot-blob": null,
  "--test-reporter": "spec",
  "--test-reporter-destination": "stdout",
  "--test-shard": "1/2",
  "--use-largepages": "off",
  "--v8-pool-size": "2",
  "--inspect": "127.0.0.1:0",
  "--inspect-port": "0",
  "--debug-port": "0",
  "--inspect-publish-uid": "stderr",
  "--watch": null,
  "--prof-process": null,
  "--inspect-brk": null,
  "--inspect-wait": null,
  "--inspect-brk-node": null,
  "--localstorage-file": "storage",
  "--max-http-header-size": "8192",
  "--max-old-space-size": "512",
  "--max-old-space-size-percentage": "50",
  "--max-semi-space-size": "16",
  "--network-family-autoselection-attempt-timeout": "500",
  "--redirect-warnings": "warnings.txt",
  "--report-dir": ".",
  "--report-directory": ".",
  "--report-filename": "report.json",
  "--report-signal": "SIGUSR2",
  "--require": "node:os",
  "-r": "node:os",
  "--secure-heap": "65536",
  "--secure-heap-min": "4",
  "--stack-trace-limit": "50",
  "--test-isolation": "none",
  "--title": "app",
  "--tls-cipher-list": "TLS_AES_128_GCM_SHA256",
  "--tls-keylog": "keys.log",
  "--trace-event-categories": "node",
  "--trace-event-file-pattern": "trace.log",
  "--trace-require-module": "all",
  "--unhandled-rejections": "strict",
  "--watch-path": null,
};

/** As words of a command line. */
export const flags: readonly (readonly string[])[] = [
  ...process.allowedNodeEnvironmentFlags,
  "--expose-gc",
  "--frozen-intrinsics",
]
  .filter((name) => values[name] !== null)
  .map((name) => {
    const value = values[name] ?? "";
    if (value === "") return [name];
    return name.startsWith("--") ? [`${name}=${value}`] : [name, value];
  });

/** Of each kind some: the process's and V8's, those that load something, those that a worker takes. */
export const slice: readonly (readonly string[])[] = [
  ["--max-old-space-size=512", "--stack-trace-limit=50", "--title=app"],
  ["--expose-gc", "--disable-proto=throw", "--report-on-signal"],
  ["--frozen-intrinsics", "--no-warnings"],
  ["--conditions=development", "--require=node:os"],
];
