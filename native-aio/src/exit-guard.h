#pragma once

/**
 * The calling thread is about to end the process with that code. Once it has done nothing at all for
 * a third of a second, the process ends. Called again, it only changes the code.
 */
void last_exit(int code);
