import Clocks
import Policy

/// A change of the costs of past requests, and the time of the command that made it.
package struct UsageRepricing: Sendable {
    /// The time of the command.
    package let madeAt: Timestamp
    /// The change, with the quarter of an hour in which the requests began.
    package let change: CostCorrection
}
