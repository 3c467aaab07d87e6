// Which test files have a process of their own: those that change what a process has one of, or count all of it. It goes by their
// text, and by that of the helpers that have to come before the native code.
const RULES: readonly RegExp[] = [
  // Modules made anew, another clock, and what is chosen when a module is loaded.
  /\bvi\.(?:hoisted|mock|resetModules|useFakeTimers|stubGlobal)\b/,
  /helpers\/(?:faults|compile|fake-timers|mortal-fs)\b/,
  // What a process has one of.
  /^ *process\.(?:chdir|umask|set[a-z]+|exitCode|on|once|emit)\b/m,
  /^ *process\.env(?:\.\w+|\["\w+"\]) =/m,
  /\bsetFlagsFromString\b/,
  // What is counted of all that it has.
  /\/proc\/self\/(?:fd"|task|status|smaps)|\bmemoryUsage\b|\bcpuUsage\b|\bresourceUsage\b|getActiveResourcesInfo/,
];

export const needsItsOwnProcess = (text: string): boolean =>
  RULES.some((rule) => rule.test(text));
