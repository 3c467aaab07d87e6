// V8's functions that Node exports and Node-API does not have, by their names in the program.
#pragma once

#include <dlfcn.h>

/** v8::Isolate::GetCurrent(). */
typedef void *current_isolate(void);
#define CURRENT_ISOLATE "_ZN2v87Isolate10GetCurrentEv"

// dlsym() gives a pointer to an object, which ISO C does not turn into one to a function.
#define FIND(to, name) (*(void **)(&(to)) = dlsym(RTLD_DEFAULT, (name)))
