import COpenSSL
import Synchronization

/// What a client keeps of a connection in order to resume it.
protocol Resumable: AnyObject, Sendable {
    /// Whether only one connection may be made with it.
    var isForOneUse: Bool { get }
    /// Whether TLS would still try it.
    var isUsable: Bool { get }
}

/// The sessions that a client may resume, by the name of the server that granted them.
///
/// A resumed session needs no certificate and half the computing. It was verified for its name when it was made, so it
/// is given out for that name alone.
final class ResumptionCache<Session: Resumable>: Sendable {
    /// How many servers are remembered: a client of one upstream needs one.
    static var nameLimit: Int { 64 }
    /// How many sessions are kept for each, so that several connections that are opened at once can all resume.
    static var sessionLimit: Int { 8 }

    private let sessions = Mutex<[String: [Session]]>([:])

    /// Keeps a session, in place of the oldest where there are enough.
    func insert(_ session: Session, for name: String) {
        sessions.withLock { sessions in
            if sessions[name] == nil, sessions.count >= Self.nameLimit, let victim = sessions.keys.first {
                sessions[victim] = nil
            }
            if sessions[name, default: []].count >= Self.sessionLimit { sessions[name]?.removeFirst() }
            sessions[name, default: []].append(session)
        }
    }

    /// Gives out the newest session, and forgets it where it is for one use.
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

    /// Forgets what `name` granted.
    func removeAll(for name: String) {
        sessions.withLock { _ = $0.removeValue(forKey: name) }
    }

    /// How many names have sessions, and how many they have together.
    var counts: (names: Int, sessions: Int) {
        sessions.withLock { ($0.count, $0.values.reduce(0) { $0 + $1.count }) }
    }
}

/// A session of OpenSSL's that no connection uses.
///
/// A copy on the way in and one on the way out, because OpenSSL marks the session of a connection that ends without
/// `close_notify` as not resumable. TLS has given that up (RFC 5246 section 7.2.1), and servers drop idle connections
/// in that way.
final class StoredSession: Resumable, @unchecked Sendable {
    // Unchecked: nothing changes it after `init`, and what its copies share with it is counted atomically.
    let pointer: OpaquePointer

    /// Nil where memory runs out.
    init?(copying session: OpaquePointer) {
        guard let pointer = SSL_SESSION_dup(session) else { return nil }
        self.pointer = pointer
    }

    deinit { SSL_SESSION_free(pointer) }

    func copy() -> StoredSession? { StoredSession(copying: pointer) }

    /// A ticket of TLS 1.3 is used once, as a second use would let onlookers link the two connections (RFC 8446
    /// appendix C.4).
    var isForOneUse: Bool { SSL_SESSION_get_protocol_version(pointer) >= TLS1_3_VERSION }

    /// False where the server gave neither id nor ticket.
    var isUsable: Bool { SSL_SESSION_is_resumable(pointer) == 1 }
}
