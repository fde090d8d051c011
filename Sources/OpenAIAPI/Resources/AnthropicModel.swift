import Bytes
import Scanners

/// A model as Anthropic's API describes it, made of the upstream's entry in OpenAI's form.
package struct AnthropicModel {
    private static let id = 0
    private static let displayName = 1
    private static let createdAt = 2
    private static let created = 3
    private static let maxInputTokens = 4
    private static let maxModelLength = 5
    private static let paths = JSONPathSet(
        ["id", "display_name", "created_at", "created", "max_input_tokens", "max_model_len"].map { JSONPath($0) })
    /// The last second of the year 9999: RFC 3339 has four digits for a year.
    private static let lastSecond: Int64 = 253_402_300_799

    private let id: String
    private let displayName: String
    private let createdAt: String
    private let maxInputTokens: Int64?

    /// Reads the JSON object `entry`; nil if it is not one or has no id.
    ///
    /// - Parameters:
    ///   - name: The name of the model where it is listed as an alias; nil for the id of the entry.
    ///   - timeText: Writes a moment in Unix seconds as RFC 3339 says.
    package init?(_ entry: Span<UInt8>, named name: String? = nil, timeText: (Int64) -> String) {
        var scanner = JSONScanner(Self.paths, acceptsNonFinite: true)
        do throws(JSONError) {
            try scanner.scan(entry)
            try scanner.finish()
        } catch { return nil }
        guard let id = name ?? scanner.string(Self.id) else { return nil }
        self.id = id
        displayName = (name == nil ? scanner.string(Self.displayName) : nil) ?? id
        createdAt =
            scanner.string(Self.createdAt)
            ?? timeText(min(max(scanner.integer(Self.created) ?? 0, 0), Self.lastSecond))
        maxInputTokens = scanner.integer(Self.maxInputTokens) ?? scanner.integer(Self.maxModelLength)
    }

    /// The response to `GET /v1/models/{id}`.
    package var document: [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// Appends the object with all members of the API. What is not known of a model is null.
    func append(to output: inout [UInt8]) {
        output.append(#"{"type":"model","id":"#)
        JSONString.append(id, to: &output)
        output.append(#","display_name":"#)
        JSONString.append(displayName, to: &output)
        output.append(#","created_at":"#)
        JSONString.append(createdAt, to: &output)
        output.append(#","max_input_tokens":"#)
        output.append(contentsOf: (maxInputTokens.map { "\($0)" } ?? "null").utf8)
        output.append(
            #","max_tokens":null,"capabilities":null,"line":null,"lifecycle":"active","deprecated_at":null,"retires_at":null}"#
        )
    }
}
