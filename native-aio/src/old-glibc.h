// Included before everything else: functions that glibc 2.34 gave a new version when it took in libpthread and libdl are
// linked by their old one, so that a binary built here runs where Node itself runs (glibc 2.28).
#pragma once

#include <features.h>

#ifdef __GLIBC__
#if defined(__x86_64__)
#define OLD(name, version) __asm__(".symver " #name "," #name "@GLIBC_" version)
OLD(dlsym, "2.2.5");
OLD(pthread_attr_setstacksize, "2.2.5");
OLD(pthread_condattr_setclock, "2.3.3");
OLD(pthread_create, "2.2.5");
OLD(pthread_once, "2.2.5");
OLD(pthread_setname_np, "2.12");
OLD(pthread_sigmask, "2.2.5");
#elif defined(__aarch64__)
#define OLD(name) __asm__(".symver " #name "," #name "@GLIBC_2.17")
OLD(dlsym);
OLD(pthread_attr_setstacksize);
OLD(pthread_condattr_setclock);
OLD(pthread_create);
OLD(pthread_once);
OLD(pthread_setname_np);
OLD(pthread_sigmask);
#endif
#endif
