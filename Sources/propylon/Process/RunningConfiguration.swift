import Settings
import Synchronization

/// The configuration that all parts of a gateway use now. A reload replaces it.
final class RunningConfiguration: Sendable {
    private let value: Mutex<Configuration>

    /// The configuration of the start.
    init(_ configuration: Configuration) { value = Mutex(configuration) }

    var current: Configuration { value.withLock { $0 } }

    func use(_ configuration: Configuration) { value.withLock { $0 = configuration } }
}
