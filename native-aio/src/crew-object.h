// The crew of native threads as JavaScript sees it.
#pragma once

#include <node_api.h>

/** openCrew(control, crewControl, words, bytes, wake): an object, or a text that says what is in the way. */
napi_value js_open_crew(napi_env env, napi_callback_info info);
