// The crew of native threads as JavaScript sees it.
#pragma once

#include <node_api.h>

/** openCrew(control, crewControl, words, bytes, slots, wake): an object, or a text that says what is in the way. */
void crew_define(napi_env env, napi_value exports);
