import COpenSSL
import Synchronization

/// A session that a client can resume.
protocol Resumable: AnyObject, Sendable {
    /// True if it may serve only one connection.
    var isForOneUse: Bool { get }
    /// False if the server cannot resume it.
    var isUsable: Bool { get }
}

/// The sessions that a client can resume, by the name of the server that granted them.
///
/// A resumed session needs no certificate and half the computation. It was verified for one server name, so the cache returns it
/// for that name only.
final class ResumptionCache<Session: Resumable>: Sendable {
    /// The most servers in the cache. A client of one upstream needs one.
    static var nameLimit: Int { 64 }
    /// The most sessions of one server: several connections that are opened at once can all resume.
    static var sessionLimit: Int { 8 }

    private let sessions = Mutex<[String: [Session]]>([:])

    /// Stores a session. Replaces the oldest if there are `sessionLimit`.
    func insert(_ session: Session, for name: String) {
        sessions.withLock { sessions in
            if sessions[name] == nil, sessions.count >= Self.nameLimit, let victim = sessions.keys.first {
                sessions[victim] = nil
            }
            if sessions[name, default: []].count >= Self.sessionLimit { sessions[name]?.removeFirst() }
            sessions[name, default: []].append(session)
        }
    }

    /// Returns the newest usable session; nil if there is none. Removes it if it is for one use.
    func take(for name: String) -> Session? {
        sessions.withLock { sessions in
            guard var known = sessions.removeValue(forKey: name) else { return nil }
            defer { if !known.isEmpty { sessions[name] = known } }
            while let newest = known.popLast() {
                guard newest.isUsable else { continue }
                if !newest.isForOneUse { known.append(newest) }
                return newest
            }
            return nil
        }
    }

    /// Removes the sessions of `name`.
    func removeAll(for name: String) {
        sessions.withLock { _ = $0.removeValue(forKey: name) }
    }

    /// The number of names with sessions, and the number of sessions.
    var counts: (names: Int, sessions: Int) {
        sessions.withLock { ($0.count, $0.values.reduce(0) { $0 + $1.count }) }
    }
}

/// A session of OpenSSL that no connection uses.
///
/// It is copied when it is stored and when it is used, because OpenSSL marks the session of a connection that ends without
/// `close_notify` as not resumable. TLS has dropped that rule (RFC 5246 section 7.2.1), and servers close idle connections in that
/// way.
///
/// - Soundness of `@unchecked Sendable`: nothing changes the session after `init`, and OpenSSL counts shared parts atomically.
final class StoredSession: Resumable, @unchecked Sendable {
    let pointer: OpaquePointer

    /// Nil if memory runs out.
    init?(copying session: OpaquePointer) {
        guard let pointer = SSL_SESSION_dup(session) else { return nil }
        self.pointer = pointer
    }

    deinit { SSL_SESSION_free(pointer) }

    func copy() -> StoredSession? { StoredSession(copying: pointer) }

    /// True for a ticket of TLS 1.3: a second use would let observers link the two connections (RFC 8446 appendix C.4).
    var isForOneUse: Bool { SSL_SESSION_get_protocol_version(pointer) >= TLS1_3_VERSION }

    /// False if the server gave neither id nor ticket.
    var isUsable: Bool { SSL_SESSION_is_resumable(pointer) == 1 }
}
