import HTTP1
import HTTPServer

/// Browser apps that may read responses (the Fetch standard's CORS protocol).
///
/// Clients send their key in a header and no cookies, so that the wildcard covers every header that a response exposes.
struct CrossOrigin: Sendable {
    private let origins: [String]
    private let allowsAll: Bool

    /// - Parameter origins: as browsers write them, such as `https://app.example:8443`; `*` for every one.
    init(_ origins: [String]) {
        self.origins = origins
        allowsAll = origins.contains("*")
    }

    /// True where there is an app that may read responses.
    var isUsed: Bool { !origins.isEmpty }

    /// The fields that let the app which sent `request` read the response; none where it may not, or where no browser asks.
    func fields(for request: HeaderFields) -> [(name: StaticString, value: String)] {
        guard isUsed, request.contains("origin") else { return [] }
        // A cache must not give one origin's response to another, whether that one is allowed or not.
        return allowed(for: request).map { allowed(origin: $0) + vary } ?? vary
    }

    /// The fields for a client whose request could not be read: those that hold for every origin.
    var fieldsWithoutRequest: [(name: StaticString, value: String)] { allowsAll ? allowed(origin: "*") : [] }

    /// The origin to allow in the answer to `request`; nil where the app may not read it.
    private func allowed(for request: HeaderFields) -> String? {
        guard let origin = request.first("origin") else { return nil }
        if allowsAll { return "*" }
        let name = request.string(origin)
        return origins.contains(name) ? name : nil
    }

    private func allowed(origin: String) -> [(name: StaticString, value: String)] {
        [("access-control-allow-origin", origin), ("access-control-expose-headers", "*")]
    }

    /// Responses are the same for all origins where all are allowed.
    private var vary: [(name: StaticString, value: String)] { allowsAll ? [] : [("vary", "origin")] }

    /// Time for which a browser may keep the answer to a preflight, in seconds. Browsers cap it at two hours.
    private static let maxAge = "7200"

    /// False for nearly every request, at the cost of one comparison.
    static func mayBePreflight(_ head: RequestHead) -> Bool { head.method.count == 7 }

    /// The fields of the answer to the preflight `head`; nil for every other request. A browser asks without a key.
    func preflight(_ head: RequestHead) -> [(name: StaticString, value: String)]? {
        let request = head.fields
        guard isUsed, request.equals(head.method, "options"), request.contains("origin"),
            request.contains("access-control-request-method")
        else { return nil }
        var fields = fields(for: request)
        guard allowed(for: request) != nil else { return fields }
        fields.append(("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"))
        if let asked = request.first("access-control-request-headers") {
            fields.append(("access-control-allow-headers", request.string(asked)))
        }
        fields.append(("access-control-max-age", Self.maxAge))
        return fields
    }
}
