import Policy

extension JournalSlot {
    /// The flags of the facts: exactness in bits 0 to 7, ending in bits 8 to 15, then one bit for each of the others.
    struct Flags {
        var exactness: Exactness
        var ending: Ending
        var streamed: Bool
        var countsAsRequest: Bool

        var bits: UInt32 {
            UInt32(exactness.code) | UInt32(ending.code) << 8 | (streamed ? 1 << 16 : 0)
                | (countsAsRequest ? 1 << 17 : 0)
        }
    }
}

extension JournalSlot.Flags {
    /// Reads one flag alone.
    static func countsAsRequest(bits: UInt32) -> Bool { bits >> 17 & 1 == 1 }

    /// Reads the flags. Returns nil for an unknown exactness or ending.
    init?(bits: UInt32) {
        guard
            let exactness = Exactness.allCases.first(where: { $0.code == UInt8(truncatingIfNeeded: bits) }),
            let ending = Ending.allCases.first(where: { $0.code == UInt8(truncatingIfNeeded: bits >> 8) })
        else { return nil }
        self.init(
            exactness: exactness, ending: ending, streamed: bits >> 16 & 1 == 1,
            countsAsRequest: Self.countsAsRequest(bits: bits))
    }
}

extension Exactness {
    /// The code in the journal. It never changes: another version may read it.
    fileprivate var code: UInt8 {
        switch self {
        case .exact: 1
        case .estimated: 2
        case .interrupted: 3
        }
    }
}

extension Ending {
    /// The code in the journal. It never changes: another version may read it.
    fileprivate var code: UInt8 {
        switch self {
        case .complete: 1
        case .refused: 2
        case .clientGone: 3
        case .upstreamFailed: 4
        case .upstreamInterrupted: 5
        case .upstreamTimeout: 6
        case .drained: 7
        case .gatewayDied: 8
        case .overrun: 9
        case .idleTimeout: 10
        case .keyRefused: 11
        case .cancelled: 12
        }
    }
}
