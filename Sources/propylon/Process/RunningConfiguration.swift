import Admin
import Settings
import Synchronization

/// The configuration that all parts of a gateway use now.
final class RunningConfiguration: ConfigurationReporting {
    private let value: Mutex<Configuration>

    init(_ configuration: Configuration) { value = Mutex(configuration) }

    /// The configuration now.
    var current: Configuration { value.withLock { $0 } }

    /// Uses `configuration` from now on.
    func use(_ configuration: Configuration) { value.withLock { $0 = configuration } }

    // Yams fails for texts that are not Unicode alone, and no configuration has one.
    var shown: String { (try? current.show()) ?? "" }
}
