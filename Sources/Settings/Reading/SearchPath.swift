/// The places of the configuration file.
package enum SearchPath: Hashable, Sendable {
    /// A file that the user named, which must be readable.
    case file(String)
    /// The first of these files that exists. Without any, the defaults and the environment are the configuration.
    case firstOf([String])

    /// `option` (`--config`), else `$PROPYLON_CONFIG`, else the usual places.
    package init(option: String?, environment: [String: String]) {
        if let option {
            self = .file(option)
        } else if let file = environment["PROPYLON_CONFIG"], !file.isEmpty {
            self = .file(file)
        } else {
            self = .firstOf(Self.usualPlaces)
        }
    }

    /// The files that are tried where the user names none, in this order.
    package static let usualPlaces = ["./config/propylon.yaml", "/etc/propylon/propylon.yaml"]
}
