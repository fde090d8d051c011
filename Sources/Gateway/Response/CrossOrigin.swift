import HTTP1
import HTTPServer

/// Browser apps that may read responses (the Fetch standard's CORS protocol).
///
/// Clients send their key in a header and no cookies, so that the wildcard covers every header that a response exposes.
struct CrossOrigin: Sendable {
    private let origins: [String]
    /// True where there is an app that may read responses.
    let isUsed: Bool
    private let allowsAll: Bool

    /// - Parameter origins: as browsers write them, such as `https://app.example:8443`; `*` for every one.
    init(_ origins: [String]) {
        self.origins = origins
        isUsed = !origins.isEmpty
        allowsAll = origins.contains("*")
    }

    /// The fields that let the app which sent `request` read the response; none where it may not, or where no browser asks.
    func fields(for request: HeaderFields) -> [(name: StaticString, value: String)] {
        guard !origins.isEmpty, let origin = request.first("origin") else { return [] }
        let expose: (name: StaticString, value: String) = ("access-control-expose-headers", "*")
        if allowsAll { return [("access-control-allow-origin", "*"), expose] }
        let name = request.string(origin)
        // A cache must not give one origin's response to another, whether that one is allowed or not.
        guard origins.contains(name) else { return [("vary", "origin")] }
        return [("access-control-allow-origin", name), ("vary", "origin"), expose]
    }

    /// The fields for a client whose request could not be read: those that hold for every origin.
    var fieldsWithoutRequest: [(name: StaticString, value: String)] {
        allowsAll ? [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")] : []
    }

    /// Time for which a browser may keep the answer to a preflight, in seconds. Browsers cap it at two hours.
    private static let maxAge = "7200"

    /// False for nearly every request, at the cost of one comparison.
    static func mayBePreflight(_ head: RequestHead) -> Bool { head.method.count == 7 }

    /// The fields of the answer to the preflight `head`; nil for every other request. A browser asks without a key.
    func preflight(_ head: RequestHead) -> [(name: StaticString, value: String)]? {
        let request = head.fields
        guard !origins.isEmpty, request.equals(head.method, "options"), request.contains("origin"),
            request.contains("access-control-request-method")
        else { return nil }
        var fields = fields(for: request)
        guard fields.contains(where: { $0.value != "origin" }) else { return fields }
        fields.append(("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"))
        if let asked = request.first("access-control-request-headers") {
            fields.append(("access-control-allow-headers", request.string(asked)))
        }
        fields.append(("access-control-max-age", Self.maxAge))
        return fields
    }
}
