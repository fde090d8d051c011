#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* What OpenSSL offers as macros that Swift cannot import. No logic here. */

static const uint64_t COpenSSL_noRenegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t COpenSSL_noCompression = SSL_OP_NO_COMPRESSION;
static const uint64_t COpenSSL_ignoreUnexpectedEnd = SSL_OP_IGNORE_UNEXPECTED_EOF;
static const unsigned long COpenSSL_nameOnOneLine = XN_FLAG_RFC2253;

static inline long COpenSSL_setMinimumVersion(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline void COpenSSL_setMode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }
static inline void COpenSSL_setReadAhead(SSL_CTX *context, int enabled) { SSL_CTX_set_read_ahead(context, enabled); }
static inline void COpenSSL_setSessionCacheMode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}
static inline long COpenSSL_setServerName(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name); }

static inline void COpenSSL_getChain(SSL_CTX *context, STACK_OF(X509) **chain) {
    SSL_CTX_get0_chain_certs(context, chain);
}
static inline int COpenSSL_certificateCount(STACK_OF(X509) *certificates) { return sk_X509_num(certificates); }
static inline X509 *COpenSSL_certificate(STACK_OF(X509) *certificates, int index) {
    return sk_X509_value(certificates, index);
}
static inline void COpenSSL_freeCertificates(STACK_OF(X509) *certificates) { sk_X509_pop_free(certificates, X509_free); }
