/// The source of the configuration page.
package protocol ConfigurationReporting: Sendable {
    /// The effective configuration as YAML, secrets masked. Called on the admin loop, for each request.
    var shown: String { get }
}
