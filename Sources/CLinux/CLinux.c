#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static __thread void *current_loop;

void *CLinux_currentLoop(void) { return current_loop; }
void CLinux_setCurrentLoop(void *loop) { current_loop = loop; }

int CLinux_acknowledgedBytes(int descriptor, uint64_t *bytes) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
    if (length < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return -1;
    *bytes = info.tcpi_bytes_acked;
    return 0;
}

void CLinux_limitArenas(int count) { mallopt(M_ARENA_MAX, count); }

int CLinux_streamSocket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }
int CLinux_localStreamSocket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
int CLinux_localDatagramSocket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
int CLinux_accept(int descriptor) { return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

long CLinux_sendDescriptors(int socket, const void *bytes, size_t count, const int *descriptors, int descriptorCount) {
    union { char bytes[CMSG_SPACE(CLINUX_MOST_DESCRIPTORS * sizeof(int))]; struct cmsghdr alignment; } control;
    struct iovec part = { .iov_base = (void *)bytes, .iov_len = count };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (descriptorCount > CLINUX_MOST_DESCRIPTORS) { errno = EINVAL; return -1; }
    if (descriptorCount > 0) {
        size_t length = descriptorCount * sizeof(int);
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(header), descriptors, length);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

long CLinux_receiveDescriptors(int socket, void *bytes, size_t count, int *descriptors, int *descriptorCount) {
    union { char bytes[CMSG_SPACE(CLINUX_MOST_DESCRIPTORS * sizeof(int))]; struct cmsghdr alignment; } control;
    struct iovec part = { .iov_base = bytes, .iov_len = count };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control,
    };
    *descriptorCount = 0;
    long received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int more = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (*descriptorCount + more > CLINUX_MOST_DESCRIPTORS) more = CLINUX_MOST_DESCRIPTORS - *descriptorCount;
        memcpy(descriptors + *descriptorCount, CMSG_DATA(header), more * sizeof(int));
        *descriptorCount += more;
    }
    return received;
}

long CLinux_peerUser(int socket) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? (long)peer.uid : -1;
}

int CLinux_openTemporary(const char *directory) {
    int descriptor = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return descriptor;
    char name[4096];
    if (snprintf(name, sizeof name, "%s/propylon-body-XXXXXX", directory) >= (int)sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0) unlink(name);
    return descriptor;
}

int CLinux_memoryFile(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
