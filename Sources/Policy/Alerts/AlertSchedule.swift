import Bytes
import Clocks

/// The times of attempts to deliver alerts to one recipient.
///
/// The pauses are those that Standard Webhooks recommends, up to two hours: alerts are delivered in their order, so the pause of
/// the first one is that of all.
package struct AlertSchedule: Sendable {
    /// The pauses after the first failures in a row; the last one is that after all further ones.
    package var pauses: [Duration] = [.seconds(5), .seconds(300), .seconds(1800), .seconds(7200)]
    /// The age at which an alert is given up: three days.
    package var patience = Duration.seconds(259_200)
    /// The time between two looks for new events.
    package var poll = Duration.seconds(1)

    /// The values of a gateway.
    package init() {}

    /// The pause after `failures` in a row, with up to a fifth more or less, so that recipients are not called in step.
    ///
    /// - Parameters:
    ///   - chance: a random number, 0 to 1.
    ///   - wished: the pause that the recipient asks for; nil where it asks for none.
    package func pause(after failures: Int64, chance: Double, wished: Duration?) -> Duration {
        let index = max(0, min(failures.subtractingSaturated(1), Int64(pauses.count - 1)))
        let pause = pauses.isEmpty ? poll : pauses[Int(index)]
        return max(pause * (0.8 + 0.4 * min(max(chance, 0), 1)), wished ?? .zero)
    }

    /// True for an alert of the moment `at` that is given up at `now`.
    package func isGivenUp(_ at: Timestamp, at now: Timestamp) -> Bool { now - at >= patience }
}
