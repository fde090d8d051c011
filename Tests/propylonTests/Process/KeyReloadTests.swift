import Store
import Synchronization
import Testing

@testable import propylon

@Suite struct KeyReloadTests {
    private final class Fault: Sendable {
        let error = Mutex<LedgerError?>(nil)
        func set(_ new: LedgerError?) { error.withLock { $0 = new } }
    }

    private let log = LogRecorder()
    private let fault = Fault()
    private let busy = LedgerError.busy(path: "/data/ledger.db")

    private var reload: KeyReload { KeyReload(log: log.logger) { [fault] in fault.error.withLock { $0 } } }

    @Test func successIsSilent() {
        let reload = reload
        for _ in 0..<3 { reload.reload() }
        #expect(log.messages.isEmpty)
    }

    @Test func aFailureIsLoggedOnceWithItsCause() {
        let reload = reload
        fault.set(busy)
        for _ in 0..<3 { reload.reload() }
        #expect(log.messages == ["warning " + KeyReloadTests.warning + " cause=\(busy)"])
    }

    @Test func theEndOfAFailureIsLoggedOnce() {
        let reload = reload
        fault.set(busy)
        reload.reload()
        fault.set(nil)
        for _ in 0..<3 { reload.reload() }
        #expect(log.messages.last == "notice the keys can be read again; all changes have taken effect")
        #expect(log.messages.count == 2)
    }

    @Test func aSecondFailureIsLoggedToo() {
        let reload = reload
        for error in [busy, nil, LedgerError.diskFull(path: "/data/ledger.db"), nil] {
            fault.set(error)
            reload.reload()
        }
        #expect(log.messages.count == 4)
    }

    @Test func theTimerReloads() async {
        let reload = reload
        fault.set(busy)
        reload.start()
        let isLogged = await log.waitFor(Self.warning)
        #expect(isLogged)
        reload.cancel()
    }

    private static let warning = "changes of keys do not take effect, revocations included: the keys cannot be read"
}
