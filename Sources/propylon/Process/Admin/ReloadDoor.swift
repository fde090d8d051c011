import Synchronization

/// The way from the admin API to the reload of the configuration, which the supervisor of the process carries out.
final class ReloadDoor: Sendable {
    private let action = Mutex<(@Sendable () throws -> ReloadReport)?>(nil)

    /// Reloads by `action` from now on.
    func open(_ action: @escaping @Sendable () throws -> ReloadReport) { self.action.withLock { $0 = action } }

    /// Reloads no more: the process ends.
    func close() { action.withLock { $0 = nil } }

    /// Reloads. Blocks. Returns nil where nobody can: the process starts or ends.
    func reload() throws -> ReloadReport? { try action.withLock { $0 }?() }
}
