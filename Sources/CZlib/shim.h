#pragma once
#include <zlib.h>

/* `inflateInit2` is a macro, which Swift cannot import. 15 + 32: zlib or gzip, told apart by their headers. */
static inline int CZlib_inflateInit(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
