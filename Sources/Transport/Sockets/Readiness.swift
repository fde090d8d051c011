/// The operations that a descriptor can do without waiting.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A read returns at once, with bytes, the end or an error.
    package static let readable = Readiness(rawValue: 1)
    /// A write returns at once, and takes at least one byte or fails.
    package static let writable = Readiness(rawValue: 2)
    /// The peer sends nothing more: it has closed the connection or its sending half.
    package static let peerFinished = Readiness(rawValue: 4)
    /// The connection is dead: reset or refused.
    package static let broken = Readiness(rawValue: 8)

    // Unions for each request: a literal of a set is made by a generic loop in other modules.
    package static let readableOrFinished = Readiness(rawValue: readable.rawValue | peerFinished.rawValue)
    static let readableOrWritable = Readiness(rawValue: readable.rawValue | writable.rawValue)
}
