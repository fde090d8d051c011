#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* What Glibc's module map leaves out, and what Swift cannot say. No logic here.

   No header of Glibc's module may stand above: its constants would belong to the module that is loaded first, and files that import the
   other one would compile or not by the order of the build. scripts/lint looks. */

/* The event loop whose code this thread is running now, or null. */
void *CLinux_currentLoop(void);
void CLinux_setCurrentLoop(void *loop);

/* How many bytes the peer's TCP has acknowledged since the connection was opened (tcp_info.tcpi_bytes_acked). */
int CLinux_acknowledgedBytes(int descriptor, uint64_t *bytes);

/* Has malloc make so many arenas at most (mallopt, M_ARENA_MAX). */
void CLinux_limitArenas(int count);

/* SOCK_STREAM and friends are an enum in glibc, whose Swift type is not that of the arguments they are for. */
int CLinux_streamSocket(int family);
/* Sockets of the same machine (unix(7)), which block. */
int CLinux_localStreamSocket(void);
int CLinux_localDatagramSocket(void);
int CLinux_accept(int descriptor);

/* sendmsg and recvmsg with SCM_RIGHTS, whose macros Swift cannot use. Both return the bytes, or -1 and errno. */
#define CLINUX_MOST_DESCRIPTORS 64
long CLinux_sendDescriptors(int socket, const void *bytes, size_t count, const int *descriptors, int descriptorCount);
long CLinux_receiveDescriptors(int socket, void *bytes, size_t count, int *descriptors, int *descriptorCount);

/* The user of the process at the other end of a Unix socket, or -1 (SO_PEERCRED). */
long CLinux_peerUser(int socket);
int CLinux_openTemporary(const char *directory);

/* A file in memory that programs do not inherit (memfd_create), or -1 and errno. */
int CLinux_memoryFile(const char *name);
