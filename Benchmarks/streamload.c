// A load of streamed answers: opens many connections, sends the same request on each, and counts the server-sent events that
// come. wrk cannot do this: it reports an answer at its end and knows nothing of events.
//
//     streamload relay HOST PORT STREAMS    < request    reads all answers to their end, then prints what came as JSON
//     streamload hold  HOST PORT STREAMS 3< request      waits for an event on each stream, prints the same, and keeps all
//                                                        open in silence until its standard input ends
//
// The request is the raw bytes of a whole HTTP/1.1 request, from standard input (relay) or descriptor 3 (hold).
// Answers have to be 200 and chunked. Exits with 1, saying why, on anything else.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum place { HEAD, CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, LAST_LINE, DONE };

struct stream {
    enum place place;
    int line_ends;          // of the CR LF CR LF that ends the head, or the LFs in a row inside the body
    size_t chunk_left;
    size_t head_length;
    char head[4096];
    bool has_event;
};

static struct { size_t streams, events, bytes, reads_with_events, most_events_in_a_read; } total;

static void fail(const char *what) {
    fprintf(stderr, "streamload: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check_head(struct stream *stream) {
    stream->head[stream->head_length] = 0;
    errno = 0;
    if (strncmp(stream->head, "HTTP/1.1 200", 12) != 0) {
        stream->head[strcspn(stream->head, "\r\n")] = 0;
        fail(stream->head);
    }
    if (!strcasestr(stream->head, "transfer-encoding: chunked")) fail("an answer is not chunked");
}

// Takes what was read of one stream; returns how many events ended in it.
static size_t take(struct stream *stream, const char *bytes, size_t count) {
    size_t events = 0;
    for (size_t index = 0; index < count; index++) {
        char byte = bytes[index];
        switch (stream->place) {
        case HEAD:
            if (stream->head_length == sizeof stream->head - 1) fail("a head is too long");
            stream->head[stream->head_length++] = byte;
            stream->line_ends = byte == "\r\n\r\n"[stream->line_ends] ? stream->line_ends + 1 : byte == '\r';
            if (stream->line_ends == 4) {
                check_head(stream);
                stream->line_ends = 0;
                stream->place = CHUNK_SIZE;
            }
            break;
        case CHUNK_SIZE:
        case CHUNK_EXTENSION:
            if (byte == '\n') {
                stream->place = stream->chunk_left ? CHUNK_DATA : LAST_LINE;
            } else if (byte == ';' || byte == '\r') {
                stream->place = CHUNK_EXTENSION;
            } else if (stream->place == CHUNK_SIZE) {
                static const char digits[] = "0123456789abcdef0123456789ABCDEF";
                const char *digit = memchr(digits, byte, sizeof digits - 1);
                if (!digit) fail("a chunk's size is not a number");
                stream->chunk_left = stream->chunk_left * 16 + (size_t)(digit - digits) % 16;
            }
            break;
        case CHUNK_DATA:
            stream->line_ends = byte == '\n' ? stream->line_ends + 1 : 0;
            if (stream->line_ends == 2) {
                stream->line_ends = 0;
                events++;
            }
            if (--stream->chunk_left == 0) stream->place = CHUNK_END;
            break;
        case CHUNK_END:
            if (byte == '\n') stream->place = CHUNK_SIZE;
            break;
        case LAST_LINE:
            if (byte == '\n') stream->place = DONE;
            break;
        case DONE:
            fail("bytes after the end of an answer");
        }
    }
    return events;
}

static int open_stream(const struct sockaddr_in *address, const char *request, size_t length) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (descriptor < 0) fail("socket");
    if (connect(descriptor, (const struct sockaddr *)address, sizeof *address) != 0) fail("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (send(descriptor, request, length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
    if (fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
    return descriptor;
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: streamload relay|hold HOST PORT STREAMS");
    bool hold = strcmp(arguments[1], "hold") == 0;
    size_t streams = strtoul(arguments[4], NULL, 10);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[3]))};
    if (inet_pton(AF_INET, arguments[2], &address.sin_addr) != 1) fail("HOST has to be an IPv4 address");

    static char request[1 << 16], buffer[1 << 16];
    size_t length = 0;
    for (ssize_t got; (got = read(hold ? 3 : 0, request + length, sizeof request - length)) > 0;) length += (size_t)got;
    if (length == 0) fail("no request");

    struct stream *table = calloc(streams, sizeof *table);
    int *descriptors = calloc(streams, sizeof *descriptors), poller = epoll_create1(0);
    if (!table || !descriptors || poller < 0) fail("no memory");
    double started = now();
    for (size_t index = 0; index < streams; index++) {
        descriptors[index] = open_stream(&address, request, length);
        struct epoll_event interest = {.events = EPOLLIN, .data.u64 = index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptors[index], &interest) != 0) fail("epoll_ctl");
    }

    size_t waiting = streams;
    while (waiting > 0) {
        struct epoll_event ready[256];
        int found = epoll_wait(poller, ready, 256, 30000);
        errno = found < 0 ? errno : 0;
        if (found <= 0) fail("nothing came for 30 seconds");
        for (int position = 0; position < found; position++) {
            size_t index = ready[position].data.u64;
            struct stream *stream = &table[index];
            ssize_t got = read(descriptors[index], buffer, sizeof buffer);
            if (got < 0 && errno == EAGAIN) continue;
            if (got <= 0) fail("a stream ended before its end");
            size_t events = take(stream, buffer, (size_t)got);
            total.bytes += (size_t)got;
            total.events += events;
            total.reads_with_events += events > 0;
            if (events > total.most_events_in_a_read) total.most_events_in_a_read = events;
            bool arrived = hold ? events > 0 && !stream->has_event : stream->place == DONE;
            stream->has_event |= events > 0;
            if (!arrived) continue;
            waiting--;
            total.streams++;
            if (!hold) close(descriptors[index]);
        }
    }
    printf("{\"streams\": %zu, \"events\": %zu, \"bytes\": %zu, \"reads\": %zu, \"most_in_a_read\": %zu, \"seconds\": %.3f}\n",
           total.streams, total.events, total.bytes, total.reads_with_events, total.most_events_in_a_read, now() - started);
    fflush(stdout);
    if (hold) while (read(0, buffer, sizeof buffer) > 0) {}
    return 0;
}
