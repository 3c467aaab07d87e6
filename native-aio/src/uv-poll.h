// The few functions of libuv that watch a descriptor, start a thread or count processors, declared here because Node-API's headers do
// not bring libuv's. They are part of libuv 1.x's stable interface; handles stay opaque.
#pragma once

#include <stddef.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;

enum { UV_READABLE = 1, UV_WRITABLE = 2, UV_POLL_TYPE = 8 };

typedef void uv_poll_cb(uv_poll_t *, int status, int events);
typedef void uv_close_cb(uv_handle_t *);

size_t uv_handle_size(int type);
void *uv_handle_get_data(const uv_handle_t *);
void uv_handle_set_data(uv_handle_t *, void *data);
int uv_poll_init(uv_loop_t *, uv_poll_t *, int fd);
int uv_poll_start(uv_poll_t *, int events, uv_poll_cb *);
int uv_poll_stop(uv_poll_t *);
void uv_unref(uv_handle_t *);
void uv_close(uv_handle_t *, uv_close_cb *);

unsigned int uv_available_parallelism(void);

/** A pthread_t on all that is not Windows. The C library's own has another version since glibc 2.34. */
typedef unsigned long uv_thread_t;
int uv_thread_create(uv_thread_t *, void (*entry)(void *), void *data);
