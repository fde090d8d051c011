import Foundation

@testable import propylon

extension TimeText {
    /// Clocks an hour east of UTC in winter and two in summer.
    static let paris = TimeText(zone: TimeZone(identifier: "Europe/Paris")!)
}
