// The last way out of a process whose end waits for a thread that never ends: see exit-guard.c. It does not know why it hangs.
//
//   last_exit -> nothing happens for a while -> _exit(code)
#pragma once

/**
 * The calling thread is about to end the process with that code. Once it has done nothing at all for
 * a third of a second, the process ends. Called again, it only changes the code.
 */
void last_exit(int code);
