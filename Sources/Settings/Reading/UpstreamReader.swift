import Yams

/// Reads `upstream`.
enum UpstreamReader {
    /// The vendor's own programs read the same two variables.
    private static let defaultURL = "${LLMAAS_API_URL:-https://api.ai.cloud-temple.com/v1}"
    private static let keyVariable = "LLMAAS_API_KEY"

    static func read(_ section: ConfigSection) -> Configuration.Upstream {
        let url = value("base_url", of: section, default: defaultURL).value(.url)
        // Where there is none an error has been reported, and what is returned is not used.
        var upstream = Configuration.Upstream(baseURL: url ?? .vendor)
        let keys = section.entry("api_keys").flatMap { $0.isNull ? nil : $0 }
        upstream.apiKeys = (keys ?? entry("${\(keyVariable)}", for: "api_keys", of: section)).elements.compactMap {
            // Without this one key there is no upstream yet; whoever starts the gateway then decides what that means.
            $0.isNull ? nil : $0.value(.headerSecret, optionalVariables: [keyVariable])
        }
        section.setOrClear(&upstream.tier, "tier", .text)
        section.set(&upstream.connectTimeout, "connect_timeout", .duration(.timeout))
        section.set(&upstream.firstByteTimeout, "first_byte_timeout", .duration(.timeout))
        section.set(&upstream.idleTimeout, "idle_timeout", .duration(.timeout))
        section.set(&upstream.maxConnections, "max_connections", .integer(1...1_000_000))
        section.set(&upstream.retries, "retries", .integer(0...10))
        section.setOrClear(&upstream.caFile, "ca_file", .path)
        section.finish()
        return upstream
    }

    private static func value(_ name: String, of section: ConfigSection, default text: String) -> Entry {
        if let entry = section.entry(name), !entry.isNull { return entry }
        return entry(text, for: name, of: section)
    }

    /// A member that is not in the file, as if it stood there.
    private static func entry(_ text: String, for name: String, of section: ConfigSection) -> Entry {
        Entry(
            node: Node(text), path: section.join(name), pattern: section.join(name),
            position: section.position(of: name), reading: section.reading)
    }
}

extension UpstreamURL {
    /// The vendor's own.
    static let vendor = UpstreamURL(isSecure: true, host: "api.ai.cloud-temple.com", port: 443, path: "/v1")

    private init(isSecure: Bool, host: String, port: Int, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }
}
