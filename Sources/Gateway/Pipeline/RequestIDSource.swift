import Clocks
import Policy
import Synchronization

/// Makes request ids that are unique in the process and across processes.
///
/// The system's random numbers cost a system call each, so they are asked for once: SplitMix64 maps a counter, offset by
/// that random start, one to one to numbers that look random. An id is a name, not a secret.
final class RequestIDSource: Sendable {
    private let counter: Atomic<UInt64>
    private let salt: UInt64

    init() {
        counter = Atomic(UInt64.random(in: 0 ... .max))
        salt = .random(in: 0 ... .max)
    }

    func next(at now: Timestamp) -> RequestID {
        let number = nextNumber()
        return RequestID(at: now, random: (Self.mixed(number ^ salt), Self.mixed(number)))
    }

    /// 64 bits for another id, such as that of a span. No two calls return the same ones.
    func nextBits() -> UInt64 { Self.mixed(nextNumber()) }

    @inline(__always)
    private func nextNumber() -> UInt64 { counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
