import GRDB
import Glibc

/// The patience of a process while another one writes to the same ledger.
package enum LockWait: Sendable {
    /// Five seconds: for a gateway, which keeps its rows and tries again.
    case briefly
    /// Five minutes: for a command. It calls the function once, after a second, so that people know what it waits for.
    case patiently(saying: @Sendable () -> Void)

    /// The pause between two tries, a hundredth of a second.
    private static let pauseMicroseconds: UInt32 = 10_000
    private static let triesOfASecond = 100

    private var mostTries: Int {
        switch self {
        case .briefly: 5 * Self.triesOfASecond
        case .patiently: 300 * Self.triesOfASecond
        }
    }

    /// Waits until the next try, after `tries` tries of before. Returns false where the time has passed.
    func goesOn(after tries: Int) -> Bool {
        guard tries < mostTries else { return false }
        if case .patiently(let say) = self, tries == Self.triesOfASecond { say() }
        usleep(Self.pauseMicroseconds)
        return true
    }

    /// The same for SQLite.
    var busyMode: Database.BusyMode { .callback { tries in goesOn(after: tries) } }
}
