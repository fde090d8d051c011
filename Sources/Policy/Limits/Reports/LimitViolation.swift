/// A limit that a request does not fit under, of one scope.
struct LimitViolation {
    /// The way in which the limit gets room.
    enum Way: Equatable {
        /// By itself, after so many microseconds.
        case time(Int64)
        /// By the end of requests in flight, at an unknown time: not before `atLeast` microseconds, and by itself after `atMost`.
        case others(atLeast: Int64, atMost: Int64)
        /// Not while requests ask for as much: the limit does not refill.
        case exhausted
        /// Never: more is asked for than the whole limit.
        case never

        /// The way in which two limits have room together.
        static func & (left: Way, right: Way) -> Way {
            switch (left, right) {
            case (.never, _), (_, .never): .never
            case (.exhausted, _), (_, .exhausted): .exhausted
            case (.time(let left), .time(let right)): .time(max(left, right))
            case (.time(let time), .others(let least, let most)), (.others(let least, let most), .time(let time)):
                .others(atLeast: max(least, time), atMost: max(most, time))
            case (.others(let least, let most), .others(let otherLeast, let otherMost)):
                .others(atLeast: max(least, otherLeast), atMost: max(most, otherMost))
            }
        }

        /// The order of ways from the first to have room to the last.
        fileprivate var rank: (Int, Int64) {
            switch self {
            case .time(let microseconds): (0, microseconds)
            case .others(let least, _): (1, least)
            case .exhausted: (2, 0)
            case .never: (3, 0)
            }
        }
    }

    let kind: LimitKind
    let limit: Int64
    let used: Int64
    let reserved: Int64
    let asked: Int64
    var way: Way

    init(_ kind: LimitKind, _ limit: Int64, used: Int64, reserved: Int64, asked: Int64, _ way: Way) {
        self.kind = kind
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.asked = asked
        self.way = way
    }

    /// Returns true where this limit has room later than `other`.
    func isWorse(than other: LimitViolation) -> Bool { way.rank > other.way.rank }

    /// Replaces `worst` by `other` where that has room later. The way is that of both together.
    static func keepWorse(_ worst: inout LimitViolation?, _ other: LimitViolation?) {
        guard let other else { return }
        guard let known = worst else {
            worst = other
            return
        }
        worst = other.isWorse(than: known) ? other : known
        worst?.way = known.way & other.way
    }
}
