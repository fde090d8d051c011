#pragma once

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* What Glibc's module map leaves out, and what Swift cannot say. No logic here. */

/* The event loop whose code this thread is running now, or null. */
void *CLinux_currentLoop(void);
void CLinux_setCurrentLoop(void *loop);

/* How many bytes the peer's TCP has acknowledged since the connection was opened (tcp_info.tcpi_bytes_acked). */
int CLinux_acknowledgedBytes(int descriptor, uint64_t *bytes);

/* Has malloc make so many arenas at most (mallopt, M_ARENA_MAX). */
void CLinux_limitArenas(int count);

/* SOCK_STREAM and friends are an enum in glibc, whose Swift type is not that of the arguments they are for. */
static inline int CLinux_streamSocket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
int CLinux_accept(int descriptor);
int CLinux_openTemporary(const char *directory);
