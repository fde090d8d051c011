/// A limit that a request does not fit under, of one scope.
struct LimitViolation {
    let kind: LimitKind
    let limit: Int64
    let used: Int64
    let reserved: Int64
    let asked: Int64
    private(set) var remedy: LimitRefusal.Remedy

    init(
        _ kind: LimitKind, _ limit: Int64, used: Int64, reserved: Int64, asked: Int64, _ remedy: LimitRefusal.Remedy
    ) {
        self.kind = kind
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.asked = asked
        self.remedy = remedy
    }

    /// The wait in microseconds; the largest number where no wait helps, and 0 where its end is unknown.
    var severity: Int64 {
        switch remedy {
        case .askForLess: .max
        case .wait(let microseconds): microseconds
        case .waitForOthers: 0
        }
    }

    /// Shortens a wait to at most `microseconds`, and at least 1.
    mutating func wait(atMost microseconds: Int64) {
        if case .wait(let wait) = remedy { remedy = .wait(microseconds: max(1, min(wait, microseconds))) }
    }

    /// Replaces `worst` by `other` where that is more severe.
    static func keepWorse(_ worst: inout LimitViolation?, _ other: LimitViolation?) {
        guard let other else { return }
        if let worst, worst.severity >= other.severity { return }
        worst = other
    }
}
