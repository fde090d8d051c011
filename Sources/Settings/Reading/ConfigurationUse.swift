/// The members that a command uses. A variable that is not set, or a file that this user may not read, is no error in others.
///
/// So the operator who looks at keys needs no secret of the service.
package struct ConfigurationUse: Sendable {
    private var unused: Set<String>

    /// All members.
    package static let everything = ConfigurationUse(unused: [])
    /// The data folder, and what keys, limits and reports depend on.
    package static let ledger = ConfigurationUse(
        unused: ["listen", "admin", "machine_name", "cors", "upstream", "limits", "alerts", "telemetry", "log"])
    /// The same, and the admin listener of the running gateway with one of its tokens.
    package static let gateway = ledger.with("admin").without("admin.tokens")

    /// The recipients of alerts, and what their messages depend on.
    package static let alerts = ConfigurationUse(
        unused: [
            "listen", "admin", "cors", "upstream.base_url", "upstream.api_keys", "upstream.fallbacks", "limits", "log",
        ])

    private func with(_ section: String) -> ConfigurationUse { ConfigurationUse(unused: unused.subtracting([section])) }

    /// The same without the member `section`, for which the command line has another value.
    package func without(_ section: String) -> ConfigurationUse { ConfigurationUse(unused: unused.union([section])) }

    /// True where the command uses the member at `path`, as `admin.token` or `listen[0]`.
    func includes(_ path: String) -> Bool {
        !unused.contains { path == $0 || path.hasPrefix("\($0).") || path.hasPrefix("\($0)[") }
    }
}
