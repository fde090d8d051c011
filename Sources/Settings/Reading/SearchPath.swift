/// Where the configuration is looked for.
package enum SearchPath: Hashable, Sendable {
    /// In this file, which somebody named: it is an error where it cannot be read.
    case file(String)
    /// In the first of these files that is there; without any, the defaults and the environment are the configuration.
    case firstOf([String])

    /// The order of look-up: `option` (`--config`), then `$PROPYLON_CONFIG`, then the usual places.
    package init(option: String?, environment: [String: String]) {
        if let option {
            self = .file(option)
        } else if let file = environment["PROPYLON_CONFIG"], !file.isEmpty {
            self = .file(file)
        } else {
            self = .firstOf(Self.usualPlaces)
        }
    }

    /// The files that are looked for where none is named, in this order.
    package static let usualPlaces = ["./config/propylon.yaml", "/etc/propylon/propylon.yaml"]
}
