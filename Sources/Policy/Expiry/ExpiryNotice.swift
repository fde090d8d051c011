import Bytes
import Clocks

/// Something that expires: it does not work from a moment on, unless it is renewed.
package struct Expiring: Hashable, Sendable {
    /// The kinds, each with the times of its notices.
    package enum Kind: String, Sendable, CaseIterable {
        case certificate, key

        /// The days before the end at which a notice is due, the longest first; 0 for the end itself.
        ///
        /// A key is made to end. The end of a certificate is a fault.
        package var days: [Int64] {
            switch self {
            case .certificate: [21, 7, 1, 0]
            case .key: [14, 3, 1]
            }
        }

        /// The days before the end at which the first notice is due: what expires within them expires soon.
        package var soon: Int64 { days.first ?? 0 }
    }

    /// The kind.
    package let kind: Kind
    /// The id among those of its kind.
    package let id: String
    /// The first moment at which it does not work.
    package let expiresAt: Timestamp

    /// The thing with these facts.
    package init(_ kind: Kind, _ id: String, expiresAt: Timestamp) {
        self.kind = kind
        self.id = id
        self.expiresAt = expiresAt
    }
}

/// A notice that something expires within a number of days. Each is given once, whatever the clock does.
///
/// After a time without looks the shortest one that is due says all, so longer ones are left out. A clock that was ahead has
/// given notices of later days alone: those of the true time are still due.
package struct ExpiryNotice: Hashable, Sendable {
    /// The time after its end at which something is forgotten, such as an old authority in a bundle.
    package static let memory = Duration.days(365)

    /// What expires.
    package let subject: Expiring
    /// The days of the notice, of `Expiring.Kind.days`.
    package let days: Int64

    /// The notice about `subject` that is due at `now`; nil without one.
    package init?(_ subject: Expiring, at now: Timestamp) {
        let left = subject.expiresAt - now
        guard left > .zero - Self.memory,
            let days = subject.kind.days.last(where: { left <= .days($0) }),
            days == 0 || left > .zero
        else { return nil }
        self.subject = subject
        self.days = days
    }
}

extension Duration {
    /// `count` days of 24 hours.
    package static func days(_ count: Int64) -> Duration { .seconds(count.multipliedSaturated(by: 86_400)) }
}
