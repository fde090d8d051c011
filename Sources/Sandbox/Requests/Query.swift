import Bytes

/// The parameters of a URL's query.
struct Query: Sendable {
    private let text: String

    /// - Parameter text: the query without its `?`; nil for none.
    init(_ text: String?) { self.text = text ?? "" }

    /// The first value of the parameter `name`; empty for a parameter without `=`.
    subscript(_ name: String) -> String? {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0].percentDecoded == name { return parts.count == 2 ? parts[1].percentDecoded : "" }
        }
        return nil
    }
}

extension StringProtocol {
    /// The text with its percent-escapes resolved; a malformed escape stays as it is.
    var percentDecoded: String {
        String(decoding: PercentCoding.decoded(Array(utf8).span), as: UTF8.self)
    }
}
